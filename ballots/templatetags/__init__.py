"""Template tags of the ballots' pages."""
