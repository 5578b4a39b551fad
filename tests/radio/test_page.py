"""The tables of docs/links.md are the data files."""

from __future__ import annotations

from pathlib import Path

from semcodec.radio.airtime import cost_of
from semcodec.radio.choice import Plan, _curves, best_repair, expectations, nearer_of
from semcodec.radio.links import Link, links
from semcodec.types import Size


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


def repair_rows() -> list[str]:
    """12 packets of MeshCore for a picture of 768x512, without repair packets and with as many as are best."""
    size, mtu, num_sent, rows = Size(768, 512), links()["meshcore"].payload_bytes, 12, []
    for loss in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        cells = [f"{100 * loss:.0f} %"]
        for num_repair in (0, best_repair(size, mtu, num_sent, loss)):
            plan = Plan(num_sent - num_repair, loss, num_repair=num_repair)
            expected = expectations(size, mtu * plan.num_packets, plan)
            kind = nearer_of(expected)
            found = f"{kind} {expected[kind].distance:.2f} ({100 * expected[kind].sees:.0f} %)"
            cells.append(f"{num_repair}: {found}" if num_repair else found)
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def test_the_page_has_every_link_and_every_source(root: Path):
    page = (root / "docs" / "links.md").read_text("utf-8")
    for link in links().values():
        assert row_of(link) in page, row_of(link)
        assert all(note in page for note in link.notes), link.notes
        assert all(source.url in page for source in link.sources), link.name


def test_the_page_has_the_curves(root: Path):
    page = (root / "docs" / "links.md").read_text("utf-8")
    rows = [*loss_rows(), *repair_rows()]
    assert all(row in page for row in rows), "\n".join(rows)
    assert f"which is {_curves()['nothing']:.2f} from one of the photographs to another" in page
