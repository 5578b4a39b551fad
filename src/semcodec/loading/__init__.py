"""Doors for the data tools that people use already: pictures by path or URL, WebDataset, PyTorch, imageio.

None of these packages is imported before it is used here, and none is needed for anything else.
"""
