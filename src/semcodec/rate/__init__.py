"""Profiles: which parts of a Scene are sent, and rate control: how many bytes they may cost."""
