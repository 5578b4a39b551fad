"""The detector of a describer that is packaged, for one that is to see what that one sees.

Kinds of things, keywords and vectors of pictures are made of what the detector tells. A writer that learnt with another
detector of the same concepts can have it: then only captions change, and vectors stay comparable.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from semcodec_train.describer.concepts import concept_logits
from semcodec_train.describer.train import Trained

_BEFORE = "model.memory.concepts."  # of the names of its weights in image.onnx


def packaged_detector(image_onnx: Path) -> dict[str, Tensor]:
    """Its weights, as a package's graph has them: in 8 bits with a scale, or in halves."""
    stored = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(image_onnx)).graph.initializer}
    weights = {}
    for name in stored:
        whole, _, kind = name.rpartition("_")
        if name.startswith(_BEFORE) and kind in ("int8", "half"):
            scale = stored[f"{whole}_scale"] if kind == "int8" else np.float32(1)
            weights[whole.removeprefix(_BEFORE)] = torch.from_numpy(stored[name].astype(np.float32) * scale)
        elif name.startswith(_BEFORE) and kind not in ("scale", "wide"):
            weights[name.removeprefix(_BEFORE)] = torch.from_numpy(stored[name].copy())
    return weights


def seeing_with(trained: Trained, weights: dict[str, Tensor]) -> Trained:
    """The same describer with this detector. Of pictures that it learnt from it is still told what detectors of
    strangers said; of those for choosing and for figures, what this one says.
    """
    trained.model.memory.concepts.load_state_dict(weights)
    trained.model.eval()
    rows = [*trained.rows["choose"], *trained.rows["test"]]
    logits = trained.logits.clone()
    logits[rows] = concept_logits(trained.model.memory, trained.seen, rows)
    return replace(trained, logits=logits)
