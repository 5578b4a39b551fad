"""The pixel layer: a small grid of colours, exact, for pictures with a side below a token."""
