"""Weights: what is shipped (`models.json`), what each network is for, whether a file is the one it should be."""
