"""The frame of a packet: what is read of it before anything is decoded. `docs/packets.md` is normative.

```text
 kind and magic   1 byte    F8 to FB: F8 + kind (none of them occurs in UTF-8 text)
 file             2 bytes   the same in all packets of a file, and most likely in those of no other
 number           varint    1, 2, ...; in the first packet, how many packets there are
 body
 check            2 bytes   CRC-16 (GENIBUS) of all bytes before it
```

| kind | body |
|---|---|
| 0 first | header without its magic, family of the tokens (0: none), varint: bytes of the front, front, token stream |
| 1 front | varint: offset in the front, bytes of the front |
| 2 tokens | token stream |
| 3 back | varint: offset in the back, bytes of the back |

*Front* and *back* are the sections before and behind the tokens, each with its length.
"""
