"""The describer: a fixed picture network, and a Transformer that writes words about what it sees.

Shapes: N = pictures; H, W = pixels; P = positions of the memory; C = channels; T = tokens of a sequence; V =
vocabulary.

1. EfficientNet-lite2, a fixed network that tells the classes of ImageNet apart, sees the picture (`Sight`).
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

from semcodec_train.describer.class_words import words_of_classes
from semcodec_train.judges.efficientnet import EfficientNetLite


@dataclass(frozen=True, slots=True)
class WriterSize:
    width: int = 256
    heads: int = 4
    layers: int = 3
    hidden: int = 768
    max_tokens: int = 40
    concepts_seen: int = 16
    concept_hidden: int = 256


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of a concept that is less likely than in the usual picture, the word's logit falls `weight` times as far as the
    concept's, at most as for one that is `most` further down. What is rarer than the logit `rare` counts as that.
    """

    weight: float = 1.0
    rare: float = -3.0
    most: float = 4.0


@dataclass(slots=True)
class Sight:
    """What the picture network hands on: its last map (N, C, R, K), its pooled features (N, F), and the logits of
    ImageNet's classes (N, 1000).
    """

    map: Tensor
    pooled: Tensor
    classes: Tensor


def sight_of(network: EfficientNetLite, map_NCRK: Tensor) -> Sight:
    pooled = F.relu6(network.head(map_NCRK)).mean((2, 3))
    return Sight(map_NCRK, pooled, network.fc(pooled))


class Detector(nn.Module):
    """(pooled features, logits of classes) -> logits of concepts. What the classes say of a concept's word is evidence
    that is added: learnt from a thousand pictures alone, it would know few words.
    """

    def __init__(self, features: int, hidden: int, concepts: Sequence[str], class_words: Sequence[Sequence[str]]):
        super().__init__()
        self.features = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(features, hidden), nn.GELU(), nn.Dropout(0.5), nn.Linear(hidden, len(concepts))
        )
        known = sorted({word for words in class_words for word in words} & set(concepts))
        column = {word: at for at, word in enumerate(known)}
        said = torch.zeros(len(class_words), len(known))
        for at, words in enumerate(class_words):
            said[at, [column[word] for word in words if word in column]] = 1
        self.register_buffer("said", said, persistent=False)
        # (of each concept, where its evidence is; one behind the last is none)
        places = torch.tensor([column.get(word, len(known)) for word in concepts], dtype=torch.long)
        self.register_buffer("places", places, persistent=False)
        self.trust = nn.Parameter(torch.full((len(known),), 0.3))

    def evidence(self, classes_NK: Tensor) -> Tensor:
        """(N, known words), 0 to 7: how likely the classes are for which a word is used."""
        return (classes_NK.softmax(-1) @ self.said + 1e-3).log() + 7

    def forward(self, pooled_NF: Tensor, classes_NK: Tensor) -> Tensor:
        evidence = self.trust * self.evidence(classes_NK)
        evidence = torch.cat([evidence, torch.zeros_like(classes_NK[:, :1])], 1)
        return self.features(pooled_NF.clamp(min=0).sqrt()) + evidence.index_select(1, self.places)

    def begin(self, mean_NW: Tensor) -> None:
        """Learns anew, from how often each concept is there."""
        for layer in self.features:
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
        last = self.features[-1]
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            self.trust.fill_(0.3)
            last.bias.copy_(torch.logit(mean_NW.clamp(1e-4, 0.9)))


class Memory(nn.Module):
    """What is seen -> (N, R * K + 1 + concepts_seen, width)."""

    def __init__(
        self,
        size: WriterSize,
        *,
        channels: int,
        features: int,
        places: int,
        concepts: Sequence[str],
        class_words: Sequence[Sequence[str]],
    ) -> None:
        super().__init__()
        self.size = size
        self.place = nn.Linear(channels, size.width)
        self.whole = nn.Linear(channels, size.width)
        self.where = nn.Parameter(torch.zeros(places + 1, size.width))
        self.concepts = Detector(features, size.concept_hidden, concepts, class_words)
        self.concept_words = nn.Embedding(len(concepts), size.width)
        self.concept_chance = nn.Linear(2, size.width)
        self.norm = nn.LayerNorm(size.width)

    def concept_logits(self, seen: Sight) -> Tensor:
        """Of how many of a picture's captions use each concept's word."""
        return self.concepts(seen.pooled, seen.classes)

    def of_concepts(self, logits_NW: Tensor) -> Tensor:
        """(N, concepts_seen, width): the likeliest concepts, in falling order of chance."""
        chosen = logits_NW.topk(self.size.concepts_seen, -1)
        chance = torch.sigmoid(chosen.values)
        how_sure = torch.stack([chance, chance.sqrt()], -1)
        return self.norm(self.concept_words(chosen.indices) + self.concept_chance(how_sure))

    def of_places(self, seen: Sight) -> Tensor:
        """(N, R * K + 1, width)."""
        places = self.place(seen.map.flatten(2).transpose(1, 2))
        whole = self.whole(seen.map.mean((2, 3)))[:, None]
        return self.norm(torch.cat([places, whole], 1) + self.where)

    def forward(self, seen: Sight) -> Tensor:
        return torch.cat([self.of_places(seen), self.of_concepts(self.concept_logits(seen))], 1)


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

    def gone_on(
        self, tokens_MS: Tensor, own_keys: Tensor, own_values: Tensor, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Logits (M, V) behind sequences that `tokens_MS` are added to, and keys and values of all their tokens, per
        layer. Keys and values are (layers, M or N, heads, T or P, c): `own` of the tokens before, else of the memory.
        """
        before, num = own_keys.shape[3], tokens_MS.shape[1]
        at = torch.arange(before + num, device=tokens_MS.device)
        mask = at[None, :] > at[before:, None]
        x = self.embed(tokens_MS) + self.where[before : before + num]
        grown = []
        for number, layer in enumerate(self.layers):
            new = layer.own.keys_values(layer.norms[0](x))
            own = (torch.cat([own_keys[number], new[0]], 2), torch.cat([own_values[number], new[1]], 2))
            grown.append(own)
            x = layer(x, own, (keys[number], values[number]), mask)
        return self._logits(x[:, -1]), grown

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


def concept_loss(logits_NW: Tensor, shares_NW: Tensor, weights_NW: Tensor) -> Tensor:
    """Of the share of a picture's captions that use each word, summed over words, per picture."""
    loss = F.binary_cross_entropy_with_logits(logits_NW, shares_NW, weight=weights_NW, reduction="sum")
    return loss / len(logits_NW)


class Describer(nn.Module):
    """All three, for a vocabulary and a list of concepts. The picture network does not learn."""

    def __init__(
        self,
        encoder: EfficientNetLite,
        writer: WriterSize,
        *,
        num_tokens: int,
        concepts: Sequence[str],
        usual: Sequence[float],
        image_px: int,
        doubt: Doubt = Doubt(),
    ) -> None:
        """`usual`: of each concept, the share of all captions that use its word."""
        super().__init__()
        self.doubt = doubt
        shares = torch.tensor(usual, dtype=torch.float32).clamp(1e-4, 0.9)
        self.register_buffer("usual", torch.logit(shares).clamp(min=doubt.rare), persistent=False)
        self.concept_names = tuple(concepts)
        self.encoder = encoder
        class_words = words_of_classes()[: encoder.fc.out_features]
        self.memory = Memory(
            writer,
            channels=encoder.head.in_channels,
            features=encoder.head.out_channels,
            places=(image_px // 32) ** 2,
            concepts=concepts,
            class_words=class_words,
        )
        self.writer = Writer(writer, num_tokens)

    def doubts(self, logits_NW: Tensor) -> Tensor:
        """(N, W), 0 and less: how much the words of concepts are doubted that are less likely than usual."""
        return self.doubt.weight * (logits_NW - self.usual).clamp(-self.doubt.most, 0)

    def see(self, image_NCHW: Tensor) -> Sight:
        """RGB in -1..1."""
        return sight_of(self.encoder, self.encoder.features(image_NCHW)[-1])
