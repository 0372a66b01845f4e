"""A STAR ballot from roll to result."""
