"""Generators: they paint what a Scene says."""
