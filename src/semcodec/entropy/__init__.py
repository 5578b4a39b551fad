"""Integers to bytes and back: an integer range coder and its frequency tables. Blind to pictures, words and files."""
