"""What arrived, for `semcodec join`: packets in files and folders, and packets as text, in files and on stdin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from semcodec.cli.streams import STANDARD, as_input, input_name, open_input
from semcodec.container.packets import MARK, MAX_PACKET_BYTES
from semcodec.radio.text_form import packets_in

MAX_TEXT_BYTES = 1 << 24  # of a chat that is looked through; what is behind them is not read


def arrived_packets(sources: list[str]) -> list[tuple[str, bytes]]:
    """(where it was found, its bytes) of every packet, and of every file that is none. Raises OSError."""
    return [found for source in sources for path in _files(source) for found in _packets_of(path)]


def _files(source: str) -> list[str]:
    """The file that is named, or those in the folder that is."""
    if as_input(source) == STANDARD or not os.path.isdir(source):
        return [as_input(source)]
    inside = sorted(child for child in Path(source).iterdir() if os.path.isfile(child))
    return [str(file) for file in inside if not file.name.startswith(".")]


def _packets_of(path: str) -> Iterator[tuple[str, bytes]]:
    name = input_name(path)
    with open_input(path) as file:
        # As much as a packet can have, and a byte more: the rest of a longer one does not matter.
        start = file.read(MAX_PACKET_BYTES + 1)
        if start[:1] >= bytes([MARK]) or b"\0" in start:
            yield name, start
            return
        text = (start + file.read(MAX_TEXT_BYTES - len(start))).decode("utf-8", errors="replace")
    is_empty = True
    for number, packet in enumerate(packets_in(text), 1):
        yield f"{name}, text {number}", packet
        is_empty = False
    if is_empty:
        yield name, start
