"""Tokens in packets, of which any but the first may be lost. The grammar is in `docs/packets.md`.

```text
first    check plan token*             what all others rest on
other    position token*               from a position in the order on
plan     (with? density)* end          per scale; how far the order goes
```

Promises:
1. A token's context holds tokens of the first packet and of its own packet, and no others. So a packet says the same
   whatever else was lost.
2. A packet has no end of its own: it is a prefix of a stream that goes on, cut where the room ends, and its reader
   takes every token that its bytes settle. Nothing is spent on ends and counts, and every packet but the last is full.
3. All packets together give the tokens that were split. Work is bounded by the number of tokens, whatever arrives.
"""
