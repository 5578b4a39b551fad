"""CLIP's picture tower, run in numpy from a weight file that the user gives; the score is the cosine of two embeddings.

The file is the safetensors of a Hugging Face CLIP model (`openai/clip-vit-base-patch32` and its like; tensors
`vision_model.*`, `visual_projection.weight`). Pictures: short side to the tower's size (bicubic), central square.

Shapes: T = patches and one class token; D = width; A = heads.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.evaluation.weights import read_weights

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float32]

_MEAN, _DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_HEAD_WIDTH = 64  # of every published CLIP picture tower


class ClipTower:
    def __init__(self, path: Path) -> None:
        self.weights = read_weights(path)
        self._patch = self.weights["vision_model.embeddings.patch_embedding.weight"]
        num_places = self.weights["vision_model.embeddings.position_embedding.weight"].shape[0]
        self._size_px = int((num_places - 1) ** 0.5 + 0.5) * self._patch.shape[2]
        names = self.weights.tensors
        self._num_layers = sum(
            name.startswith("vision_model.") and name.endswith("layer_norm1.weight") for name in names
        )

    def embed(self, image_HWC: Pixels) -> Floats:
        """A unit vector."""
        x_TD = self._tokens(self._prepare(image_HWC))
        x_TD = self._norm(x_TD, "vision_model.pre_layrnorm")
        for at in range(self._num_layers):
            name = f"vision_model.encoder.layers.{at}"
            x_TD = x_TD + self._attend(self._norm(x_TD, f"{name}.layer_norm1"), f"{name}.self_attn")
            hidden = self._linear(self._norm(x_TD, f"{name}.layer_norm2"), f"{name}.mlp.fc1")
            hidden = hidden / (1 + np.exp(-1.702 * hidden))
            x_TD = x_TD + self._linear(hidden, f"{name}.mlp.fc2")
        pooled = self._norm(x_TD[:1], "vision_model.post_layernorm")[0]
        embedding = self.weights["visual_projection.weight"] @ pooled
        return np.asarray(embedding / np.linalg.norm(embedding), np.float32)

    def _prepare(self, image_HWC: Pixels) -> Floats:
        picture, side = Image.fromarray(image_HWC), self._size_px
        factor = side / min(picture.size)
        size = (max(side, round(picture.width * factor)), max(side, round(picture.height * factor)))
        left, top = (size[0] - side) // 2, (size[1] - side) // 2
        crop = picture.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + side, top + side))
        return np.asarray(
            (np.asarray(crop, np.float32) / 255 - np.array(_MEAN, np.float32)) / np.array(_DEVIATION, np.float32),
            np.float32,
        )

    def _tokens(self, image_HWC: Floats) -> Floats:
        width, _, size, _ = self._patch.shape
        num = image_HWC.shape[0] // size
        cut = image_HWC.reshape(num, size, num, size, 3).transpose(0, 2, 4, 1, 3).reshape(num * num, -1)
        patches = cut @ self._patch.reshape(width, -1).T
        first = self.weights["vision_model.embeddings.class_embedding"].reshape(1, width)
        places = self.weights["vision_model.embeddings.position_embedding.weight"]
        return np.asarray(np.concatenate([first, patches]) + places, np.float32)

    def _attend(self, x_TD: Floats, name: str) -> Floats:
        num_tokens, width = x_TD.shape
        heads = [
            self._linear(x_TD, f"{name}.{part}_proj").reshape(num_tokens, -1, _HEAD_WIDTH).transpose(1, 0, 2)
            for part in ("q", "k", "v")
        ]
        scores_ATT = heads[0] @ heads[1].transpose(0, 2, 1) / np.float32(_HEAD_WIDTH**0.5)
        weights_ATT = np.exp(scores_ATT - scores_ATT.max(axis=2, keepdims=True))
        weights_ATT /= weights_ATT.sum(axis=2, keepdims=True)
        mixed = (weights_ATT @ heads[2]).transpose(1, 0, 2).reshape(num_tokens, width)
        return self._linear(mixed, f"{name}.out_proj")

    def _linear(self, x_TD: Floats, name: str) -> Floats:
        return np.asarray(x_TD @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"], np.float32)

    def _norm(self, x_TD: Floats, name: str) -> Floats:
        centred = x_TD - x_TD.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(1e-5))
        return np.asarray(scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"], np.float32)
