"""The generator: masked discrete diffusion over the token pyramid, coarse scale to fine, led by words.

Shapes: N = pictures; C = channels; R, K = token rows, columns of a scale; D = digits of a token; V = the sum of its
digits' levels; L = words.

1. At each scale a stack of convolutions sees what the coarser scales say (a state that they hand down), any subset of
   this scale's digits, an edge map if there is one, and the words (cross-attention); it gives the distribution of every
   digit of every token. The diffusion's noise is the absorbing state: a digit is known or it is not (D3PM; Austin et
   al., arXiv 2107.03006). Drawing goes from "none known" to "all known" in a few steps (MaskGIT; Chang et al., arXiv
   2202.04200).
2. Beside it, a short stack folds the complete tokens of a scale into the state of the next. It does not see the
   words, nor anything unknown: so one pass with the true tokens trains all scales at once.
3. Nothing takes a statistic over the picture or lets all positions see all others: the cost is linear in pixels, and
   windows of a large picture give the same tokens as the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec.nets.anchored import NO_WORDS
from semcodec_train.tokenizer.model import MISSING, Residual, Up

FINEST_STRIDE = 8  # of a family's tokens
OUTLINE_CELL_PX = 4  # of the maps that `edge_maps` takes


@dataclass(frozen=True, slots=True)
class GeneratorSize:
    """Per scale, coarse to fine: channels, residual blocks, whether the words are listened to, and in how many parts a
    side each cell is told of outlines.
    """

    widths: tuple[int, ...] = (192, 224, 224, 192, 128)
    blocks: tuple[int, ...] = (2, 3, 3, 3, 2)
    listens: tuple[bool, ...] = (True, True, True, True, False)
    parts: tuple[int, ...] = (8, 8, 8, 4, 2)
    word_width: int = 192
    word_layers: int = 2
    heads: int = 4
    max_words: int = 24
    dropout: float = 0.1  # of words' features, while training
    forget: float = 0.1  # of a scale's channels, while training


class WordEncoder(nn.Module):
    """tokens_NL -> memory_NLC. `there_NL`: 1 where there is a word, 0 in the padding; without it all are words."""

    def __init__(self, num_tokens: int, size: GeneratorSize) -> None:
        super().__init__()
        width = size.word_width
        self.embed = nn.Embedding(num_tokens, width)
        self.place = nn.Parameter(0.02 * torch.randn(size.max_words, width))
        self.layers = nn.ModuleList(WordLayer(width, size.heads, size.dropout) for _ in range(size.word_layers))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.embed.weight, std=0.3)

    def forward(self, tokens_NL: Tensor, there_NL: Tensor | None = None) -> Tensor:
        x = self.embed(tokens_NL)
        x = x + self.place[: x.shape[1]]
        there = torch.ones_like(tokens_NL, dtype=x.dtype) if there_NL is None else there_NL
        for layer in self.layers:
            x = layer(x, there)
        return self.norm(x)


def attend(query_NPC: Tensor, key_NLC: Tensor, value_NLC: Tensor, there_NL: Tensor, heads: int) -> Tensor:
    """(N, P, C): each of P positions takes from those of L words that are there."""

    def split(x: Tensor) -> Tensor:
        return x.unflatten(2, (heads, -1)).transpose(1, 2)

    query, key, value = split(query_NPC), split(key_NLC), split(value_NLC)
    scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5
    scores = scores + (there_NL[:, None, None] - 1) * 1e4
    return (scores.softmax(dim=3) @ value).transpose(1, 2).flatten(2)


class WordLayer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_NLC: Tensor, there_NL: Tensor) -> Tensor:
        query, key, value = self.to_qkv(self.norm1(x_NLC)).chunk(3, dim=2)
        x = x_NLC + self.dropout(self.out(attend(query, key, value, there_NL, self.heads)))
        return x + self.dropout(self.narrow(F.gelu(self.widen(self.norm2(x)))))


class Listen(nn.Module):
    """Every position asks the words. Begins as the identity."""

    def __init__(self, channels: int, size: GeneratorSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.norm = nn.LayerNorm(channels)
        self.to_query = nn.Linear(channels, channels)
        self.to_key = nn.Linear(size.word_width, channels)
        self.to_value = nn.Linear(size.word_width, channels)
        self.out = nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x_NCRK: Tensor, memory_NLC: Tensor, there_NL: Tensor) -> Tensor:
        flat = x_NCRK.flatten(2).transpose(1, 2)
        heard = attend(
            self.to_query(self.norm(flat)), self.to_key(memory_NLC), self.to_value(memory_NLC), there_NL, self.heads
        )
        return x_NCRK + self.out(heard).transpose(1, 2).reshape(x_NCRK.shape)


class OneHot(nn.Module):
    """digits_NRKD (MISSING where not known) -> (N, V, R, K), all zeros for an unknown digit."""

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        digit = [d for d, count in enumerate(levels) for _ in range(count)]
        level = [level for count in levels for level in range(count)]
        self.register_buffer("digit", torch.tensor(digit), persistent=False)
        self.register_buffer("level", torch.tensor(level, dtype=torch.float32), persistent=False)

    def forward(self, digits_NRKD: Tensor) -> Tensor:
        each = digits_NRKD.float().index_select(3, self.digit)
        return (each == self.level).float().permute(0, 3, 1, 2)


class Scale(nn.Module):
    """One scale: what its digits may be, and the state that it hands to the next."""

    def __init__(self, levels: tuple[int, ...], at: int, size: GeneratorSize) -> None:
        super().__init__()
        channels, num_values = size.widths[at], sum(levels)
        self.one_hot = OneHot(levels)
        self.embed_known = nn.Conv2d(num_values, channels, 1)
        self.embed_edges = nn.Conv2d(size.parts[at] ** 2 + 1, channels, 1, bias=False)
        self.forget = nn.Dropout2d(size.forget)
        self.think = nn.ModuleList(Residual(channels) for _ in range(size.blocks[at]))
        self.listen = nn.ModuleList(
            Listen(channels, size) for _ in range(max(1, size.blocks[at] - 1) if size.listens[at] else 0)
        )
        self.head = nn.Conv2d(channels, num_values, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        self.has_below = at + 1 < len(size.widths)
        if self.has_below:
            self.embed_complete = nn.Conv2d(num_values, channels, 1)
            self.fuse = Residual(channels)
            self.hand_down = Up(channels, size.widths[at + 1])

    def forward(
        self, digits_NRKD: Tensor, state_NCRK: Tensor | None, edges_NERK: Tensor, memory_NLC: Tensor, there_NL: Tensor
    ) -> Tensor:
        """logits_NVRK of every digit, the known ones too."""
        x = self.embed_known(self.one_hot(digits_NRKD)) + self.embed_edges(edges_NERK)
        if state_NCRK is not None:
            x = x + state_NCRK
        for at, block in enumerate(self.think):
            x = self.forget(block(x))
            if at < len(self.listen):
                x = self.listen[at](x, memory_NLC, there_NL)
        return self.head(x)

    def below(self, digits_NRKD: Tensor, state_NCRK: Tensor | None) -> Tensor:
        """The next scale's state, twice the rows and columns, from complete digits."""
        x = self.embed_complete(self.one_hot(digits_NRKD))
        if state_NCRK is not None:
            x = x + state_NCRK
        return self.hand_down(self.fuse(x))


class AnchoredDiffusion(nn.Module):
    """`num_tokens` is that of the vocabulary; `levels` are the token family's, per scale and digit."""

    def __init__(self, num_tokens: int, levels: tuple[tuple[int, ...], ...], size: GeneratorSize | None = None) -> None:
        super().__init__()
        self.levels, self.size = levels, size or GeneratorSize()
        self.strides = tuple(FINEST_STRIDE << at for at in range(len(levels)))[::-1]
        if len(levels) != len(self.size.widths):
            raise ValueError(f"{len(levels)} scales of tokens, {len(self.size.widths)} of the network")
        self.words = WordEncoder(num_tokens, self.size)
        self.scales = nn.ModuleList(Scale(scale, at, self.size) for at, scale in enumerate(levels))

    def forward(
        self,
        given: Sequence[Tensor],
        complete: Sequence[Tensor],
        edges: Sequence[Tensor],
        tokens_NL: Tensor,
        there_NL: Tensor,
    ) -> list[Tensor]:
        """Teacher-forced: logits_NVRK of as many scales as are `given`.

        Args:
            given: per scale digits_NRKD uint8, MISSING where the network is to guess.
            complete: the same, nothing missing; a scale is guessed below the complete coarser ones.
            edges: per scale edges_NERK, see `edge_maps`.
        """
        memory = self.words(tokens_NL, there_NL)
        state, logits = None, []
        for at, digits in enumerate(given):
            scale = self.scales[at]
            logits.append(scale(digits, state, edges[at], memory, there_NL))
            if at + 1 < len(given):
                rows, cols = given[at + 1].shape[1:3]
                state = scale.below(complete[at], state)[:, :, :rows, :cols]
        return logits


@dataclass(frozen=True, slots=True)
class Trained:
    model: AnchoredDiffusion
    words: list[str]  # by token, the specials first
    family: int  # number of the token family that it was trained on
    strides: tuple[int, ...]

    @property
    def vocabulary(self) -> dict[str, int]:
        return {word: token for token, word in enumerate(self.words)}


def save_generator(path: Path, trained: Trained) -> None:
    """Everything that using or exporting it needs."""
    model = trained.model
    state = {
        "weights": model.state_dict(),
        "levels": model.levels,
        "size": asdict(model.size),
        "words": trained.words,
        "family": int(trained.family),
        "strides": trained.strides,
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def load_generator(path: Path) -> Trained:
    state = torch.load(path, weights_only=True, map_location="cpu")
    model = AnchoredDiffusion(len(state["words"]), state["levels"], GeneratorSize(**state["size"]))
    model.load_state_dict(state["weights"])
    return Trained(model.eval(), list(state["words"]), state["family"], tuple(state["strides"]))


def edge_maps(
    outlines_N1HW: Tensor,
    there_N: Tensor,
    shapes: Sequence[tuple[int, int]],
    strides: Sequence[int],
    parts: Sequence[int],
) -> list[Tensor]:
    """Outlines in cells of `OUTLINE_CELL_PX`, 0..1 -> (N, E, R, K) per scale (rows and columns in `shapes`): the mean
    of each of the `parts` x `parts` parts of a cell, row by row, and 1 where outlines are known; zeros for pictures
    whose outlines are not `there`. What `semcodec.painters.anchored.edge_cells` gives at run time.
    """
    maps = []
    known = there_N.float().view(-1, 1, 1, 1)
    both = torch.cat([outlines_N1HW, torch.ones_like(outlines_N1HW)], dim=1)
    for (rows, cols), stride, count in zip(shapes, strides, parts, strict=False):
        cell = stride // count // OUTLINE_CELL_PX
        down, right = (n * count * cell - side for n, side in zip((rows, cols), both.shape[2:], strict=True))
        mean, inside = F.avg_pool2d(F.pad(both, (0, right, 0, down)), cell).chunk(2, dim=1)
        told = F.pixel_unshuffle(mean / inside.clamp(min=1e-6), count) * known
        maps.append(torch.cat([told, known.expand(-1, 1, rows, cols)], dim=1))
    return maps


def alike(levels: tuple[int, ...]) -> list[tuple[int, int]]:
    """Runs of digits with equally many levels: (levels, how many digits)."""
    return [(count, len(list(run))) for count, run in groupby(levels)]


def digit_nats(logits_NVRK: Tensor, digits_NRKD: Tensor, levels: tuple[int, ...]) -> Tensor:
    """(N, R, K, D) nats that each true digit costs under the logits."""
    nats, at_level, at_digit = [], 0, 0
    for count, num in alike(levels):
        logits = logits_NVRK[:, at_level : at_level + count * num].float().unflatten(1, (num, count))
        wanted = digits_NRKD[..., at_digit : at_digit + num].permute(0, 3, 1, 2).long()
        chosen = logits.gather(2, wanted.unsqueeze(2)).squeeze(2)
        nats.append(logits.logsumexp(dim=2) - chosen)
        at_level, at_digit = at_level + count * num, at_digit + num
    return torch.cat(nats, dim=1).permute(0, 2, 3, 1)


@dataclass(frozen=True, slots=True)
class Masking:
    """How digits are hidden in training, per picture and scale. Shares; what is left of 1 hides whole tokens."""

    everything: float = 0.4  # nothing is known: what is met most often in use
    blocks: float = 0.2  # squares of 2 or 4 tokens, as anchors are
    single_digits: float = 0.25  # as a drawing that reveals digit by digit meets


def draw_masks(shape: tuple[int, ...], masking: Masking, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """((N, R, K, D) bool: hidden; (N,) how often a digit is hidden, 0 to 1)."""
    num, rows, cols, depth = shape
    ratio_N = 1 - torch.rand(num, generator=rng)  # above 0
    kind_N = torch.rand(num, generator=rng)
    hidden = torch.empty(shape, dtype=torch.bool)
    for n, kind in enumerate(kind_N.tolist()):
        if kind < masking.everything:
            ratio_N[n] = 1
            hidden[n] = True
        elif kind < masking.everything + masking.blocks:
            side = 2 if float(torch.rand((), generator=rng)) < 0.5 else 4
            coarse = torch.rand(-(-rows // side), -(-cols // side), generator=rng) < ratio_N[n]
            whole = coarse.repeat_interleave(side, 0).repeat_interleave(side, 1)[:rows, :cols]
            hidden[n] = whole.unsqueeze(2)
        elif kind < masking.everything + masking.blocks + masking.single_digits:
            hidden[n] = torch.rand(rows, cols, depth, generator=rng) < ratio_N[n]
        else:
            hidden[n] = torch.rand(rows, cols, 1, generator=rng) < ratio_N[n]
    return hidden, ratio_N


LEAST_RATIO = 0.15  # the weight 1 / ratio is capped there


def diffusion_loss(nats_NRKD: Tensor, hidden: Tensor, ratio_N: Tensor, auxiliary: float) -> Tensor:
    """Nats per token: the bound of absorbing-state diffusion (hidden digits, weighed by one over how often they are
    hidden), and `auxiliary` times the cost of all digits (Gu et al., arXiv 2111.14822).
    """
    weight = 1 / ratio_N.clamp(min=LEAST_RATIO)
    bound_N = (nats_NRKD * hidden).sum(3).mean(dim=(1, 2)) * weight
    return bound_N.mean() + auxiliary * nats_NRKD.sum(3).mean()


@torch.no_grad()
def sample(
    model: AnchoredDiffusion,
    anchors: Sequence[Tensor],
    tokens_NL: Tensor,
    there_NL: Tensor,
    *,
    steps: Sequence[int],
    temperature: Sequence[float],
    digit_by_digit: Sequence[bool],
    guidance: float = 1.0,
    rng: torch.Generator,
) -> list[Tensor]:
    """A reference of what the run time does: every MISSING digit of `anchors` (per scale, digits_NRKD) is drawn, scale
    by scale, as far as there are anchors. Known digits stay as they are.
    """
    none_tokens = torch.full_like(tokens_NL, NO_WORDS)
    none_there = torch.zeros_like(there_NL)
    none_there[:, 0] = 1
    memory = torch.cat([model.words(tokens_NL, there_NL), model.words(none_tokens, none_there)])
    there = torch.cat([there_NL, none_there])
    state, result = None, []
    for at, scale in enumerate(model.scales[: len(anchors)]):
        digits, levels = anchors[at].clone(), model.levels[at]
        edges = torch.zeros(2 * len(digits), model.size.parts[at] ** 2 + 1, *digits.shape[1:3])
        twice_state = None if state is None else torch.cat([state, state])
        noise = digits.shape if digit_by_digit[at] else (*digits.shape[:3], 1)
        turn = torch.rand(noise, generator=rng).expand(digits.shape)
        for step in range(steps[at]):
            if not (digits == MISSING).any():
                break
            both = scale(torch.cat([digits, digits]), twice_state, edges, memory, there).float()
            with_words, without = both.chunk(2)
            logits = without + guidance * (with_words - without)
            share = 1 - torch.cos(torch.tensor((step + 1) / steps[at] * torch.pi / 2))
            now = (digits == MISSING) & ((turn < share) | torch.tensor(step + 1 == steps[at]))
            digits = torch.where(now, draw(logits / temperature[at], levels, rng), digits)
        result.append(digits)
        if at + 1 < len(anchors):
            rows, cols = anchors[at + 1].shape[1:3]
            state = scale.below(digits, state)[:, :, :rows, :cols]
    return result


def draw(logits_NVRK: Tensor, levels: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """(N, R, K, D) uint8, each digit from its own distribution, by the inverse of its cumulative distribution."""
    digits, at_level = [], 0
    for count, num in alike(levels):
        chances = logits_NVRK[:, at_level : at_level + count * num].unflatten(1, (num, count)).softmax(dim=2)
        u = torch.rand((len(chances), num, 1, *chances.shape[3:]), generator=rng)
        digits.append((chances.cumsum(dim=2) < u).sum(dim=2).clamp(max=count - 1))
        at_level += count * num
    return torch.cat(digits, dim=1).permute(0, 2, 3, 1).to(torch.uint8)
