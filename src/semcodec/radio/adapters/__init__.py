"""Radios, each behind the same few methods (`radio/transport.py`); `opening` finds them by their addresses."""
