"""Foundation models of the user's choice, behind the two contracts that the embedded networks use.

```text
describers   an `Extractor` that adds words to a Scene        any image-text-to-text model of transformers
painters     a `Painter` that paints a Scene                any text-to-image or image-to-image pipeline of diffusers
```

Needs the extra `hub`. Nothing in the library imports this package but the command line, and that only when a model is
named; torch, transformers and diffusers are imported when one is opened. Loading a module of this package needs none.

    references   hf:ORG/NAME[@REVISION], or a folder         fetch       to a folder: pinned, safetensors only, offline
    selection    which files of a repository are needed      weights     what safetensors headers say, without loading
    devices      device, number format, offload              require     one sentence for a missing extra
"""
