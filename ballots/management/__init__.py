"""The ballots' management commands."""
