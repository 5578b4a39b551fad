"""A whole file in fewer bytes: what comes first stays. No network."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from semcodec.arguments import door
from semcodec.container.boxes.kinds import is_box, without_boxes
from semcodec.container.decode import read_file
from semcodec.container.encode import num_framing_bytes, write_file
from semcodec.errors import BudgetError, FormatError, NoPictureError, UnknownFamilyError
from semcodec.file.reading import TOKENS, read
from semcodec.forks import import_together
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import FileHeader, Section

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable

    from semcodec.sources import FileSource
    from semcodec.types import Roi


@door()
def cut(
    data: FileSource,
    *,
    bytes: int | None = None,
    roi: Roi | None = None,
    strip: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """A whole file of at most `bytes` bytes: the words, the regions, and the blocks that come first. No network.

    With `roi` (left, top, width and height in pixels of the picture) blocks are sent in another order: the coarsest
    scales, what shows this part of the picture, then the rest. So the part keeps its detail and the picture around it
    goes soft. What reaches beyond the picture is cut off.

    Regions go where they would leave no room for a block, or for the words. A small grid of colours is coded again,
    coarser (`roi` changes nothing there). A base picture stays whole or goes: where it does, tokens that stand beside
    it are all that is left to shorten, and in a file without them the words alone.
    Boxes go first, from the last on, before a single block does; with `strip` all of them go (and `bytes` may be left
    out). A token stream of an unknown family is cut between any two bytes, and marked so; it has no `roi`.

    Raises:
        BudgetError: not even the words fit, or (without words) no block. FormatError: the file is damaged. RoiError:
        nothing of the picture lies inside `roi`.
    """
    if bytes is None and roi is not None:
        raise ValueError("roi says what is kept first, bytes how much; give both")
    if bytes is None and not strip:
        raise ValueError("cut to how many bytes? give bytes, strip, or both")
    data = file_bytes(data)
    header, sections, problem = read_file(data, limits)
    if problem is not None:
        raise problem
    if roi is not None:
        import_together("semcodec.layers.tokens.roi")
        from semcodec.layers.tokens.roi import clipped_roi

        roi = clipped_roi(roi, header.size)
    wanted = without_boxes(sections) if strip else list(sections)
    whole = write_file(header, wanted) if wanted else b""
    while bytes is not None and len(whole) > bytes and any(map(is_box, wanted)):
        wanted.remove([section for section in wanted if is_box(section)][-1])
        whole = write_file(header, wanted) if wanted else b""
    if not wanted:
        raise NoPictureError("the file holds nothing but boxes: without them nothing is left; keep the file as it is")
    if bytes is None or len(whole) <= bytes:
        _raise_unless_unknown_family(read(whole, limits=limits).problems)
        return whole
    if any(section.layer == LayerId.PIXELS for section in wanted):
        return _cut_pixels(whole, bytes, limits)
    sections = tuple(wanted)
    base = next((section for section in sections if section.layer == LayerId.BASE), None)
    for gone in (LayerId.PAINTER, LayerId.REGIONS, LayerId.TOKENS) if base is not None else ():
        wanted = [section for section in wanted if section.layer != gone]
        if len(whole := write_file(header, wanted)) <= bytes:
            return whole
    # (a painter hint goes too: its seed was the best for the whole picture, not for this one)
    parted = (LayerId.TOKENS, LayerId.PAINTER, LayerId.BASE)
    kept = [section for section in sections if section.layer not in parted]
    stream = next((section for section in sections if section.layer == LayerId.TOKENS), None)
    shortened = _shortener(stream, header, limits, roi) if stream is not None else None
    without_regions = [section for section in kept if section.layer != LayerId.REGIONS]
    ways = [kept] if len(kept) == len(without_regions) else [kept, without_regions]
    for kept in ways:
        lengths = [len(section.payload) for section in kept]
        room = bytes - num_framing_bytes(header, [*lengths, 0]) - sum(lengths)
        shorter = shortened(room) if shortened is not None and room > 0 else None
        if shorter is not None:
            return write_file(header, [*kept, shorter])
    for kept in ways:
        least = len(write_file(header, kept)) if kept else num_framing_bytes(header, [0]) + 1
        if kept and least <= bytes:
            return write_file(header, kept)
    if not kept and stream is None and base is not None:
        least = len(write_file(header, [base]))
    elif not kept and stream is not None and shortened is not None:
        # (a stream of no block at all can only be kept whole)
        rooms = range(min(max(room, 0) + 1, len(stream.payload)), len(stream.payload))
        least = bytes - room + rooms.start + bisect_left(rooms, True, key=lambda room: shortened(room) is not None)
    message = f"{bytes} bytes are too few: the least for this file is {least} bytes"
    if not kept and stream is None and base is not None:
        message += ", for its base picture cannot be shortened; encode the original again, in fewer bytes or as tokens"
    raise BudgetError(message, least_bytes=least)


def _cut_pixels(data: bytes, max_bytes: int, limits: Limits) -> bytes:
    """`cut` for a file whose picture is a grid of colours: as fine a one as fits, then without regions, then none."""
    header, sections, _ = read_file(data, limits)
    reading = read(data, limits=limits)
    _raise_unless_unknown_family(reading.problems)
    kept = [section for section in sections if section.layer not in (LayerId.PIXELS, LayerId.TOKENS, LayerId.PAINTER)]
    ways = (kept, [section for section in kept if section.layer != LayerId.REGIONS])
    least = []
    if reading.scene.pixels is not None:
        import_together(
            "semcodec.layers.pixels.decode", "semcodec.layers.pixels.fit", "semcodec.layers.pixels.resample"
        )
        from semcodec.layers.pixels.decode import fill_gaps
        from semcodec.layers.pixels.fit import fit_grid
        from semcodec.layers.pixels.resample import resample

        grid_RKC = fill_gaps(reading.scene.pixels)  # (whatever the size of the picture, it is small)
        for beside in ways:
            lengths = [len(section.payload) for section in beside]
            others = num_framing_bytes(header, [*lengths, 0]) + sum(lengths)
            found = fit_grid(grid_RKC, header.size, max_bytes - others, resample, least_step=header.step)
            if found.payload:
                section = Section(LayerId.PIXELS, PIXEL_CODING, found.payload)
                return write_file(FileHeader(header.size, found.step), [*beside, section])
            least.append(others + found.least_bytes)
    for beside in ways:
        alone = write_file(header, beside) if beside else data
        if len(alone) <= max_bytes:
            return alone
        least.append(len(alone))
    raise BudgetError(
        f"{max_bytes} bytes are too few: the least for this file is {min(least)} bytes", least_bytes=min(least)
    )


def _shortener(stream: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> Callable[[int], Section | None]:
    """A function from a number of bytes to the stream with as many blocks as fit into them; None if none does."""
    import_together(*TOKENS, "semcodec.layers.tokens.roi", "semcodec.layers.tokens.shorten")
    from semcodec.layers.tokens.family import find_family

    try:
        family = find_family(stream.model)
    except UnknownFamilyError:
        if roi is not None:
            raise
        return lambda room: replace(stream, payload=stream.payload[:room], open_end=True)
    from semcodec.layers.tokens.layer import as_pyramid, read_section
    from semcodec.layers.tokens.roi import touched_blocks
    from semcodec.layers.tokens.shorten import keep_first, keep_region

    decoded, all_grids = read_section(stream, header, family, limits)
    if decoded.problem is not None:
        raise decoded.problem
    pyramid = as_pyramid(decoded, family, header, all_grids)
    inside = roi and [
        touched_blocks(roi, header.size, pyramid.working, stride, grid)
        for stride, grid in zip(family.strides, all_grids, strict=True)
    ]

    def shortened(room: int) -> Section | None:
        what = (pyramid.digits, decoded.steps, family, all_grids, room)
        encoded = keep_region(*what, inside) if inside else keep_first(*what)
        return replace(stream, payload=encoded.payload, open_end=False) if encoded.num_blocks else None

    return shortened


def _raise_unless_unknown_family(problems: tuple[FormatError, ...]) -> None:
    for problem in problems:
        if not isinstance(problem, UnknownFamilyError):
            raise problem
