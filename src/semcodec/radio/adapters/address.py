"""Where a radio is: `scheme://host:port/path?name=value`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from semcodec.radio.transport import TransportError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Address:
    """`text` is what was typed; `place` what stands between `//` and the path, several hosts for some radios.

    Options are taken out one by one; `done` refuses what is left.
    """

    text: str
    scheme: str
    place: str
    path: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Address:
        """Raises `TransportError`."""
        try:
            parts = urlsplit(text)
        except ValueError as wrong:
            raise TransportError(f"{text}: {wrong}; write scheme://host:port, or scheme:///dev/ttyUSB0") from wrong
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(text, parts.scheme.lower(), parts.netloc, unquote(parts.path), options)

    def hosts(self, default_port: int | None) -> list[tuple[str, int]]:
        """(host, port) of each, separated by commas. Raises `TransportError`."""
        found = []
        for part in filter(None, self.place.split(",")):
            host, colon, port = part.rpartition(":")
            if not colon:
                host, port = part, "" if default_port is None else str(default_port)
            if not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
                raise TransportError(f"{self.text}: {part} has no port from 0 to 65535; write {host or 'host'}:7000")
            found.append((host.strip("[]"), int(port)))
        return found

    def host(self, default_port: int) -> tuple[str, int] | None:
        """The only one; None where there is none. Raises `TransportError`."""
        hosts = self.hosts(default_port)
        if len(hosts) > 1:
            raise TransportError(f"{self.text}: one host is enough here")
        return hosts[0] if hosts else None

    def option(self, name: str, kind: Callable[[str], T], default: T) -> T:
        """Raises `TransportError` where the value is none of that kind."""
        if name not in self.options:
            return default
        value = self.options.pop(name)
        try:
            return kind(value)
        except ValueError as wrong:
            raise TransportError(f"{self.text}: {name}={value} cannot be: {wrong}") from wrong

    def done(self, known: str) -> None:
        """Raises `TransportError` where options are left. `known` names those that there are."""
        if self.options:
            raise TransportError(f"{self.text}: no option {', '.join(self.options)}; there are: {known}")
