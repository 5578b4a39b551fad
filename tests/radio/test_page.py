"""The tables of docs/links.md are the data files."""

from __future__ import annotations

from pathlib import Path

from semcodec.radio.airtime import cost_of
from semcodec.radio.choice import _curves
from semcodec.radio.links import Link, links


def row_of(link: Link) -> str:
    port = "" if link.port is None else f"{link.port.name} {link.port.number}"
    text = "" if link.text is None else f"{link.text.chars} ({link.text.kind})"
    modem, usual, airtime = link.modem, "", ""
    if modem is not None:
        usual = f"SF{modem.spreading_factor}, {modem.bandwidth_khz:g} kHz, 4/{modem.coding_rate}"
        usual += f", preamble {modem.preamble_symbols}"
        airtime = f"{cost_of([bytes(link.payload_bytes)], link).airtime_s:.2f} s"
    duty = "" if link.duty_cycle_percent is None else f"{link.duty_cycle_percent} %"
    return f"| `{link.name}` | {link.payload_bytes} | {text} | {port} | {usual} | {airtime} | {duty} |"


def loss_rows() -> list[str]:
    rows = _curves()["rows"]
    return [
        f"| {row['bpp']:.4f} ({row['bpp'] * 768 * 512 / 8:.0f}) | {row['base']:.2f} | "
        + " | ".join(f"{distance:.2f}" for distance in row["tokens"])
        + " |"
        for row in rows
    ]


def test_the_page_has_every_link_and_every_source(root: Path):
    page = (root / "docs" / "links.md").read_text("utf-8")
    for link in links().values():
        assert row_of(link) in page, row_of(link)
        assert all(note in page for note in link.notes), link.notes
        assert all(source.url in page for source in link.sources), link.name


def test_the_page_has_the_curves(root: Path):
    page = (root / "docs" / "links.md").read_text("utf-8")
    assert all(row in page for row in loss_rows()), "\n".join(loss_rows())
    assert f"which is {_curves()['nothing']:.2f} from one of the photographs to another" in page
