"""Words to bytes and back: about one byte a word for English captions, any text exactly.

```text
encode:  text -> shape + base text -> tokens (words, spelled runs) ---.
                                                                      stream: contexts -> bits -> range coder
decode:  text <- shape + base text <- tokens -------------------------'
```

`stream` is the one definition of the format that both sides walk; `model` turns counts to probabilities, in integers;
`table` finds and reads the counts. Nothing here needs numpy, a network or the picture.
"""
