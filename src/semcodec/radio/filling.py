"""A file for exactly so many packets: its budget is aimed at the boundary of the last one."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.container.packets.repair.encode import num_extra_bytes
from semcodec.encoding import ENCODING, encode_with
from semcodec.errors import BudgetError, MissingAvifError
from semcodec.file.packets import split
from semcodec.file.reading import read
from semcodec.pictures import as_pixels
from semcodec.radio.choice import Expectation, Plan, expectations, nearer_of
from semcodec.radio.links import Link
from semcodec.radio.text_form import bytes_in
from semcodec.rate.pixels import are_better_sent_as_pixels
from semcodec.types import Encoded, Metadata, Size

if TYPE_CHECKING:
    from semcodec.models import Models
    from semcodec.options import EncodeOptions
    from semcodec.pictures import LoadedPicture
    from semcodec.pictures.load import PictureLike

MAX_TRIES = 8  # encodings; each takes the time of `encode` without its describer
WELL_FILLED = 0.985  # of the packets: another try would gain less than 1.5 % of the bytes
FRAME_BYTES = 6  # of a packet: about what splitting adds


@dataclass(frozen=True, slots=True)
class Filled:
    """A file that was made for packets.

    Attributes:
        encoded: the file.
        packets: in the order to send them, copies of the first among them, repair packets behind them.
        mtu: the most bytes of each.
        expected: of "tokens" and "base", by measured curves at the loss that was told; none where it was not asked.
    """

    encoded: Encoded
    packets: tuple[bytes, ...]
    mtu: int
    expected: dict[str, Expectation]

    @property
    def fill(self) -> float:
        """How full the packets are, 0..1."""
        return sum(map(len, self.packets)) / (self.mtu * len(self.packets))


def mtu_of(link: Link, *, as_text: bool = False) -> int:
    """The most bytes of a packet on a link, sent as data or as text. Raises ValueError where it carries no text."""
    if not as_text:
        return link.payload_bytes
    if link.text is None:
        raise ValueError(f"{link.name} carries no text; send the packets as data")
    return bytes_in(link.text.chars)


@door(*ENCODING)
def encode_for_packets(
    image: PictureLike, *, mtu: int, plan: Plan, options: EncodeOptions, models: Models | None = None
) -> Filled:
    """The file whose packets of at most `mtu` bytes are `plan.num_packets`, as full as they can be, never one more.

    Where a picture says too little for them, they are fewer. `options` is what `encode` takes, without `bytes`,
    `quality` and `bpp`; with `picture="auto"` the expected distance at the plan's loss chooses between tokens and base.

    Raises:
        ValueError: options or a plan that are not possible. BudgetError: the packets are too few for this picture. What
        `encode` and `split` raise.
    """
    if any(wish is not None for wish in (options.bytes, options.quality, options.bpp)):
        raise ValueError("packets say how many bytes there are: leave out bytes, quality and bpp")
    given = Metadata(exif=options.exif, icc_profile=options.icc_profile, xmp=options.xmp)
    loaded = as_pixels(image, limits=options.limits, given=given)
    size = Size(loaded.image_HWC.shape[1], loaded.image_HWC.shape[0])
    room = plan.num_packets * mtu
    search = _Search(loaded, mtu, plan, models)
    if options.picture != "auto" or not options.sends_picture or are_better_sent_as_pixels(size):
        return search.best(options)
    expected = expectations(size, room, plan)
    if nearer_of(expected) == "base":
        with contextlib.suppress(MissingAvifError, BudgetError):  # (no AVIF here, or no base is as small as that)
            return replace(search.best(replace(options, picture="base")), expected=expected)
    return replace(search.best(replace(options, picture="tokens")), expected=expected)


@dataclass(frozen=True, slots=True)
class _Search:
    loaded: LoadedPicture
    mtu: int
    plan: Plan
    models: Models | None

    def best(self, options: EncodeOptions) -> Filled:
        """The fullest of a few files around the boundary. What a describer says is asked once."""
        most, room = self.plan.num_packets, self.plan.num_packets * self._room_in_each
        num_bytes, fits, too_many = room - FRAME_BYTES * most, 0, room + 1
        best: tuple[Encoded, Sequence[bytes]] | None = None
        first: Encoded | None = None
        for _ in range(MAX_TRIES):
            try:
                encoded = encode_with(self.loaded, options=replace(options, bytes=num_bytes), models=self.models)
            except BudgetError as too_few:
                if best is not None:
                    break
                raise self._too_few(too_few) from too_few
            if first is None:
                first = encoded
                options = _told(options, encoded)
            packets = split(
                encoded.data,
                mtu=self.mtu,
                repeat_first=self.plan.num_copies,
                repair=self.plan.num_repair,
                limits=options.limits,
            )
            used = _num_bytes(packets, self.plan)
            if len(packets) - self.plan.num_copies - self.plan.num_repair > most:
                too_many = num_bytes
                num_bytes -= max(1, used - room)
            else:
                fits = num_bytes
                if best is None or used > _num_bytes(best[1], self.plan):
                    best = encoded, packets
                if used >= WELL_FILLED * room:
                    break
                num_bytes += max(1, room - used)
            num_bytes = min(max(num_bytes, fits + 1), too_many - 1)
            if num_bytes <= fits:
                break
        if best is None or first is None:
            raise self._too_few()
        told = replace(best[0], described=first.described, notes=first.notes)
        return Filled(told, tuple(best[1]), self.mtu, {})

    @property
    def _room_in_each(self) -> int:
        """Bytes of a packet that a repair packet can make up for."""
        if not self.plan.num_repair:
            return self.mtu
        return self.mtu - num_extra_bytes(self.plan.num_packets, self.plan.num_packets + self.plan.num_repair)

    def _too_few(self, why: BudgetError | None = None) -> BudgetError:
        room = self.plan.num_packets * self.mtu
        said = "the picture with its words has no room there" if why is None else str(why)
        return BudgetError(
            f"{self.plan.num_packets} packets of {self.mtu} bytes are too few: {said}; send more packets",
            least_bytes=room + 1 if why is None else why.least_bytes,
        )


def _num_bytes(packets: Sequence[bytes], plan: Plan) -> int:
    """Of the packets without copies of the first and without repair packets, which are the last."""
    own = packets[: len(packets) - plan.num_repair]
    return sum(map(len, own)) - plan.num_copies * len(packets[0])


def _told(options: EncodeOptions, encoded: Encoded) -> EncodeOptions:
    """The options with the words and regions that the file has, so that nobody is asked for them again."""
    if not (options.describe or options.describer is not None or options.regions is True):
        return options
    scene = read(encoded.data, limits=options.limits).scene
    words = scene.words
    return replace(
        options,
        describe=False,
        describer=None,
        caption=None if words is None else words.text,
        language="und" if words is None else words.language,
        origin="human" if words is None else words.origin.name.lower(),
        regions=scene.regions,
    )
