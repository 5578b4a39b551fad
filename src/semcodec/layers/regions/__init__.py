"""Parts of a picture in words, as one sequence: phrases and boxes, each coded from those before it.

```text
encode:  regions -> by falling area -> steps, phrases, numbers ---.
                                                                  stream: contexts -> bits -> range coder
decode:  regions <- steps, phrases, numbers ----------------------'
```

`stream` is the one definition of the format that both sides walk; the coder of words and characters is that of
`layers.text`, from which come `SymbolModel` and the words of the table, too. Nothing here needs numpy or a network.
"""
