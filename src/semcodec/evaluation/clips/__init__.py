"""`semcodec bench --video`: clips beside SVT-AV1, x265 and VVC at equal bytes."""
