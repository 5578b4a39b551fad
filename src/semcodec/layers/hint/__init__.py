"""The painter hint: which painter the encoder tried, and the best of its seeds. A section of 4 bytes and a few.

```text
 model byte    number of the painter in `ids.PAINTERS`; 0: its name is spelled out
 payload       revision      28 bits   first 7 hex digits of the commit; 0: not said
               seed bits      4 bits   n: 2^n seeds were tried
               seed           n bits   the best of them, then zero bits up to a whole byte
               name          ASCII     only for model byte 0: 1 to 96 of A-Z a-z 0-9 . _ / -, to the end of the section
```

Only a hint: nothing in it is needed to show the picture, and nothing is ever fetched or run because of it.
"""
