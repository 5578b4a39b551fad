"""Painters: any text-to-image pipeline of diffusers as a `Painter`, from words and the embedded decoder's picture.

```text
Scene --embedded decoder--> picture --strength.py--> how much of it may change
      \\-- words ----------> prompt  --pipeline.py--> pixels, tile by tile (tiles.py), checked (pixels.py)
      \\-- maps.py --------> ControlNets                      \\-- held to the file's colours (keep.py)
```

`families.json` has every fact about a family of models; no module asks for a family by its name.
"""
