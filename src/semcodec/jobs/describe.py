"""`jobs describe`: pictures to rows with what the describer sees."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from semcodec.errors import WeightsError
from semcodec.jobs.facts import guess_facts, vector_facts
from semcodec.jobs.items import Item, Row
from semcodec.jobs.work import Work
from semcodec.limits import DEFAULT_LIMITS, Limits


class Describe(Work):
    """What the embedded describer sees in pictures, sure or not, and its vector."""

    kind = "describe"

    def __init__(
        self,
        *,
        column: str = "image",
        name_column: str = "name",
        regions: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        threads: int | None = None,
    ) -> None:
        self.column, self.name_column = column, name_column
        self.regions, self.limits, self.threads = regions, limits, threads

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "regions": self.regions, "describer": self.models.name_of("describer")}

    def _facts(self, item: Item, data: bytes) -> Row:
        from semcodec.pictures import load_picture
        from semcodec.types import Region

        loaded = load_picture(data, limits=self.limits, name=item.name)
        tasks = ("caption", "keywords", *(("regions",) if self.regions else ()))
        describer = self.models.describer()
        seen = describer.see(loaded.image_HWC)
        found = describer.describe(loaded.image_HWC, tasks=tasks, seen=seen)
        try:
            vector = self.models.embedder().vector_of(seen, describer.vocabulary)
        except WeightsError:  # (there is none for this describer)
            vector = None
        regions = [
            {**asdict(guess.said), "confidence": guess.confidence}
            for guess in found.regions
            if isinstance(guess.said, Region)
        ]
        return {
            "width": loaded.size.width_px,
            "height": loaded.size.height_px,
            **guess_facts("caption", found.caption),
            **guess_facts("keywords", found.keywords),
            "regions": regions if self.regions else None,
            **vector_facts(vector),
            "notes": list(loaded.notes),
            "damage": list(loaded.damage),
        }
