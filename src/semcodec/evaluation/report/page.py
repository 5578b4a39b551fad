"""The page itself: facts, pictures, curves, tables, settings. Everything is inside one HTML file.

Every name that comes from outside (pictures, sets, settings) is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources

from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.measures.catalog import SET_MEASURES, Measure
from semcodec.evaluation.peers.registry import PLACEHOLDERS
from semcodec.evaluation.report.curves import Curve, draw_curves
from semcodec.evaluation.report.pictures import View
from semcodec.evaluation.summary import OURS, Duel, Summary

_ZOOMS = (("1", "whole"), ("2.5", "2.5×"), ("5", "5×"))
_FACTS = (("lpips", 340), ("lpips", 1000), ("dists", 1000), ("judge2_distance", 1000), ("psnr_db", 1000))


PICTURE_NOTES = (
    "Every peer is coded at full size and at 1/2, 1/4 and 1/8 (Lanczos down, bicubic up), at the highest quality that "
    "fits the budget; per measure and picture the best of these counts. The display size is not counted for peers.",
    "semcodec is given no caption. BlurHash and ThumbHash have one size each, and are no classical peers here.",
)


def build_page(summary: Summary, views: Sequence[View]) -> str:
    """Of pictures."""
    return page_of(summary, thing="picture", gallery=_pictures(views, summary.unit), notes=PICTURE_NOTES)


def page_of(summary: Summary, *, thing: str, gallery: str, notes: Sequence[str], css: str = "") -> str:
    """`thing`: what was measured; `gallery`: what is shown of them, as HTML; `notes`: how it was done."""
    about, num = summary.about, len(summary.pictures)
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    script = resources.files(__package__).joinpath("page.js").read_text(encoding="utf-8")
    curve_colours = "".join(f".c-{name}{{--c:var(--{name})}}" for name in summary.titles)
    title = f"semcodec beside its peers: {about['set']['title']}"
    head = (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}{curve_colours}{css}</style></head><body><main>"
    )
    intro = (
        '<div class="top"><h1>semcodec beside its peers</h1><button id="theme" type="button">dark / light</button>'
        f'</div><p class="lead">{escape(about["set"]["title"])}: {num} {thing}s, {len(summary.titles)} codecs, '
        f"budgets of {_listed([summary.unit.text(b) for b in summary.budgets])} for the whole file.</p>"
    )
    body = [intro, _facts(summary), gallery, _curves(summary, thing), _duels(summary), _means(summary)]
    body += [_bd_rates(summary), _notes(summary, notes)]
    return head + "".join(body) + f"</main><script>{script}</script></body></html>\n"


def _facts(summary: Summary) -> str:
    """A few comparisons in large numbers, good or bad."""
    wanted = [(m, b) for name, b in _FACTS if b in summary.budgets for m in summary.measures if m.name == name]
    cards = []
    for measure, budget in wanted:
        duel = next((d for d in summary.duels(measure) if d.budget == budget), None)
        if duel is None:
            continue
        if measure.name == "psnr_db":
            text = f"{duel.gain:+.1f} dB"
        else:
            text = f"{100 * abs(duel.gain) / duel.theirs:.0f} % {'lower' if duel.gain > 0 else 'higher'}"
        text, kind = text.replace("-", "\N{MINUS SIGN}"), _verdict(duel)
        cards.append(
            f'<div class="fact {"good" if kind == "win" else "bad" if kind == "loss" else ""}"><strong>{text}</strong>'
            f"<small>{escape(measure.title)} at {summary.unit.text(budget)}, against "
            f"{escape(summary.titles[duel.peer])}, the best classical peer there ({duel.ours:.{measure.digits}f}, "
            f"{duel.theirs:.{measure.digits}f})</small></div>"
        )
    return f'<div class="facts">{"".join(cards)}</div>' if cards else ""


def _pictures(views: Sequence[View], unit: Unit) -> str:
    if not views:
        return ""
    names = list(dict.fromkeys(view.picture for view in views))
    budgets = list(dict.fromkeys(view.budget for view in views))
    chosen = (names[0], 1000 if 1000 in budgets else budgets[0])
    bar = (
        buttons("picture", "Picture", [(name, name) for name in names], chosen[0])
        + buttons("budget", "Budget", [(str(b), unit.text(b)) for b in budgets], str(chosen[1]))
        + buttons("zoom", "Zoom", _ZOOMS, _ZOOMS[0][0])
    )
    blocks = []
    for view in views:
        hidden = "" if (view.picture, view.budget) == chosen else " hidden"
        panes = "".join(
            f'<figure class="pane {escape(pane.codec)}"><div class="glass">'
            f'<img alt="{escape(f"{view.picture}, {pane.title}")}" draggable="false" src="{pane.data_uri}"></div>'
            f"<figcaption><b>{escape(pane.title)}</b>{escape(pane.numbers)}</figcaption></figure>"
            for pane in view.panes
        )
        blocks.append(
            f'<div class="view" data-picture="{escape(view.picture)}" data-budget="{view.budget}"{hidden}>{panes}</div>'
        )
    told = "Move over a picture to look at the same place in all of them; a click zooms. Peers are shown at the scale "
    told += "that serves them best, and enlarged again."
    return section("The same bytes, side by side", told, f'<div class="bar">{bar}</div>{"".join(blocks)}')


def measure_curves(summary: Summary, measure: Measure) -> str:
    """The <svg> of one measure; empty where nothing was measured."""
    curves = []
    for codec in sorted(summary.titles, key=lambda name: name == OURS):  # ours last: on top
        budgets = summary.budgets[:1] if codec in PLACEHOLDERS else summary.budgets
        means = [m for b in budgets if (m := summary.mean(codec, measure, b)) is not None]
        rates = [m.num_bytes if summary.unit is Unit.BYTES else 1000 * m.bpp for m in means]
        points = tuple((rate, m.value, m.low, m.high) for rate, m in zip(rates, means, strict=True))
        curves.append(Curve(codec, summary.titles[codec], points, band=codec == OURS))
    if not any(curve.points for curve in curves):
        return ""
    axis = "bytes of the whole file" if summary.unit is Unit.BYTES else summary.unit.value
    return draw_curves(curves, ticks=summary.budgets, digits=measure.digits, label=measure.title, axis=axis)


def _curves(summary: Summary, thing: str) -> str:
    cards = []
    for measure in summary.measures:
        if svg := measure_curves(summary, measure):
            cards.append(
                f'<figure class="card"><h3>{escape(measure.title)}</h3>'
                f'<p class="soft">{measure.sense}; {escape(measure.protocol)}</p>{svg}</figure>'
            )
    told = f"Means over all {thing}s; a point appears only where a codec reaches the budget on every {thing}. "
    told += f"Per measure, each peer's best scale counts. Band: 95 % bootstrap interval over {thing}s."
    return section("Quality over bytes", told, f'<div class="curves">{"".join(cards)}</div>')


def _duels(summary: Summary) -> str:
    rows = []
    for measure in summary.measures:
        duels = {duel.budget: duel for duel in summary.duels(measure)}
        if not duels:
            continue
        cells = []
        for budget in summary.budgets:
            duel = duels.get(budget)
            if duel is None:
                cells.append('<td class="none">–</td>')
                continue
            digits = min(measure.digits, 3)
            interval = (
                "" if measure in SET_MEASURES else f"<small>{duel.low:+.{digits}f} to {duel.high:+.{digits}f}</small>"
            )
            cells.append(
                f'<td class="{_verdict(duel)}"><b>{duel.ours:.{digits}f}</b> / {duel.theirs:.{digits}f}'
                f"<small>{escape(summary.titles[duel.peer])}</small>{interval}</td>"
            )
        rows.append(f"<tr><th>{escape(measure.title)}</th>{''.join(cells)}</tr>")
    if not rows:
        return ""
    told = "semcodec / the peer with the best mean at that budget. Below: the 95 % bootstrap interval of the gain, "
    told += "paired by picture; positive is in semcodec's favour. Green and red where the interval leaves out zero."
    return section("Against the best classical peer", told, _table(_budget_head(summary), rows))


def _means(summary: Summary) -> str:
    sheets = []
    names = [m.name for m in summary.measures]
    first = next((name for name in ("lpips", "mobilenet_distance") if name in names), names[0])
    for measure in summary.measures:
        means = {(c, b): summary.mean(c, measure, b) for c in summary.titles for b in summary.budgets}
        best = {}
        for budget in summary.budgets:
            found = {c: m.value for c in summary.titles if (m := means[c, budget]) is not None}
            if found and measure.ranked:
                best[budget] = (max if measure.higher_is_better else min)(found.values())
        rows = []
        for codec, title in summary.titles.items():
            cells = []
            for budget in summary.budgets:
                mean = means[codec, budget]
                if codec in PLACEHOLDERS and budget != summary.budgets[0]:
                    cells.append("<td></td>")
                elif mean is None:
                    reached = summary.num_reached(codec, budget)
                    why = "no file so small" if not reached else f"{reached} of {len(summary.pictures)} pictures"
                    cells.append(f'<td class="none">–<small>{why}</small></td>')
                else:
                    mark = ' class="best"' if mean.value == best.get(budget) else ""
                    d = measure.digits
                    cells.append(
                        f"<td{mark}>{mean.value:.{d}f}<small>{mean.low:.{d}f} to {mean.high:.{d}f}</small></td>"
                    )
            rows.append(f"<tr{' class=ours' if codec == OURS else ''}><th>{escape(title)}</th>{''.join(cells)}</tr>")
        hidden = "" if measure.name == first else " hidden"
        sheets.append(
            f'<div class="sheet" data-measure="{measure.name}"{hidden}><h3>{escape(measure.title)}</h3>'
            f"{_table(_budget_head(summary), rows)}</div>"
        )
    bar = buttons("measure", "Measure", [(m.name, m.title) for m in summary.measures], first)
    told = "Small: the 95 % bootstrap interval over pictures (KID: one standard error). The best of a column is bold."
    return section("Means at equal bytes", told, f'<div class="bar">{bar}</div>{"".join(sheets)}')


def _bd_rates(summary: Summary) -> str:
    rows = []
    for measure in summary.measures:
        rates = {codec: summary.bd_rate(codec, measure) for codec in summary.classical}
        if any(rate is not None for rate in rates.values()):
            cells = "".join(
                '<td class="none">–</td>'
                if rate is None
                else f'<td class="{"win" if rate < 0 else "loss"}"><b>{rate:+.0f} %</b></td>'
                for rate in rates.values()
            )
            rows.append(f"<tr><th>{escape(measure.title)}</th>{cells}</tr>")
    if not rows:
        return ""
    head = "".join(f"<th>{escape(summary.titles[codec])}</th>" for codec in summary.classical)
    told = "Bytes that semcodec needs for the same mean quality as the peer, over the range that both reach (bpp, "
    told += (
        "monotone cubic interpolation of the means, at least four points each). Negative: fewer bytes. A dash: fewer "
    )
    told += "points (those that cost more and are no better do not count), or no quality in common."
    return section("BD-rate", told, _table(f"<th></th>{head}", rows))


def _notes(summary: Summary, notes: Sequence[str]) -> str:
    about = summary.about
    settings = [_row(codec["title"], codec["settings"]) for codec in about["codecs"]]
    protocols = [_row(measure.title, measure.protocol) for measure in summary.measures]
    absent = "".join(f"<li>{escape(text)}</li>" for text in about["absent"])
    weights = "".join(
        f"<li>{escape(name)}: {escape(file['file'])}, SHA-256 <code>{escape(file['sha256'][:16])}…</code></li>"
        for name, file in about["weights"].items()
    )
    origin = escape(f"{about['set']['title']}. {about['set']['licence']}")
    machine = "; ".join(f"{escape(key)} {escape(value)}" for key, value in about["environment"].items())
    return (
        "<h2>How it was measured</h2><ul>"
        "<li>Bytes are those of the whole file, headers and all; bpp counts the pixels of the original.</li>"
        + "".join(f"<li>{escape(note)}</li>" for note in notes)
        + "</ul>"
        + _table('<th>Codec</th><th style="text-align:left">Encoder and settings</th>', settings, style="scroll wrap")
        + _table('<th>Measure</th><th style="text-align:left">Protocol</th>', protocols, style="scroll wrap")
        + (f"<h3>Networks</h3><ul>{weights}</ul>" if weights else "")
        + (f"<h3>Not measured</h3><ul>{absent}</ul>" if absent else "")
        + f'<footer class="soft">{origin}<br>{machine}</footer>'
    )


def _verdict(duel: Duel) -> str:
    if duel.low == duel.high == 0:
        return "even"
    return "win" if duel.low > 0 else "loss" if duel.high < 0 else "even"


def _budget_head(summary: Summary) -> str:
    return f"<th></th>{''.join(f'<th>{summary.unit.text(b)}</th>' for b in summary.budgets)}"


def section(title: str, told: str, inside: str) -> str:
    return f'<h2>{title}</h2><p class="soft">{told}</p>{inside}'


def _row(title: str, text: str) -> str:
    return f"<tr><th>{escape(title)}</th><td>{escape(text)}</td></tr>"


def _table(head: str, rows: Sequence[str], *, style: str = "scroll") -> str:
    return f'<div class="{style}"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def buttons(group: str, label: str, choices: Sequence[tuple[str, str]], pressed: str) -> str:
    inner = "".join(
        f'<button type="button" data-group="{group}" value="{escape(value)}" '
        f'aria-pressed="{str(value == pressed).lower()}">{escape(text)}</button>'
        for value, text in choices
    )
    return f'<span role="group" aria-label="{escape(label)}"><b>{escape(label)}</b>{inner}</span>'


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]
