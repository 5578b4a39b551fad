"""The base picture: one AV1 still frame without its container, and the few bits that a decoder needs beside it.

```text
encode:  BasePicture -> tools, check, frame -> section
decode:  BasePicture <- tools, check, frame <- section;   its coded size is the working size of the file's header
```

`av1` has the syntax of the sequence header, which both sides rebuild. Nothing here decodes a frame: integers alone.
"""
