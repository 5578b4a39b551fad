"""What a picture shows, in numbers: 32 bytes that a search compares with words and with other pictures.

```text
 model byte    number of the space in `ids.VECTOR_SPACES`, 1: which embedder made the numbers
 payload       64 levels of 4 bits, the first in the high half of the first byte
```

Nothing in it is needed to show the picture. What the levels mean is the embedder's business (`nets/embedder.py`):
Gaussian numbers in steps of a third of their spread, which is as good as uniform, so that no entropy coder could save
more than a sixteenth.
"""

from __future__ import annotations

NUM_LEVELS = 64
NUM_BYTES = NUM_LEVELS >> 1
