"""Whole files, exact: read, cut, sent as packets. No network, no float."""
