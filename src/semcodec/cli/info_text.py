"""What `semcodec info` prints. Loads neither numpy nor typer nor a network: 'info' is for scripts over many files.

The keys of `--json` are promised: they are added to, never renamed.
"""

from __future__ import annotations

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.streams import input_name, put, put_json, read_input
from semcodec.errors import SemcodecError
from semcodec.ids import VECTOR_SPACES, LayerId, Origin
from semcodec.layers.catalog import SERVES, group_of
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.objects import bits_per_pixel, info_object
from semcodec.types import FileInfo, PainterHint, Prefix, Regions, Words


def show_info(paths: list[str], *, as_json: bool, limits: Limits = DEFAULT_LIMITS) -> ExitCode:
    """Prints all that can be read; a file that cannot be read is a line on stderr and exit code 1."""
    from semcodec.file.inspecting import info

    shown: list[tuple[str, FileInfo | str]] = []
    for path in paths:
        name = input_name(path)
        try:
            shown.append((name, info(read_input(path), limits=limits)))
        except (SemcodecError, OSError) as exc:
            shown.append((name, sentence(name, exc)))
    good = [(name, found) for name, found in shown if isinstance(found, FileInfo)]
    if as_json:
        objects = [_as_object(name, found) for name, found in shown]
        put_json(objects[0] if len(paths) == 1 else objects)
    else:
        put("\n".join(_as_text(name, found) for name, found in good))
    for _, found in shown:
        if isinstance(found, str):
            say(found)
    return ExitCode.OK if len(good) == len(shown) else ExitCode.FAILURE


def _as_text(name: str, info: FileInfo) -> str:
    rows: list[tuple[str, str]] = []
    if info.words is not None:
        said_by = "by a human" if info.words.origin is Origin.HUMAN else "by a machine"
        rows.append(("words", f'"{info.words.text}" ({info.words.language}, {said_by})'))
    if info.regions is not None:
        rows.append(("regions", _regions(info.regions, info.words)))
    working = "" if info.working == info.size else f", coded at {info.working}"
    if info.has(LayerId.BASE):
        working += ", sent as a base picture"
    if info.profile in ("text", "structure"):
        working = f", to be painted from its words {'alone' if info.profile == 'text' else 'and outlines'}"
    rows.append(("picture", f"{info.size}{working}"))
    rows.append(("size", f"{_bytes(info.num_bytes)}, {bits_per_pixel(info):.4f} bits per pixel"))
    num_framing_bytes = info.num_bytes - sum(layer.num_bytes for layer in (*info.layers, *info.boxes))
    layers = [f"{layer.name} {layer.num_bytes}" for layer in info.layers]
    rows.append(("layers", ", ".join([*layers, f"header and framing {num_framing_bytes}"])))
    if serving := _serving(info):
        rows.append(("serves", serving))
    if info.prefixes:
        rows.append(("prefixes", _prefixes(info.prefixes)))
    if info.boxes:
        rows.append(("boxes", ", ".join(f"{box.name} {box.num_bytes}" for box in info.boxes)))
    if info.link is not None:
        rows.append(("original", f"{info.link.name} SHA-256 {info.link.sha256.hex()}".strip()))
    if info.painter is not None:
        rows.append(("painter", _painter(info.painter)))
    if info.vector is not None:
        rows.append(("vector", f"of {VECTOR_SPACES[info.vector.space]}, for semcodec search"))
    rows.append(("family", info.family or f"none ({'pixels' if info.has(LayerId.PIXELS) else 'no tokens'})"))
    rows.append(("format", f"version {info.version}"))
    rows.extend(("warning", text) for text in info.warnings)
    lines = [name, *(f"  {label:<8} {text}" for label, text in rows)]
    return "".join(printable(line) + "\n" for line in lines)


def _serving(info: FileInfo) -> str:
    """What each group of layers costs and is for; nothing where there is one alone."""
    costs: dict[str, int] = {}
    for layer in info.layers:
        if (group := group_of(layer.name)) is not None:
            costs[group] = costs.get(group, 0) + layer.num_bytes
    told = [f"{group} ({cost / info.num_bytes:.0%}) {SERVES[group]}" for group, cost in costs.items()]
    return ", ".join(told) if len(told) > 1 else ""


def _prefixes(prefixes: tuple[Prefix, ...]) -> str:
    """What the first bytes of the file give, and from how many on."""
    told = {"words": "the words", "soft picture": "a soft picture, sharper with each byte", "picture": "the picture"}
    told["outlines"] = "outlines, finer with each byte"
    return "; ".join(f"from {_bytes(prefix.num_bytes)} on {told[prefix.gives]}" for prefix in prefixes)


def _regions(regions: Regions, words: Words | None) -> str:
    """Each phrase with where its box is. Who says so is told where it is not as with the words above."""
    items = ", ".join(
        f'"{region.phrase}" at {region.x},{region.y} {region.w + 1}x{region.h + 1}' for region in regions.items
    )
    if words is not None and (words.language, words.origin) == (regions.language, regions.origin):
        return f"{items} (in 64ths)"
    said_by = "by a human" if regions.origin is Origin.HUMAN else "by a machine"
    return f"{items} (in 64ths; {regions.language}, {said_by})"


def _painter(hint: PainterHint) -> str:
    revision = f" at {hint.revision}" if hint.revision else ""
    return f"{hint.name}{revision}, seed {hint.seed} of {hint.num_tries}"


def _bytes(num_bytes: int) -> str:
    return "1 byte" if num_bytes == 1 else f"{num_bytes} bytes"


def _as_object(name: str, info: FileInfo | str) -> dict[str, object]:
    if isinstance(info, str):
        return {"file": name, "error": info}
    return {"file": name, "error": None, **info_object(info)}
