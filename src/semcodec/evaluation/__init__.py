"""The benchmark: semcodec beside what people would use instead, on the same pictures, at the same bytes, in one run.

```text
sets      which pictures            peers     real encoders, one ladder of qualities each
measures  how good a picture is     runner    every codec on every picture -> results.jsonl
stats     means, intervals, rates   report    results.jsonl -> report.html
```

Nothing else in the library imports this package. Its own optional packages come through `require`.
"""
