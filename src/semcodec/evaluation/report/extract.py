"""What a README quotes: one curve as a file of its own, and tables in Markdown."""

from __future__ import annotations

from importlib import resources

from semcodec.evaluation.measures.catalog import SET_MEASURES, Measure
from semcodec.evaluation.report.page import measure_curves
from semcodec.evaluation.summary import OURS, Summary


def curve_file(summary: Summary, measure: Measure) -> str | None:
    """An SVG with its colours inside, for light and dark pages; None where no codec has two sizes to draw a line."""
    svg = measure_curves(summary, measure)
    if not svg:
        return None
    css = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    light, dark = (css.split(start, 1)[1].split("}", 1)[0] for start in (":root {", ':root[data-theme="dark"] {'))
    rules = "\n".join(line for line in css.splitlines() if line.startswith("svg "))
    colours = "".join(f".c-{name}{{--c:var(--{name})}}" for name in summary.titles)
    style = (
        f"<style>svg{{{light}}}@media (prefers-color-scheme: dark){{svg{{{dark}}}}}{rules.replace('svg .', '.')}"
        "svg{font:12px ui-sans-serif,system-ui,sans-serif}"
        f"{colours}</style>"
    )
    head, rest = svg.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg">{style}{rest}\n'


def table_markdown(summary: Summary, measures: tuple[Measure, ...]) -> str:
    """Means by codec and budget; the best of a column is bold. A dash: not every picture has a file so small."""
    blocks = []
    for measure in measures:
        rows = headed(f"**{measure.title}** ({measure.sense})", summary)
        columns = []
        for budget in summary.budgets:
            means = {c: m.value for c in summary.titles if (m := summary.mean(c, measure, budget)) is not None}
            best = (max if measure.higher_is_better else min)(means.values()) if means and measure.ranked else None
            columns.append(
                {c: f"**{v:.{measure.digits}f}**" if v == best else f"{v:.{measure.digits}f}" for c, v in means.items()}
            )
        for codec, title in summary.titles.items():
            name = f"**{title}**" if codec == OURS else title
            rows.append(f"| {name} | " + " | ".join(column.get(codec, "–") for column in columns) + " |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def differences_markdown(summary: Summary, measures: tuple[Measure, ...]) -> str:
    """semcodec over the best classical peer, then what it gains on every peer with the interval of that gain."""
    blocks = [ratios(summary, measures)]
    for measure in measures:
        if measure in SET_MEASURES or not measure.ranked or OURS not in summary.titles:
            continue
        rows = headed(f"**{measure.title}**, mean [gain of semcodec, its 95 % interval]", summary)
        for codec, title in summary.titles.items():
            cells = [with_interval(summary, measure, budget, codec) for budget in summary.budgets]
            rows.append(f"| {title} | " + " | ".join(cells) + " |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def ratios(summary: Summary, measures: tuple[Measure, ...]) -> str:
    """For distances, where a ratio means something."""
    rows = headed("**semcodec over the best classical peer** (below 1: semcodec is better)", summary)
    for measure in measures:
        duels = {d.budget: d for d in summary.duels(measure) if d.theirs > 0 and not measure.higher_is_better}
        if duels:
            texts = {at: f"{one.ours / one.theirs:.2f} ({summary.titles[one.peer]})" for at, one in duels.items()}
            cells = [texts.get(budget, "–") for budget in summary.budgets]
            rows.append(f"| {measure.title} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def headed(title: str, summary: Summary) -> list[str]:
    head = " | ".join(summary.unit.short(budget) for budget in summary.budgets)
    return [title, "", f"| | {head} |", "|---|" + "---|" * len(summary.budgets)]


def with_interval(summary: Summary, measure: Measure, budget: int, codec: str) -> str:
    """The mean, and for a peer semcodec's gain on it: "0.412 [+0.031: +0.020 to +0.042]", above zero for the better.

    A peer that has no file of some pictures is compared on the others, and their number stands there.
    """
    digits = min(measure.digits, 3)
    mean = summary.mean(codec, measure, budget)
    if codec == OURS:
        return "–" if mean is None else f"**{mean.value:.{digits}f}**"
    common = summary.common(measure, budget, codec)
    if common is None:
        return "–" if mean is None else f"{mean.value:.{digits}f}"
    num, duel = common
    on = "" if num == len(summary.pictures) else f" on {num}"
    gain = f"{duel.gain:+.{digits}f}: {duel.low:+.{digits}f} to {duel.high:+.{digits}f}"
    return f"{duel.theirs:.{digits}f}{on} [{gain}]"
