"""Describers: any image-text-to-text model of transformers puts words to a picture (`semcodec.contracts.Extractor`).

```text
picture --ask (model)--> what it says, several times --tidy--> one line --fit--> at most that many bits
                                                                          `--choose (judge)--> the words
```

    describer   the Extractor, and how the steps follow each other     families    what differs from family to family
    ask         a loaded model: questions in, raw answers out          processor   with or without torchvision
    tidy        one clean line of whatever was said                    parse       answers with items or boxes
    fit         coded bits; the longest beginning within a budget      judge       how well words suit a picture
"""
