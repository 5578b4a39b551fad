"""Sections: what follows the header.

```text
 id byte      bit 7: the last section, it runs to the end of the file and has no length
              bit 6: open end, the payload was cut on purpose and may stop after any symbol
              bits 5..0: layer id, 1 to 63
 model byte   what the payload was coded with: number of the text table, or of the family of token networks
 length       varint, bytes of payload; absent in the last section
 payload
```

A decoder skips sections whose layer it does not know. Each known layer occurs at most once.
"""

from __future__ import annotations

LAST, OPEN, ID = 128, 64, 63  # of the id byte
