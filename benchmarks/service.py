"""How many requests a service answers, what it holds after many, and what hostile uploads do to it.

    python benchmarks/service.py [--seconds N] [--soak N] [--hostile N] [--only load|soak|hostile]

Starts `semcodec serve` on a folder of 202 files (two photographs of `examples/`, one as a base and one as tokens, and
200 tiny ones with captions) and asks it over HTTP from this process, as so many clients as there are threads. Writes
`results/service.json` and the tables between the `service` marks of docs/service.md. Processor times are of all
processes of the service, for one request; they hardly depend on what else the machine does, as the others do.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import json
import os
import platform
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcodec.evaluation.marks import write_between_marks

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "service.json"
PAGE = ROOT / "docs" / "service.md"
BEGIN, END = "<!-- service: made by benchmarks/service.py -->\n", "<!-- /service -->\n"
CLIENTS = (1, 4)
NUM_TINY = 200
NUM_GONE = 40
NUM_LIGHT = 5  # of the requests those that open no network


@dataclass(frozen=True)
class Request:
    name: str
    method: str
    path: str
    body: bytes = b""
    accept: str = "*/*"


@dataclass
class Times:
    """Of answers: seconds each, and how many had which status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def told(self, wall_s: float) -> dict[str, Any]:
        cuts = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [*self.seconds, 0.0] * 99
        return {
            "requests": len(self.seconds),
            "a_second": round(len(self.seconds) / wall_s, 1),
            "p50_ms": round(1000 * statistics.median(self.seconds), 1),
            "p99_ms": round(1000 * cuts[98], 1),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }


class Client:
    """A connection that is kept, and opened again where the service closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, request: Request, times: Times) -> bytes:
        began = time.perf_counter()
        try:
            self._connection.request(request.method, request.path, request.body or None, {"Accept": request.accept})
            answer = self._connection.getresponse()
            body, status = answer.read(), answer.status
        except (ConnectionError, http.client.HTTPException):
            self._connection.close()
            body, status = b"", 0
        times.seconds.append(time.perf_counter() - began)
        times.statuses[status] += 1
        return body

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def service_of(folder: Path) -> Iterator[tuple[int, int]]:
    """Its port, and the number of its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "semcodec", "serve", str(folder), "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    found = re.search(r":(\d+)/", process.stderr.readline())
    assert found, "the service does not start"
    threading.Thread(target=lambda: sys.stderr.writelines(process.stderr or ()), daemon=True).start()
    port = int(found[1])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    try:
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def filled(folder: Path) -> tuple[bytes, bytes]:
    """The folder of the files that are served; a base and a file of tokens."""
    import semcodec

    words = "two dogs|a red bird|caps|a boat|an old house|a child|three bikes|a beach|green leaves|a wall".split("|")
    draw = random.Random(1)
    for number in range(NUM_TINY):
        image_HWC = np.random.default_rng(number).integers(0, 256, (16, 24, 3), np.uint8)
        caption = f"{draw.choice(words)} and {draw.choice(words)} in front of {draw.choice(words)}"
        (folder / f"tiny-{number:03}.semc").write_bytes(semcodec.encode(image_HWC, bytes=150, caption=caption).data)
    files = []
    for name, kind in (("kodim03", "base"), ("kodim23", "tokens")):
        with Image.open(ROOT / "examples" / f"{name}.png") as image:
            files.append(semcodec.encode(image, bytes=1000, picture=kind, caption=name).data)
        (folder / f"{kind}.semc").write_bytes(files[-1])
    return files[0], files[1]


def requests_of(base: bytes, tokens: bytes) -> list[Request]:
    out = io.BytesIO()
    with Image.open(ROOT / "examples" / "kodim23.png") as image:
        image.save(out, "JPEG", quality=90)
    photo = out.getvalue()
    return [
        Request("gallery of 48", "GET", "/", accept="text/html"),
        Request("search, half typed", "GET", "/search?q=red+bir"),
        Request("info", "POST", "/info", base),
        Request("a file", "GET", "/files/base.semc"),
        Request("preview, painted before", "GET", "/decode?file=base.semc&format=webp&fit=384&restore=false"),
        Request("decode base, not restored", "POST", "/decode?restore=false&format=webp&fit=384", base),
        Request("decode base", "POST", "/decode", base),
        Request("decode tokens", "POST", "/decode", tokens),
        Request("encode, 1,000 bytes", "POST", "/encode?bytes=1000&describe=false", photo),
        Request("encode, described", "POST", "/encode?bytes=1000", photo),
        Request("describe", "POST", "/describe", photo),
    ]


def asked_by(num: int, port: int, wishes: list[Request], *, seconds: float = 0.0, requests: int = 0) -> dict[str, Any]:
    """What `num` clients measure who ask for these, drawn at random, for so many seconds or so many times."""
    all_times = [Times() for _ in range(num)]
    began = time.perf_counter()

    def work(number: int) -> None:
        client, draw, times = Client(port), random.Random(number), all_times[number]
        while len(times.seconds) < requests // num or time.perf_counter() - began < seconds:
            client.ask(draw.choice(wishes), times)
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(num)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall_s = time.perf_counter() - began
    whole = Times()
    for each in all_times:
        whole.seconds += each.seconds
        whole.statuses += each.statuses
    return whole.told(wall_s)


def family_of(process: int) -> list[int]:
    """A process and its children."""
    return [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]


def processor_s(process: int) -> float:
    """What a process and its children have used, those that have ended too."""
    ticks = 0
    for number in family_of(process):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15] if number == process else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def held_MB(process: int) -> float:
    """What a process and its children hold, without what they share counted twice (PSS where the system tells it)."""
    total_kB = 0
    for number in family_of(process):
        with contextlib.suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{number}/smaps_rollup").read_text(), re.MULTILINE)
            total_kB += int(found[1]) if found else 0
    return round(total_kB * 1024 / 1e6, 1)


def load(port: int, process: int, wishes: list[Request], seconds: float) -> list[dict[str, Any]]:
    rows = []
    for wish in wishes:
        asked_by(2, port, [wish], seconds=0.5)  # (both workers have their networks open)
        row: dict[str, Any] = {"name": wish.name}
        began = processor_s(process)
        for num in CLIENTS:
            row[clients(num)] = asked_by(num, port, [wish], seconds=seconds)
        num_requests = sum(row[clients(num)]["requests"] for num in CLIENTS)
        row["processor_ms"] = round(1000 * (processor_s(process) - began) / num_requests, 2)
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
    return rows


def clients(num: int) -> str:
    return "1 client" if num == 1 else f"{num} clients"


def soak(port: int, process: int, wishes: list[Request], num: int) -> dict[str, Any]:
    """Mixed requests of three clients, a twentieth of them for networks, with the memory after each twentieth; then
    clients that hang up before their answer.
    """
    light, heavy = wishes[:NUM_LIGHT], wishes[NUM_LIGHT:]
    mixed = light * 19 * len(heavy) + heavy * len(light)
    asked_by(4, port, heavy, requests=4 * len(heavy))  # (what is opened once is open)
    held, told = [held_MB(process)], []
    began = time.perf_counter()
    for part in range(20):
        told.append(asked_by(3, port, mixed, requests=num // 20))
        held.append(held_MB(process))
        print("soak", part, told[-1], held[-1], file=sys.stderr, flush=True)
    seconds = round(time.perf_counter() - began)
    for number in range(NUM_GONE):
        wish = heavy[number % len(heavy)]
        head = f"{wish.method} {wish.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(wish.body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + wish.body)
            time.sleep(0.1 * (number % 5))
    time.sleep(5)
    statuses: Counter[str] = Counter()
    for each in told:
        statuses.update(each["statuses"])
    return {
        "seconds": seconds,
        "requests": sum(each["requests"] for each in told),
        "statuses": dict(statuses),
        "held_MB": held,
        "hung_up": NUM_GONE,
        "held_after_MB": held_MB(process),
    }


def hostile(port: int, process: int, wishes: list[Request], num: int, base: bytes, tokens: bytes) -> dict[str, Any]:
    """Uploads that are damaged, cut, of another kind, or noise; then requests that are none, and silence."""
    kinds: dict[str, bytes] = {"base": base, "tokens": tokens}
    small = Image.open(ROOT / "examples" / "kodim23.png").resize((96, 64))
    for name in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "ICO"):
        out = io.BytesIO()
        small.save(out, name)
        kinds[name] = out.getvalue()
    draw, client, times = random.Random(7), Client(port), Times()
    paths = ("/encode?bytes=300", "/decode?fit=64", "/describe", "/info")
    slowest = (0.0, "")
    for number in range(num):
        name = draw.choice([*kinds])
        data = bytearray(kinds[name])
        for _ in range(draw.choice((1, 3, 30))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if draw.random() < 0.3:
            del data[draw.randrange(1, len(data)) :]
        if draw.random() < 0.1:
            data = bytearray(draw.randbytes(draw.randrange(1, 3000)))
        if draw.random() < 0.1:  # (where a PNG file says its size)
            data[16:24] = draw.randbytes(min(8, max(0, len(data) - 16)))
        is_file = name in ("base", "tokens")
        path = draw.choice(paths[1::2] if is_file and draw.random() < 0.8 else paths)
        client.ask(Request(name, "POST", path, bytes(data)), times)
        if times.seconds[-1] > slowest[0]:
            slowest = (times.seconds[-1], f"{name} {path}, number {number}")
    num_answered = 0
    for _ in range(num // 4):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, contextlib.suppress(OSError):
            connection.sendall(draw.randbytes(draw.randrange(1, 400)) + b"\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            num_answered += bool(connection.recv(100))
    silent = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(40)]
    began = time.perf_counter()
    for connection in silent:
        with contextlib.suppress(ConnectionError):
            assert connection.recv(1) == b""
        connection.close()
    silent_s = time.perf_counter() - began
    times.statuses.pop(0, None)
    good = Times()
    client.ask(wishes[6], good)
    return {
        "uploads": num,
        "statuses": times.told(sum(times.seconds))["statuses"],
        "p99_ms": times.told(1)["p99_ms"],
        "slowest_s": round(slowest[0], 2),
        "slowest": slowest[1],
        "no_requests": num // 4,
        "silent_connections": len(silent),
        "silent_closed_after_s": round(silent_s, 1),
        "answers_afterwards": good.statuses == Counter({200: 1}),
        "held_MB": held_MB(process),
    }


def page_tables(results: Mapping[str, Any]) -> str:
    """Requests a second and times of each endpoint; then the soak and the hostile uploads."""
    columns = " | ".join(f"{clients(num)}: a second | p50 | p99" for num in CLIENTS)
    lines = [
        f"| {results['machine']['cores']} cores | processor time | {columns} |\n",
        f"|{'---|' * (2 + 3 * len(CLIENTS))}\n",
    ]
    for row in results["load"]:
        told = [row[clients(num)] for num in CLIENTS]
        cells = [f"{each['a_second']:.3g} | {_ms(each['p50_ms'])} | {_ms(each['p99_ms'])}" for each in told]
        lines.append(f"| {row['name']} | {_ms(row['processor_ms'])} | {' | '.join(cells)} |\n")
    cores, busy = results["machine"]["cores"], results["machine"]["load"][0]
    if busy > cores:
        lines.append(
            f"\nThe {cores} cores had other work meanwhile (a load of {busy:.0f}): without it the processor time is "
            "what a request takes of one.\n"
        )
    soaked, bad = results["soak"], results["hostile"]
    held = soaked["held_MB"]
    rows = {
        f"{soaked['requests']:,} mixed requests, a twentieth of them for networks": _counts(soaked["statuses"]),
        "memory of all processes: before, then after each fifth of them": ", ".join(
            f"{held[each * (len(held) - 1) // 5]:.0f}" for each in range(6)
        )
        + " MB",
        f"{soaked['hung_up']} clients that hang up before their answer": "their work has given way after 5 s, memory "
        f"{soaked['held_after_MB']:.0f} MB",
        f"{bad['uploads']:,} hostile uploads: damaged, cut, of another kind, noise": _counts(bad["statuses"]),
        "the slowest of them / p99": f"{_ms(1000 * bad['slowest_s'])} / {_ms(bad['p99_ms'])}",
        f"{bad['no_requests']:,} times noise in place of a request, {bad['silent_connections']} silent connections": (
            f"closed, after {bad['silent_closed_after_s']:.0f} s at the latest"
        ),
    }
    lines.append("\n| | |\n|---|---|\n" + "".join(f"| {what} | {told} |\n" for what, told in rows.items()))
    return "".join(lines)


def _counts(statuses: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} times {status}" for status, count in sorted(statuses.items()))


def _ms(milliseconds: float) -> str:
    if milliseconds < 9.95:
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=4, help="of each endpoint and number of clients")
    parser.add_argument("--soak", type=int, default=3600, help="requests: of an hour, if there is one a second")
    parser.add_argument("--hostile", type=int, default=2000)
    parser.add_argument("--only", choices=("load", "soak", "hostile"))
    args = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if args.only in (None, "load"):  # (what the soak and the hostile uploads tell depends on no machine)
        results["machine"] = {
            "processor": platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "load": [round(each, 1) for each in os.getloadavg()],
        }
    with tempfile.TemporaryDirectory() as place:
        base, tokens = filled(Path(place))
        wishes = requests_of(base, tokens)
        with service_of(Path(place)) as (port, process):
            if args.only in (None, "load"):
                results["load"] = load(port, process, wishes, args.seconds)
            if args.only in (None, "soak"):
                results["soak"] = soak(port, process, wishes, args.soak)
            if args.only in (None, "hostile"):
                results["hostile"] = hostile(port, process, wishes, args.hostile, base, tokens)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    write_between_marks(PAGE, BEGIN, END, page_tables(results))
    print(page_tables(results))


if __name__ == "__main__":
    main()
