"""`jobs encode`: pictures to rows with a .semc file each."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from semcodec.jobs.facts import vector_facts, words_facts
from semcodec.jobs.items import Item, Row
from semcodec.jobs.work import Work, as_setting
from semcodec.options import EncodeOptions

if TYPE_CHECKING:
    from semcodec.contracts import Extractor
    from semcodec.types import Link


class Encode(Work):
    """Pictures to .semc files. Options are those of `semcodec.encode`; by default the embedded describer looks for
    words, as on the command line.

    `describer`: a reference for `semcodec.open_describer`, which is opened with `describer_options`. `link`: each file
    names the picture that it was made from.
    """

    kind = "encode"

    def __init__(
        self,
        *,
        column: str = "image",
        name_column: str = "name",
        caption_column: str | None = None,
        describe: bool = True,
        describer: str | None = None,
        describer_options: dict[str, Any] | None = None,
        link: bool = False,
        threads: int | None = None,
        **options: Any,
    ) -> None:
        """Raises `ValueError`, `TypeError` as `semcodec.encode` does."""
        self.column, self.name_column, self.caption_column = column, name_column, caption_column
        self.options = EncodeOptions(describe=describe and describer is None, **options)
        self.limits, self.threads = self.options.limits, threads
        self.describer, self.describer_options, self.link = describer, describer_options or {}, link

    def settings(self) -> dict[str, Any]:
        given = {field.name: getattr(self.options, field.name) for field in fields(EncodeOptions)}
        told = {name: as_setting(value) for name, value in given.items() if value != _default_of(name)}
        more = {"describer": self.describer, "describer_options": self.describer_options, "link": self.link}
        return {**told, **{name: value for name, value in more.items() if value}, "describe": self.options.describe}

    @property
    def is_one_at_a_time(self) -> bool:
        return any(one is not None for one in (self.describer, self.options.describer, self.options.painter))

    @cached_property
    def opened_describer(self) -> Extractor | None:
        if self.describer is None:
            return None
        from semcodec.opening import open_describer

        return open_describer(self.describer, **self.describer_options)

    def _facts(self, item: Item, data: bytes) -> Row:
        from semcodec.encoding import encode_with
        from semcodec.file.inspecting import info
        from semcodec.pictures import load_picture

        loaded = load_picture(data, limits=self.limits, name=item.name)
        asked = replace(self.options, describer=self.opened_describer, link=self._link(item, data))
        if item.caption:
            asked = replace(asked, caption=item.caption, describe=False, describer=None)
        with self.models_for(loaded.size) as models:
            encoded = encode_with(loaded, options=asked, models=models)
        found = info(encoded.data, limits=self.limits)
        regions = None if found.regions is None else [asdict(region) for region in found.regions.items]
        return {
            "width": loaded.size.width_px,
            "height": loaded.size.height_px,
            "semc": encoded.data,
            "semc_bytes": len(encoded.data),
            "bpp": 8 * len(encoded.data) / (loaded.size.width_px * loaded.size.height_px),
            **words_facts(found.words),
            "regions": regions,
            **vector_facts(found.vector),
            "notes": [note for note in encoded.notes if note not in loaded.damage],
            "damage": list(loaded.damage),
        }

    def _link(self, item: Item, data: bytes) -> Link | None:
        from semcodec.container.boxes import base_name
        from semcodec.types import Link

        return Link.to(data, base_name(item.name)) if self.link else None


def _default_of(name: str) -> Any:
    return next(field.default for field in fields(EncodeOptions) if field.name == name)
