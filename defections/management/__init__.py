"""The commands of the defections."""
