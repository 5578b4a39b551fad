"""`jobs decode`: .semc files to rows with a picture each."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from semcodec.jobs.facts import words_facts
from semcodec.jobs.items import Item, Row
from semcodec.jobs.work import Work, as_setting
from semcodec.options import PaintOptions


class Decode(Work):
    """.semc files to pictures. Options are those of `semcodec.decode`; `format` is a suffix: png, webp, jpg, avif."""

    kind = "decode"

    def __init__(
        self,
        *,
        column: str = "semc",
        name_column: str = "name",
        format: str = "png",
        threads: int | None = None,
        **options: Any,
    ) -> None:
        """Raises `ValueError`, `TypeError` as `semcodec.decode` does, and for a format that is not written."""
        from semcodec.pictures import OUTPUT_FORMATS

        if format not in OUTPUT_FORMATS:
            raise ValueError(f"format {format!r} is none of {', '.join(OUTPUT_FORMATS)}")
        self.column, self.name_column, self.format = column, name_column, format
        self.options = PaintOptions(**options)
        self.limits, self.threads = self.options.limits, threads

    def settings(self) -> dict[str, Any]:
        given = {field.name: getattr(self.options, field.name) for field in fields(PaintOptions)}
        return {**{name: as_setting(value) for name, value in given.items()}, "format": self.format}

    @property
    def is_one_at_a_time(self) -> bool:
        return self.options.painter is not None

    def _facts(self, item: Item, data: bytes) -> Row:
        import numpy as np

        from semcodec.file.inspecting import info
        from semcodec.metadata.provenance import Part
        from semcodec.painting import paint
        from semcodec.pictures import OUTPUT_FORMATS, Beside, picture_bytes

        with self.models_for(info(data, limits=self.limits).size) as models:
            painting = paint(data, options=self.options, models=models)
        kept, notes = painting.reading.metadata, list[str]()
        beside = Beside(painting.alpha_HW, kept.icc_profile, kept.exif, kept.xmp, painting.provenance)
        image = picture_bytes(
            painting.image_HWC, format=OUTPUT_FORMATS[self.format], name=item.name, beside=beside, notes=notes
        )
        parts = painting.provenance.parts_RK
        shares = {part.name.lower(): float(np.mean(parts == part)) if parts.size else None for part in Part}
        return {
            "width": painting.image_HWC.shape[1],
            "height": painting.image_HWC.shape[0],
            "image": image,
            "format": self.format,
            **words_facts(painting.reading.scene.words),
            **shares,
            "notes": notes,
            "damage": [str(warning) for warning in painting.warnings],
        }
