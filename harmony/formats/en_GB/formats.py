"""Times with 24 hours, as on all our own pages; the rest as Django has it for British English."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
