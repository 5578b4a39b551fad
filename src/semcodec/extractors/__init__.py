"""Extractors: what they see in a picture, added to its Scene."""
