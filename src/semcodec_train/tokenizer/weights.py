"""A tokenizer's weights from files: a trained one, or others to begin from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from semcodec_train.common.run import run_beside
from semcodec_train.tokenizer.export import GRAPHS
from semcodec_train.tokenizer.model import PyramidSpec, Tokenizer, Widths


def load_tokenizer(weights: Path) -> Tokenizer:
    """With the sizes that the `run.json` beside the weights tells; where there is none, with those of `PyramidSpec`."""
    run = run_beside(weights)
    settings = json.loads(run.read_text("utf-8"))["settings"] if run is not None else {"spec": {}, "widths": {}}
    model = Tokenizer(PyramidSpec(**_tuples(settings["spec"])), Widths(**_tuples(settings["widths"])))
    model.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
    return model.eval()


def _tuples(said: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    if isinstance(said, dict):
        return {name: _tuples(value) for name, value in said.items()}
    return tuple(map(_tuples, said)) if isinstance(said, list) else said


def weights_of_graphs(folder: Path) -> dict[str, Tensor]:
    """The weights of exported graphs under their names in `Tokenizer`, as exact as they were stored: a start for more
    training where the checkpoint is gone.
    """
    result = {}
    for graph in GRAPHS:
        inside = f"{graph.removesuffix('-fine')}.fine." if graph.endswith("-fine") else ""
        stored = {
            weight.name: numpy_helper.to_array(weight).astype(np.float32)
            for weight in onnx.load(folder / f"{graph}.onnx").graph.initializer
        }
        for name, values in stored.items():
            plain = name.removesuffix("_int8").removesuffix("_half").removesuffix("_quantized")
            if not plain.endswith((".weight", ".bias")):
                continue
            if name.endswith(("_int8", "_quantized")):
                scale = stored[f"{plain}{'_quantized' * plain.endswith('.bias')}_scale"]
                values = values * scale.reshape(-1, *[1] * (values.ndim - 1))
            result[inside + plain.removeprefix("net.") if inside else plain] = torch.from_numpy(values.copy())
    return result


def take_over(model: Tokenizer, weights: dict[str, Tensor]) -> str:
    """Copies what fits, so that the model does at first what the other did. A residual block that is new begins as the
    identity; digits that are new are not listened to yet. Says what is new.
    """
    new = []
    with torch.no_grad():
        for name, mine in model.state_dict().items():
            theirs = weights.get(name)
            if theirs is None:
                new.append(name)
                if name.endswith("second.weight"):
                    mine.zero_()
            elif mine.shape == theirs.shape:
                mine.copy_(theirs)
            elif ".to_digits." in name:  # theirs may also have more: the last ones were the least used
                count = min(len(mine), len(theirs))
                mine[:count] = theirs[:count]
                mine[count:] *= 0.75
                new.append(f"{name}[{count}:]")
            elif ".from_digits." in name:
                count = min(mine.shape[1], theirs.shape[1])
                mine.zero_()
                mine[:, :count] = theirs[:, :count]
            elif ".embed." in name:  # the last column is that of the mask
                count = min(mine.shape[1], theirs.shape[1]) - 1
                mine.zero_()
                mine[:, :count] = theirs[:, :count]
                mine[:, -1] = theirs[:, -1]
            else:
                raise ValueError(f"{name}: a shape of {tuple(theirs.shape)} cannot become {tuple(mine.shape)}")
    return f"begun from other weights; new: {', '.join(new) or 'nothing'}"
