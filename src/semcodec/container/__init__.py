"""The file's frame: header and sections. Blind to entropy coding and to what the sections hold."""
