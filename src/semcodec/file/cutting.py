"""A whole file in fewer bytes: what comes first stays. No network."""

from __future__ import annotations

from semcodec.arguments import door
from semcodec.container.boxes import is_box, without_boxes
from semcodec.container.decode import read_file
from semcodec.container.encode import num_framing_bytes, write_file
from semcodec.errors import BudgetError, NoPictureError, UnknownFamilyError
from semcodec.file.reading import read
from semcodec.forks import import_together
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.layers.catalog import GIVING_WAY, layer_of, layers_named, pictures_of
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from semcodec.sources import FileSource
    from semcodec.types import FileHeader, Roi, Section


@door()
def cut(
    data: FileSource,
    *,
    bytes: int | None = None,
    roi: Roi | None = None,
    strip: bool = False,
    layers: Collection[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """A whole file of at most `bytes` bytes: the words, the regions, and the blocks that come first. No network.

    With `roi` (left, top, width and height in pixels of the picture) blocks are sent in another order: the coarsest
    scales, what shows this part of the picture, then the rest. So the part keeps its detail and the picture around it
    goes soft. What reaches beyond the picture is cut off.

    The vector goes, then the regions, where they would leave no room for a block, or for the words. Outlines are made
    coarser only where nothing of the picture is left, or for the sake of a base picture. A small grid of
    colours is coded again, coarser (`roi` changes nothing there). A base picture stays whole or goes: where it does,
    tokens that stand beside it are all that is left to shorten, and in a file without them the words alone.
    Boxes go first, from the last on, before a single block does; with `strip` all of them go (and `bytes` may be left
    out). A token stream of an unknown family is cut between any two bytes, and marked so; it has no `roi`.

    With `layers` only these are kept (and `bytes` may be left out): "semantic" (text, regions, vector), "structure",
    "signal" (tokens, base, pixels), or single ones by their names. Boxes stay.

    Raises:
        BudgetError: not even the words fit, or (without words) no block. FormatError: the file is damaged. RoiError:
        nothing of the picture lies inside `roi`.
    """
    if bytes is None and roi is not None:
        raise ValueError("roi says what is kept first, bytes how much; give both")
    if bytes is None and not strip and layers is None:
        raise ValueError("cut to how many bytes? give bytes, strip or layers, or several of them")
    kept = None if layers is None else layers_named(layers)
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    if problem is not None:
        raise problem
    if roi is not None:
        import_together("semcodec.layers.tokens.roi")
        from semcodec.layers.tokens.roi import clipped_roi

        roi = clipped_roi(roi, header.size)
    wanted = without_boxes(sections) if strip else list(sections)
    if kept is not None:
        there = {section.layer for section in wanted if not is_box(section)}
        if not there & kept:
            has = [s.layer for s in wanted if not is_box(s)]
            names = ", ".join(LAYER_NAMES.get(number, f"section {number}") for number in has) or "no layer"
            raise NoPictureError(f"none of these layers is in the file, which has {names}")
        wanted = [section for section in wanted if section.layer in kept or is_box(section)]
    whole = write_file(header, wanted) if wanted else b""
    while bytes is not None and len(whole) > bytes and any(map(is_box, wanted)):
        wanted.remove([section for section in wanted if is_box(section)][-1])
        whole = write_file(header, wanted) if wanted else b""
    if not wanted:
        raise NoPictureError("the file holds nothing but boxes: without them nothing is left; keep the file as it is")
    if bytes is None or len(whole) <= bytes:
        for problem in read(whole, limits=limits).problems:
            if not isinstance(problem, UnknownFamilyError):
                raise problem
        return whole
    return _in_fewer_bytes(header, wanted, bytes, limits, roi)


def _in_fewer_bytes(
    header: FileHeader, sections: Sequence[Section], max_bytes: int, limits: Limits, roi: Roi | None
) -> bytes:
    """A picture that can be shortened is, beside as much of the rest as leaves it room. Another stays whole, or goes:
    then one that stands beside it takes its place.
    """
    pictures, lost = pictures_of(sections), None
    others = [section for section in sections if all(section is not picture for _, picture in pictures)]
    if pictures and not pictures[-1][0].can_be_shortened:
        kept = list(sections)
        for gone in (*GIVING_WAY, *(picture.layer for _, picture in pictures[:-1])):
            kept = [section for section in kept if section.layer != gone]
            if len(whole := write_file(header, kept)) <= max_bytes:
                return whole
        if (fewer := _fewer_outlines(header, kept, max_bytes, limits, roi)) is not None:
            return fewer
        lost = pictures.pop()[1]
    # (a painter hint goes in any case: its seed was the best for the whole picture, not for this one)
    ways = [
        [section for section in others if section.layer not in GIVING_WAY[:count]]
        for count in range(1, len(GIVING_WAY) + 1)
    ]
    shortener = None
    if pictures:
        layer, picture = pictures[-1]
        shortener = layer.shortener(picture, header, limits, roi)
        for beside in ways:
            room = max_bytes - _num_bytes(header, beside, 0)
            shorter = shortener.fit(room) if room > 0 else None
            if shorter is not None:
                section, header = shorter
                return write_file(header, [*beside, section])
    for beside in ways:
        if beside and len(alone := write_file(header, beside)) <= max_bytes:
            return alone
        if (fewer := _fewer_outlines(header, beside, max_bytes, limits, roi)) is not None:
            return fewer
    advice = ""
    said = [section for section in ways[-1] if section.layer != LayerId.STRUCTURE]
    if said or ways[-1]:
        least = len(write_file(header, said or ways[-1]))
    elif shortener is not None:
        least = _num_bytes(header, [], shortener.least_bytes())
    elif lost is not None:
        least = len(write_file(header, [lost]))
        advice = ", for its base picture cannot be shortened; encode the original again, in fewer bytes or as tokens"
    else:
        least = len(write_file(header, sections))
    raise BudgetError(
        f"{max_bytes} bytes are too few: the least for this file is {least} bytes{advice}", least_bytes=least
    )


def _fewer_outlines(
    header: FileHeader, sections: Sequence[Section], max_bytes: int, limits: Limits, roi: Roi | None
) -> bytes | None:
    """The same sections with outlines that are coarser, or else none; None: there are none, or not even that fits."""
    outlines = next((section for section in sections if section.layer == LayerId.STRUCTURE), None)
    layer = None if outlines is None else layer_of(outlines)
    if outlines is None or layer is None:
        return None
    without = [section for section in sections if section is not outlines]
    room = max_bytes - (len(write_file(header, without)) if without else 0)
    fits_without = bool(without) and room >= 0
    shortener = layer.shortener(outlines, header, limits, roi) if room > 0 else None
    while shortener is not None and room > 0 and (shorter := shortener.fit(room)) is not None:
        kept = [shorter[0] if section is outlines else section for section in sections]
        if (excess := len(whole := write_file(header, kept)) - max_bytes) <= 0:
            return whole
        room -= excess
    return write_file(header, without) if fits_without else None


def _num_bytes(header: FileHeader, beside: Sequence[Section], picture_bytes: int) -> int:
    """Of a file that ends with a picture."""
    lengths = [*(len(section.payload) for section in beside), picture_bytes]
    return num_framing_bytes(header, lengths) + sum(lengths)
