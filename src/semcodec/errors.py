"""Every error of the library. Each message says what is wrong, where, and what to do about it.

```text
SemcodecError
├── FormatError            the bytes are not a good file (`offset` says where)
│   ├── NotSemcError       no magic number: not one of our files
│   │   ├── NotAPacketError    not one of our packets either, where packets are wanted
│   │   └── NotAClipError      not one of our clips, where a clip is wanted
│   ├── PacketError        a packet is damaged, or the first one of a file did not arrive
│   ├── UnsupportedVersionError
│   ├── TruncatedError     the file ends before its time
│   ├── DamagedError       a check does not hold: flipped bits, or tables of another model
│   ├── UnknownFamilyError      tokens of a family of networks that this build does not have
│   ├── UnknownTextTableError   words coded with a table that this build does not have
│   ├── UnknownBaseError        a base picture of a coding that this build does not have
│   ├── MissingAvifError        a good base picture, and no AVIF in the Pillow that is installed
│   └── MissingRepairError      good repair packets, and no `reedsolo` to use them with
├── NoPictureError         a file of words alone was asked for its picture
├── LimitError             a good file that asks for more than `Limits` allows
├── BudgetError            the wanted size cannot be reached (`least_bytes` says what can)
├── CaptionError           words that cannot be stored
├── PictureError           pixels that cannot be read or converted
├── VideoError             a video that cannot be read or written
├── RequestError           packets are asked for that a file does not have
├── NothingToRestoreError  a picture that looks fine was to be restored
├── RoiError               a region of interest that shows nothing of the picture
├── WeightsError           a weight file is absent or not the one that is named
├── ModelError             a foundation model cannot be found, fetched, opened or used
└── MissingExtraError      an optional package is not installed
```
"""

from __future__ import annotations


class SemcodecError(Exception):
    """Base of all errors that this library raises on purpose. They can be pickled: process pools send them home."""

    def __reduce__(self) -> tuple[object, ...]:
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[SemcodecError], args: tuple[object, ...], said: dict[str, object]) -> SemcodecError:
    """An error with its message as it stands (`__init__` would add the advice again) and what it has beside that."""
    error = kind.__new__(kind, *args)
    if isinstance(error, ImportError):
        ImportError.__init__(error, *args)  # (its message stands in a field of its own)
    error.__dict__.update(said)
    return error


class FormatError(SemcodecError):
    """The bytes break the format. `offset` counts from the start of the file, in bytes, where it is known.

    The message says what and where; what to do about it depends on the class alone, and is put behind.
    """

    advice = "fetch the file again"

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message if self.advice in message else f"{message}; {self.advice}")
        self.offset = offset


class NotSemcError(FormatError):
    """The file does not begin with the magic number."""

    advice = "name a .semc file"


class NotAPacketError(NotSemcError):
    """Packets are wanted, and this is none."""

    advice = "name packets that `semcodec split` made"


class NotAClipError(NotSemcError):
    """A clip is wanted, and this is none."""

    advice = "name a .semv file"


class PacketError(FormatError):
    """A packet is damaged, or the first one of a file is absent. `offset` counts from the start of the packet."""

    advice = "have it sent again"


class UnsupportedVersionError(FormatError):
    """The file is of a newer format than this build reads."""

    advice = "install a newer semcodec"


class TruncatedError(FormatError):
    """The file ends before its time."""

    advice = "fetch the whole file for the rest"


class DamagedError(FormatError):
    """A check inside the stream does not hold."""


class UnknownFamilyError(FormatError):
    """The tokens belong to a family of networks that this build does not have."""

    advice = "install a newer semcodec"


class UnknownTextTableError(FormatError):
    """The words are coded with a table that this build does not have."""

    advice = "install a newer semcodec"


class UnknownBaseError(FormatError):
    """The base picture is of a coding that this build does not have."""

    advice = "install a newer semcodec"


class MissingAvifError(FormatError):
    """The base picture is good, but the Pillow that is installed has no AVIF to decode it with."""

    advice = "install Pillow 11.3 or newer, built with AVIF"


class MissingRepairError(FormatError):
    """Repair packets could give what is missing, and `reedsolo`, which computes it, is not installed."""

    advice = "install it with: pip install 'semcodec[radio]'"


class NoPictureError(SemcodecError):
    """The file says nothing that a picture could be painted from."""

    def __init__(self, message: str = "the file holds no picture data; its words can be read with `semcodec info`"):
        super().__init__(message)


class LimitError(SemcodecError):
    """A file or picture asks for more than `Limits` allows. `offset` as in `FormatError`; None for a picture."""

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class BudgetError(SemcodecError, ValueError):
    """The wanted size cannot be reached; `least_bytes` is the smallest that can."""

    def __init__(self, message: str, *, least_bytes: int) -> None:
        super().__init__(message)
        self.least_bytes = least_bytes


class CaptionError(SemcodecError, ValueError):
    """The words cannot be stored as they are."""


class PictureError(SemcodecError):
    """A picture cannot be read, or not be converted to sRGB."""


class VideoError(SemcodecError):
    """A video cannot be read, or not be written."""


class RequestError(SemcodecError, ValueError):
    """A list of packets that nobody can send: it is none, is of another file, or has numbers that the file has not."""


class NothingToRestoreError(SemcodecError):
    """A picture looks fine already, or is of no codec that loses something."""


class RoiError(SemcodecError, ValueError):
    """A region of interest that is empty, or lies wholly outside the picture."""


class WeightsError(SemcodecError):
    """A weight file is absent, or is not the file that it should be."""


class ModelError(SemcodecError):
    """A foundation model cannot be found, fetched, opened or used."""


class MissingExtraError(SemcodecError, ImportError):
    """An optional package is needed; the message has the command that installs it."""


class OtherPainterWarning(UserWarning):
    """The file's seed was chosen for another painter than the one that paints."""


class DamagedInputWarning(UserWarning):
    """A picture came out of a damaged or truncated file."""
