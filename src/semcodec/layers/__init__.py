"""The layers: each turns one part of a Scene to bytes and back. Exact: integers only, the same on every machine."""
