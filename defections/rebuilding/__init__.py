"""Files rebuilt without metadata, each in a process of its own that can take nothing with it (see bounds).

It imports nothing of ours beside itself, and neither Django: the process has to begin quickly.
"""
