"""An application whose every piece carries a word of its own, and people who look for these words everywhere."""
