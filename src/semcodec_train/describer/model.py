"""The describer: a small image encoder, and a Transformer that writes words about what it sees.

Shapes: N = pictures; H, W = pixels; P = positions of the memory; C = channels; T = tokens of a sequence; V =
vocabulary.

1. `ImageEncoder` is a plain convolutional network; it learns from a larger fixed network (`describer.distil`).
2. `Memory` turns its features into what the writer looks at: one position per place of the picture, one for the whole,
   and a few *concepts*, which are words that captions of such pictures use, with their chances (`concept_logits`).
   Sentences without pictures teach the writer too: a memory of concepts alone can be made up for them.
3. `Writer` is a Transformer decoder. A sequence is a task token, a rate token, the words, and `end`; the task says
   what is written (a caption, regions, keywords), the rate token how dear a bit is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """Channels inside the parts at strides 2, 4, 8, 16, 32; residual blocks at strides 8, 16, 32; the channels that go
    from each part to the next, and of the features.
    """

    channels: tuple[int, int, int, int, int] = (32, 48, 96, 192, 384)
    blocks: tuple[int, int, int] = (1, 2, 1)
    joints: tuple[int, int, int] = (32, 96, 320)
    features: int = 1280


class Residual(nn.Module):
    """relu(x + norm(conv(relu(norm(conv(x)))))). Plain kernels: in training, bf16 depthwise layers are 2-4 times slower
    on CPUs. Batch norm: exported, it is a part of the kernels.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        nn.init.constant_(self.second_norm.weight, 0.3)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(x)))
        return F.relu(x + self.second_norm(self.second(inner)))


class Down(nn.Module):
    """Half the resolution: a 3x3 convolution of stride 2."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class ImageEncoder(nn.Module):
    """RGB in -1..1, sides multiples of 32 -> features in 0..6 at stride 32.

    Three parts, each of which hands on a few channels without an activation, as its teacher's do at these strides: so
    each part can be taught alone, on what the teacher has at the joints (`describer.distil`). Joints have a
    spread of about 1.
    """

    def __init__(self, size: EncoderSize = EncoderSize()) -> None:
        super().__init__()
        at2, at4, at8, at16, at32 = size.channels
        to16, to32, last = size.joints
        self.at8 = nn.Sequential(Down(3, at2), Down(at2, at4), *self._part(at4, at8, size.blocks[0], to16))
        self.at16 = nn.Sequential(*self._part(to16, at16, size.blocks[1], to32))
        self.at32 = nn.Sequential(*self._part(to32, at32, size.blocks[2], last))
        self.widen = nn.Conv2d(last, size.features, 1)

    @staticmethod
    def _part(cin: int, channels: int, blocks: int, cout: int) -> list[nn.Module]:
        return [Down(cin, channels), *(Residual(channels) for _ in range(blocks)), nn.Conv2d(channels, cout, 1)]

    def forward(self, image_NCHW: Tensor) -> Tensor:
        return F.relu6(self.widen(self.at32(self.at16(self.at8(image_NCHW)))))


@dataclass(frozen=True, slots=True)
class WriterSize:
    width: int = 256
    heads: int = 4
    layers: int = 3
    hidden: int = 768
    max_tokens: int = 40
    concepts_seen: int = 16
    concept_hidden: int = 512


class Memory(nn.Module):
    """Features (N, C, R, K) -> (N, R * K + 1 + concepts_seen, width)."""

    def __init__(self, size: WriterSize, *, features: int, places: int, num_concepts: int) -> None:
        super().__init__()
        self.size = size
        self.place = nn.Linear(features, size.width)
        self.whole = nn.Linear(features, size.width)
        self.where = nn.Parameter(torch.zeros(places + 1, size.width))
        self.concepts = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(2 * features, size.concept_hidden),
            nn.GELU(),
            nn.Dropout(0.5),
            nn.Linear(size.concept_hidden, num_concepts),
        )
        self.concept_words = nn.Embedding(num_concepts, size.width)
        self.concept_chance = nn.Linear(2, size.width)
        self.norm = nn.LayerNorm(size.width)

    def concept_logits(self, features_NCRK: Tensor) -> Tensor:
        """Of how many of a picture's captions use each concept's word."""
        pooled = torch.cat([features_NCRK.mean((2, 3)), features_NCRK.amax((2, 3))], -1)
        return self.concepts(pooled.clamp(min=0).sqrt())

    def of_concepts(self, logits_NW: Tensor) -> Tensor:
        """(N, concepts_seen, width): the likeliest concepts, in falling order of chance."""
        chosen = logits_NW.topk(self.size.concepts_seen, -1)
        chance = torch.sigmoid(chosen.values)
        how_sure = torch.stack([chance, chance.sqrt()], -1)
        return self.norm(self.concept_words(chosen.indices) + self.concept_chance(how_sure))

    def of_places(self, features_NCRK: Tensor) -> Tensor:
        """(N, R * K + 1, width)."""
        places = self.place(features_NCRK.flatten(2).transpose(1, 2))
        whole = self.whole(features_NCRK.mean((2, 3)))[:, None]
        return self.norm(torch.cat([places, whole], 1) + self.where)

    def forward(self, features_NCRK: Tensor) -> Tensor:
        concepts = self.of_concepts(self.concept_logits(features_NCRK))
        return torch.cat([self.of_places(features_NCRK), concepts], 1)


class Attention(nn.Module):
    """Heads' queries against keys and values that may have been computed before."""

    def __init__(self, size: WriterSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.query = nn.Linear(size.width, size.width)
        self.key_value = nn.Linear(size.width, 2 * size.width)
        self.out = nn.Linear(size.width, size.width)
        nn.init.normal_(self.out.weight, std=0.1 * size.width**-0.5)
        nn.init.zeros_(self.out.bias)

    def split(self, x: Tensor) -> Tensor:
        """(N, T, heads * c) -> (N, heads, T, c)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def keys_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        key, value = self.key_value(x).chunk(2, -1)
        return self.split(key), self.split(value)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
        scores = self.split(self.query(x)) @ keys.transpose(-1, -2) * keys.shape[-1] ** -0.5
        if mask is not None:
            scores = scores.masked_fill(mask, -1e4)
        return self.out((scores.softmax(-1) @ values).transpose(1, 2).flatten(2))


class WriterLayer(nn.Module):
    def __init__(self, size: WriterSize, dropout: float) -> None:
        super().__init__()
        self.own, self.look = Attention(size), Attention(size)
        self.norms = nn.ModuleList(nn.LayerNorm(size.width) for _ in range(3))
        self.widen = nn.Linear(size.width, size.hidden)
        self.narrow = nn.Linear(size.hidden, size.width)
        nn.init.normal_(self.narrow.weight, std=0.1 * size.hidden**-0.5)
        nn.init.zeros_(self.narrow.bias)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, own: tuple[Tensor, Tensor], seen: tuple[Tensor, Tensor], mask: Tensor | None
    ) -> Tensor:
        """`own` are the keys and values of `norms[0](x)` and what stands before. There may be several sequences to each
        memory: they look at it together.
        """
        x = x + self.dropout(self.own(self.norms[0](x), *own, mask))
        together = (len(seen[0]), -1, x.shape[2]) if len(seen[0]) != len(x) else x.shape
        x = x + self.dropout(self.look(self.norms[1](x).reshape(together), *seen).reshape(x.shape))
        return x + self.dropout(self.narrow(F.gelu(self.widen(self.norms[2](x)))))


@dataclass(slots=True)
class Written:
    """What a step needs of those before it: keys and values, per layer, of the words (M rows) and the memory (N)."""

    own: list[tuple[Tensor, Tensor]]
    seen: list[tuple[Tensor, Tensor]]
    num_tokens: int = 0

    def choose(self, rows_M: Tensor) -> None:
        """Row m goes on where row `rows_M[m]` is; it has to belong to the same memory."""
        self.own = [(keys[rows_M], values[rows_M]) for keys, values in self.own]


class Writer(nn.Module):
    """(tokens (M, T), memory (N, P, width)) -> logits (M, T, V) of the token that follows each. M is a multiple of N:
    the first M / N sequences are about the first memory, and so on.
    """

    def __init__(self, size: WriterSize, num_tokens: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.size = size
        self.embed = nn.Embedding(num_tokens, size.width)
        self.where = nn.Parameter(0.02 * torch.randn(size.max_tokens, size.width))
        self.layers = nn.ModuleList(WriterLayer(size, dropout) for _ in range(size.layers))
        self.norm = nn.LayerNorm(size.width)
        self.bias = nn.Parameter(torch.zeros(num_tokens))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=size.width**-0.5)

    def forward(self, tokens_MT: Tensor, memory_NPC: Tensor) -> Tensor:
        num = tokens_MT.shape[1]
        at = torch.arange(num, device=tokens_MT.device)
        mask = at[None, :] > at[:, None]
        x = self.dropout(self.embed(tokens_MT) + self.where[:num])
        for layer in self.layers:
            own = layer.own.keys_values(layer.norms[0](x))
            x = layer(x, own, layer.look.keys_values(memory_NPC), mask)
        return self._logits(x)

    def _logits(self, x: Tensor) -> Tensor:
        return F.linear(self.norm(x), self.embed.weight, self.bias)

    def begin(self, memory_NPC: Tensor) -> Written:
        return Written([], [layer.look.keys_values(memory_NPC) for layer in self.layers])

    def step(self, tokens_M: Tensor, written: Written) -> Tensor:
        """Logits (M, V) of the token behind `tokens_M`, which are added to `written`."""
        x = self.embed(tokens_M)[:, None] + self.where[written.num_tokens]
        caches = []
        for at, layer in enumerate(self.layers):
            own = layer.own.keys_values(layer.norms[0](x))
            if written.own:
                before = written.own[at]
                own = (torch.cat([before[0], own[0]], 2), torch.cat([before[1], own[1]], 2))
            caches.append(own)
            x = layer(x, own, written.seen[at], None)
        written.own = caches
        written.num_tokens += 1
        return self._logits(x)[:, 0]


def word_loss(logits_NTV: Tensor, tokens_NT: Tensor, counts_NT: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy per counted token. `logits_NTV` follow all tokens but the last; `counts_NT` says which are
    learnt.
    """
    loss = F.cross_entropy(
        logits_NTV.float().flatten(0, 1), tokens_NT[:, 1:].flatten(), reduction="none", label_smoothing=smoothing
    )
    counts = counts_NT[:, 1:].flatten().float()
    return (loss * counts).sum() / counts.sum().clamp(min=1)


def concept_loss(logits_NW: Tensor, shares_NW: Tensor) -> Tensor:
    """Of the share of a picture's captions that use each word, summed over words, per picture."""
    return F.binary_cross_entropy_with_logits(logits_NW, shares_NW, reduction="sum") / len(logits_NW)


class Describer(nn.Module):
    """All three, for a vocabulary and a list of concepts."""

    def __init__(
        self, encoder: EncoderSize, writer: WriterSize, *, num_tokens: int, concepts: Sequence[str], image_px: int = 224
    ) -> None:
        super().__init__()
        self.concept_names = tuple(concepts)
        self.encoder = ImageEncoder(encoder)
        self.memory = Memory(
            writer, features=encoder.features, places=(image_px // 32) ** 2, num_concepts=len(concepts)
        )
        self.writer = Writer(writer, num_tokens)
