"""Weights: what is shipped (`models.json`), where it lies, whether it is the file it should be."""
