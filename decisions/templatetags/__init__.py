"""Template tags of the decisions' pages."""
