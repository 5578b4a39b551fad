"""What every error of the library must look like: one sentence that says what, where, and what to do."""

from __future__ import annotations

import re

from semcodec.errors import (
    BudgetError,
    CaptionError,
    FormatError,
    LimitError,
    MissingAvifError,
    MissingRepairError,
    NoPictureError,
    NotAPacketError,
    PacketError,
    SemcodecError,
)

_ADVICE = {
    PacketError: r"; have it sent again$",
    NotAPacketError: r"; name packets that `semcodec split` made$",
    MissingAvifError: r"; install Pillow 11\.3 or newer, built with AVIF$",
    MissingRepairError: r"; install it with: pip install 'semcodec\[radio\]'$",
    FormatError: r"; (fetch the (file again|whole file for the rest)|name a \.sem[cv] file)$|install a newer semcodec",
    LimitError: r"; if you trust it, pass Limits\((?P<n>\w+)=\.\.\.\), or (--max-pixels|SEMCODEC_LIMITS=(?P=n)=)",
    NoPictureError: r"; (its words can be read with|keep the file as it is)",
    BudgetError: r": the least for .* is \d+ bytes",
    CaptionError: r": \w+",
}


def faults_of(error: SemcodecError, num_bytes: int) -> list[str]:
    """What is wrong with an error that a file of `num_bytes` bytes gave, a sentence each; none if it is well."""
    text = str(error)
    faults = []
    if not 20 <= len(text) <= 400:
        faults.append(f"has {len(text)} characters")
    if not text.isprintable():
        faults.append("has characters that a terminal would act on")
    if text[-1:] in ".;: ":
        faults.append("ends with punctuation")
    if re.search(r"\bNone\b|Error\b|<\w+[ .]|\b0x[0-9a-f]{6}", text):
        faults.append("shows the inside of the program")
    advice = next(pattern for kind, pattern in _ADVICE.items() if isinstance(error, kind))
    if not re.search(advice, text):
        faults.append("does not say what to do")
    missing = (
        isinstance(error, (PacketError, NotAPacketError)) and error.offset is None
    )  # what is not there has no place
    if isinstance(error, (FormatError, LimitError)) and not missing:
        if error.offset is None or not 0 <= error.offset <= num_bytes:
            faults.append(f"has the offset {error.offset}")
        if not re.search(rf"\boffset {error.offset}\b", text):
            faults.append(f"does not say that it is at offset {error.offset}")
    return faults
