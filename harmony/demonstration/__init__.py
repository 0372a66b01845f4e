"""An invented party for trying the site out: its people, its assemblies' secretaries, decisions and ballots."""
