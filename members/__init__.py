"""People: accounts, membership of the party, suspension, encrypted personal data."""
