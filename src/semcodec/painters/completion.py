"""Completes a token pyramid, coarse to fine: what was sent stays, what is missing is drawn.

A scale is an absorbing-state diffusion run backwards: in each of a few steps the network sees all tokens that are
there, and some of the missing ones are drawn from what it says of them. In which step a token's turn comes (or, where
its digits hang together, each digit's) is decided by a number of its own, on a cosine schedule: few in the first steps,
while little is known.

Promises
1. A token that is there is never altered.
2. What is drawn follows from the numbers, the words and the tokens. Whatever the network says (NaN too), digits stay
   within their levels.
3. A large scale is completed in windows with margins, each by itself. So memory is bounded, and who needs a region
   completes only the windows that it needs, with the very tokens of the whole.

Shapes: R, K = token rows, columns; D = digits; V = levels of all digits; T = tokens drawn in a step; X = 2 D numbers of
a cell, for the turns of its digits and for their values; N = with words, without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.nets.anchored import AnchoredNets, Floats, Manner, Prompt
from semcodec.nets.tiling import Span, spans
from semcodec.painters.noise import NUM_VALUES, Numbers, cell_numbers
from semcodec.types import MISSING

if TYPE_CHECKING:
    from semcodec.types import Digits

LARGEST_LOG_ODDS = 1e4
Wanted = NDArray[np.bool_]  # (R, K): the cells that somebody needs


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of cells that is completed by itself, and the part of it that is kept."""

    rows: Span
    cols: Span

    @property
    def seen(self) -> tuple[slice, slice]:
        return slice(self.rows.start, self.rows.end), slice(self.cols.start, self.cols.end)

    @property
    def kept(self) -> tuple[slice, slice]:
        return slice(self.rows.keep_start, self.rows.keep_end), slice(self.cols.keep_start, self.cols.keep_end)

    @property
    def kept_of_seen(self) -> tuple[slice, slice]:
        top, left = self.rows.start, self.cols.start
        return (
            slice(self.rows.keep_start - top, self.rows.keep_end - top),
            slice(self.cols.keep_start - left, self.cols.keep_end - left),
        )


def windows_of(num_rows: int, num_cols: int, core: int, margin: int) -> list[Window]:
    """One, if the scale is no larger than a core with its margins. Windows begin at even cells: at whole parents."""
    if max(num_rows, num_cols) <= core + 2 * margin:
        return [Window(Span(0, num_rows, 0, num_rows), Span(0, num_cols, 0, num_cols))]
    return [
        Window(rows, cols)
        for rows in spans(num_rows, core=core, margin=margin)
        for cols in spans(num_cols, core=core, margin=margin)
    ]


def completed(
    nets: AnchoredNets,
    digits: Sequence[Digits],
    *,
    down_to: int,
    words: str,
    edges: Sequence[Floats],
    key: int,
    manners: Mapping[int, Manner],
    outlines_guide: bool = False,
    wanted: Sequence[Wanted] | None = None,
) -> tuple[Digits, ...]:
    """The digits of all scales, those of strides `down_to` and above complete; finer ones as they were.

    `words` guide ("": none), `edges` is (E, R, K) for each scale (`anchored.edge_cells`), `key` the numbers', and
    `wanted` says for each scale which cells are needed; None: all. `outlines_guide`: edges guide, too.
    """
    result = [scale.copy() for scale in digits]
    last = _last_to_run(digits, nets.about.strides, down_to)
    if last < 0:
        return tuple(result)
    prompt = nets.prompt(words)
    plan = list(_windows_needed(nets, digits, last, wanted))
    state_NCRK: Floats | None = None
    for scale, windows in enumerate(plan):
        stride = nets.about.strides[scale]
        manner = manners[stride]
        guided = any(manners[finer].guidance != 1 for finer in nets.about.strides[scale : last + 1])
        said = prompt.rows(2 if guided and (prompt.has_words or outlines_guide) else 1)
        without = np.zeros_like(edges[scale]) if outlines_guide else edges[scale]
        told_NERK = np.stack([edges[scale], without])
        rows, cols, depth = digits[scale].shape
        numbers_RKX = cell_numbers(key, stride, rows, cols, 2 * depth)
        finer = digits[scale + 1].shape[:2] if scale < last else None
        below_NCRK: Floats | None = None
        for window in windows:
            seen_NERK = np.ascontiguousarray(told_NERK[(slice(None), slice(None), *window.seen)])
            drawing = _Drawing(nets, scale, manner, said, seen_NERK)
            coarser = None if state_NCRK is None else state_NCRK[(slice(None), slice(None), *window.seen)]
            whole_RKD = drawing.complete(digits[scale][window.seen], coarser, numbers_RKX[window.seen])
            result[scale][window.kept] = whole_RKD[window.kept_of_seen]
            if finer is not None:
                part_NCRK = drawing.below(whole_RKD, coarser)
                if below_NCRK is None:
                    below_NCRK = np.zeros((*part_NCRK.shape[:2], *finer), dtype=np.float32)
                _put_below(below_NCRK, part_NCRK, window)
        state_NCRK = below_NCRK
    return tuple(result)


def _last_to_run(digits: Sequence[Digits], strides: Sequence[int], down_to: int) -> int:
    """The finest scale that is to be completed and is not complete; -1 if there is none."""
    return max(
        (
            scale
            for scale, stride in enumerate(strides)
            if stride >= down_to and (digits[scale][..., 0] == MISSING).any()
        ),
        default=-1,
    )


def _windows_needed(
    nets: AnchoredNets, digits: Sequence[Digits], last: int, wanted: Sequence[Wanted] | None
) -> Iterator[list[Window]]:
    """The windows of each scale down to `last`: those that hold a wanted cell, or a parent that a finer one sees."""
    core, margin = nets.about.window
    needed: list[list[Window]] = []
    parents: Wanted | None = None
    for scale in range(last, -1, -1):
        rows, cols = digits[scale].shape[:2]
        here = np.ones((rows, cols), dtype=bool) if wanted is None else wanted[scale].copy()
        if parents is not None:
            here |= parents
        windows = [window for window in windows_of(rows, cols, core, margin) if here[window.kept].any()]
        needed.append(windows)
        if scale:
            parents = np.zeros(digits[scale - 1].shape[:2], dtype=bool)
            for window in windows:
                parents[tuple(slice(seen.start // 2, -(-seen.stop // 2)) for seen in window.seen)] = True
    return reversed(needed)


def _put_below(below_NCRK: Floats, part_NCRK: Floats, window: Window) -> None:
    """What a window leaves to the next scale, twice as high and wide; the last row or column may be half a cell."""
    rows, cols = (slice(2 * kept.start, 2 * kept.stop) for kept in window.kept)
    target = below_NCRK[:, :, rows, cols]
    rows, cols = (slice(2 * kept.start, 2 * kept.stop) for kept in window.kept_of_seen)
    target[...] = part_NCRK[:, :, rows, cols][:, :, : target.shape[2], : target.shape[3]]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One window of one scale."""

    nets: AnchoredNets
    scale: int
    manner: Manner
    prompt: Prompt
    edges_NERK: Floats

    def complete(self, digits_RKD: Digits, state_NCRK: Floats | None, numbers_RKX: Numbers) -> Digits:
        digits_RKD = digits_RKD.copy()
        depth = digits_RKD.shape[2]
        turn_RKD = turns(numbers_RKX[..., : depth if self.manner.digit_by_digit else 1], self.manner.steps)
        turn_RKD = np.where(digits_RKD == MISSING, turn_RKD, -1)
        for step in range(self.manner.steps):
            rows_T, cols_T = np.nonzero((turn_RKD == step).any(axis=2))
            if not len(rows_T):
                continue
            logits_NVRK, _ = self.nets.log_odds(self.scale, digits_RKD, state_NCRK, self.edges_NERK, self.prompt)
            logits_TV = self._guided(logits_NVRK[:, :, rows_T, cols_T]).T
            drawn_TD = draw(
                logits_TV,
                self.nets.about.levels[self.scale],
                numbers_RKX[rows_T, cols_T, depth:],
                temperature=self.manner.temperature_at(step),
            )
            is_now_TD = turn_RKD[rows_T, cols_T] == step
            digits_RKD[rows_T, cols_T] = np.where(is_now_TD, drawn_TD, digits_RKD[rows_T, cols_T])
        return digits_RKD

    def below(self, digits_RKD: Digits, state_NCRK: Floats | None) -> Floats:
        _, below_NCRK = self.nets.log_odds(self.scale, digits_RKD, state_NCRK, self.edges_NERK, self.prompt)
        assert below_NCRK is not None, "every scale but the finest leaves a state"
        return below_NCRK

    def _guided(self, logits_NVT: Floats) -> Floats:
        """(V, T)."""
        wide_NVT = finite(logits_NVT)
        if len(wide_NVT) == 1 or self.manner.guidance == 1:
            return np.asarray(wide_NVT[0])
        with_words, without = wide_NVT
        return np.asarray(without + self.manner.guidance * (with_words - without))


def turns(numbers: Numbers, num_steps: int) -> NDArray[np.intp]:
    """The step in which the turn of each comes, 0 to `num_steps` - 1: after k of n steps 1 - cos(k/n * 90°) of them had
    theirs.
    """
    shares = 1 - np.cos(np.pi / 2 * np.arange(1, num_steps) / num_steps)
    return np.asarray(np.searchsorted(np.rint(shares * NUM_VALUES).astype(np.int64), numbers, side="right"))


def draw(logits_TV: Floats, levels: Sequence[int], numbers_TD: Numbers, *, temperature: float) -> NDArray[np.uint8]:
    """(T, D): digits by inverse CDF, each by a number of its own."""
    digits_TD = np.empty(numbers_TD.shape, dtype=np.uint8)
    uniforms_TD = (numbers_TD.astype(np.float64) + 0.5) / NUM_VALUES
    end = 0
    for digit, count in enumerate(levels):
        start, end = end, end + count
        log_TL = finite(logits_TV[:, start:end]) / max(temperature, 1e-6)
        shares_TL = np.exp(log_TL - log_TL.max(axis=1, keepdims=True))
        cdf_TL = np.cumsum(shares_TL, axis=1)
        below_T = (cdf_TL <= uniforms_TD[:, digit : digit + 1] * cdf_TL[:, -1:]).sum(axis=1)
        digits_TD[:, digit] = np.minimum(below_T, count - 1)
    return digits_TD


def finite(logits: NDArray[Any]) -> NDArray[np.float64]:
    """float64, without NaN (as good as impossible) and infinities."""
    wide = np.nan_to_num(logits.astype(np.float64), nan=-LARGEST_LOG_ODDS)
    return np.clip(wide, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
