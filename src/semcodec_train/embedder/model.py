"""Two tables that meet: what a describer sees of its concepts, and words, each to 64 numbers.

Learnt is which of many pictures a caption was said of, and the other way round (InfoNCE: van den Oord et al.,
"Representation learning with contrastive predictive coding", 2018): so the product of a picture's numbers and those of
a caption's words, summed, is the logarithm of how much likelier these words are said of this picture than of another.

Captioned pictures are few. So most of the learning is from sentences, of whose pictures a detector's logits are made up
(as the describer's writer learns words): of 208 pictures kept out, the caption's one is among the first 5 for 45 % with
them and for 37 % without (four folds). What is likely says more than how unlikely the rest is: from the square roots of
chances it is 53 %, from their log-odds 46 % (two folds).

Shapes: N = captions or pictures; W = concepts; V = words; D = 64 numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec.layers.vector import NUM_LEVELS

# Of a Gaussian's spread: of 16 levels those that lose least (Max, "Quantizing for minimum distortion", 1960).
STEP = 0.335
LEAST_SPREAD = 0.02  # of the root of a chance


def roots_of(logits_NW: Tensor) -> Tensor:
    """The square roots of chances, 0 to 1."""
    return torch.sigmoid(logits_NW).sqrt()


class EmbedderModel(nn.Module):
    def __init__(self, logits_NW: Tensor, num_words: int, word_of: Sequence[int], named: float) -> None:
        """`logits_NW`: of pictures, for their mean, spread and main directions. `word_of`: the word of each concept."""
        super().__init__()
        roots_NW = roots_of(logits_NW)
        self.register_buffer("mean", roots_NW.mean(0))
        self.register_buffer("spread", roots_NW.std(0).clamp(min=LEAST_SPREAD))
        _, lengths, directions = torch.linalg.svd((roots_NW - self.mean) / self.spread, full_matrices=False)
        picture = torch.zeros(logits_NW.shape[1], NUM_LEVELS)
        known = min(NUM_LEVELS, len(lengths))
        spreads = (lengths[:known] / len(logits_NW) ** 0.5).clamp(min=0.1)
        picture[:, :known] = directions[:known].T / spreads.sqrt()
        self.picture = nn.Parameter(picture)
        words = 0.01 * torch.randn(num_words, NUM_LEVELS)
        words[list(word_of)] = named * picture
        self.words = nn.Parameter(words)

    def of_pictures(self, logits_NW: Tensor) -> Tensor:
        """(N, D)."""
        return (roots_of(logits_NW) - self.mean) / self.spread @ self.picture

    def of_captions(self, captions: Sequence[Sequence[int]]) -> Tensor:
        """(N, D), of the numbers of their words."""
        starts = torch.tensor([0, *map(len, captions[:-1])]).cumsum(0)
        every = torch.tensor([word for caption in captions for word in caption], dtype=torch.long)
        return F.embedding_bag(every, self.words, starts, mode="sum")

    def loss(self, logits_NW: Tensor, captions: Sequence[Sequence[int]], pictures_share: float) -> Tensor:
        """Of pictures and a caption of each."""
        odds_NN = self.of_captions(captions) @ self.of_pictures(logits_NW).T
        own = torch.arange(len(captions))
        return F.cross_entropy(odds_NN, own) + pictures_share * F.cross_entropy(odds_NN.T, own)


class MadeUp:
    """Logits that a detector of a sensitivity d' in a range would give pictures of which only captions are known."""

    def __init__(self, shares_NW: Tensor, sensitivity: tuple[float, float]) -> None:
        """`shares_NW`: of how many of a picture's captions use each concept's word."""
        self.is_said_NW = shares_NW > 0
        times_W = self.is_said_NW.sum(0)
        said_W = (times_W + 0.5) / (len(shares_NW) + 1)
        self._odds_W = (1 - said_W) / said_W
        self._mean_W = (shares_NW.sum(0) / times_W.clamp(min=1)).clamp(0.2, 0.95)
        self._least, self._most = sensitivity

    def logits_of(self, rows: Sequence[int]) -> Tensor:
        """(rows, W)."""
        there = self.is_said_NW[rows].float()
        d = self._least + (self._most - self._least) * torch.rand(len(there), 1)
        evidence = (2 * there - 1) * d * d / 2 + d * torch.randn_like(there)
        return torch.logit(self._mean_W / (1 + self._odds_W * torch.exp(-evidence)), eps=1e-6)
