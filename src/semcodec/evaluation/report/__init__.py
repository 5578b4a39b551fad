"""The report: one self-contained page, made from results alone. Curves are SVG written by hand; no library, no
network.
"""
