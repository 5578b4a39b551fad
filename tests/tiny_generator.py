"""A generator's package with the real interface and random weights, small enough to be made when tests begin.

What it draws means nothing; that digits, words, edges and the coarser state all matter to it is what tests need.
Its two convolutions of 3x3 see 2 cells around each.

Shapes: N = 1 or 2; L = words; C = channels; R, K = token rows, columns; D = digits of a token; V = levels of all.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from semcodec.layers.tokens.family import Family

WORDS = ("<none>", "<unknown>", *"a the two red green blue dog cat boat on in beach sea".split())
MEMORY, CHANNELS = 6, 8
OPSET, IR = 17, 8
FLOAT, UINT8, INT64 = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64


def write_package(folder: Path, family: Family, /, **choices: object) -> Path:
    """Writes a package for a token family; `choices` replace those of `about.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    (folder / "words.onnx").write_bytes(words_graph(rng))
    for scale, (stride, levels) in enumerate(zip(family.strides, family.levels, strict=True)):
        graph = scale_graph(rng, levels, is_coarsest=not scale, is_finest=scale + 1 == family.num_scales)
        (folder / f"scale-{stride}.onnx").write_bytes(graph)
    about = {
        "kind": "generator",
        "family": family.id,
        "strides": family.strides,
        "levels": family.levels,
        "vocabulary": WORDS,
        "max_words": 24,
        "text_long_side_px": 256,
        "steps": {str(stride): 4 for stride in family.strides},
        "fast_steps": {str(stride): 1 for stride in family.strides},
        "temperature": {str(stride): [1.0, 0.5] for stride in family.strides},
        "guidance": 1.5,
        "invents_down_to": 16,
        "window": {"core": 64, "margin": 8},
        **choices,
    }
    (folder / "about.json").write_text(json.dumps(about))
    return folder


def words_graph(rng: np.random.Generator) -> bytes:
    return _model(
        [helper.make_node("Gather", ["table", "tokens_NL"], ["memory_NLC"])],
        {"tokens_NL": (INT64, ["N", "L"])},
        {"memory_NLC": (FLOAT, ["N", "L", MEMORY])},
        {"table": _random(rng, len(WORDS), MEMORY, spread=2.0)},
    )


def scale_graph(rng: np.random.Generator, levels: tuple[int, ...], *, is_coarsest: bool, is_finest: bool) -> bytes:
    depth, num_levels = len(levels), sum(levels)
    num_seen = depth + 1 + 2 + (0 if is_coarsest else CHANNELS)
    node = helper.make_node
    seen = ["values", "is_known", "edges_N2RK", *([] if is_coarsest else ["state_NCRK"])]
    nodes = [
        node("Cast", ["digits_NRKD"], ["digits"], to=FLOAT),
        node("Transpose", ["digits"], ["digits_NDRK"], perm=[0, 3, 1, 2]),
        node("Less", ["digits_NDRK", "missing"], ["known"]),
        node("Cast", ["known"], ["known_NDRK"], to=FLOAT),
        node("Mul", ["digits_NDRK", "eighth"], ["small"]),
        node("Mul", ["small", "known_NDRK"], ["values"]),
        node("ReduceMean", ["known_NDRK"], ["is_known"], axes=[1]),
        node("Concat", seen, ["seen"], axis=1),
        node("Conv", ["seen", "see"], ["first"], pads=[1, 1, 1, 1]),
        node("Unsqueeze", ["there_NL", "last"], ["there_NL1"]),
        node("Mul", ["memory_NLC", "there_NL1"], ["memory"]),
        node("ReduceMean", ["memory"], ["said"], axes=[1], keepdims=0),
        node("MatMul", ["said", "hear"], ["heard"]),
        node("Unsqueeze", ["heard", "two_last"], ["heard_NC11"]),
        node("Add", ["first", "heard_NC11"], ["both"]),
        node("Tanh", ["both"], ["bounded"]),
        node("Conv", ["bounded", "think"], ["second"], pads=[1, 1, 1, 1]),
        node("Tanh", ["second"], ["thought"]),
        node("Conv", ["thought", "say"], ["logits_NVRK"]),
    ]
    inputs = {
        "digits_NRKD": (UINT8, ["N", "R", "K", depth]),
        **({} if is_coarsest else {"state_NCRK": (FLOAT, ["N", CHANNELS, "R", "K"])}),
        "edges_N2RK": (FLOAT, ["N", 2, "R", "K"]),
        "memory_NLC": (FLOAT, ["N", "L", MEMORY]),
        "there_NL": (FLOAT, ["N", "L"]),
    }
    outputs = {"logits_NVRK": (FLOAT, ["N", num_levels, "R", "K"])}
    constants = {
        "missing": np.float32(255),
        "eighth": np.float32(1 / 8),
        "last": np.array([2]),
        "two_last": np.array([2, 3]),
        "see": _random(rng, CHANNELS, num_seen, 3, 3, spread=0.5),
        "hear": _random(rng, MEMORY, CHANNELS, spread=1.0),
        "think": _random(rng, CHANNELS, CHANNELS, 3, 3, spread=0.5),
        "say": _random(rng, num_levels, CHANNELS, 1, 1, spread=2.0),
    }
    if not is_finest:
        nodes.append(node("Conv", ["thought", "leave"], ["folded"]))
        nodes.append(node("DepthToSpace", ["folded"], ["below_NCRK"], blocksize=2))
        outputs["below_NCRK"] = (FLOAT, ["N", CHANNELS, "R2", "K2"])
        constants["leave"] = _random(rng, 4 * CHANNELS, CHANNELS, 1, 1, spread=1.0)
    return _model(nodes, inputs, outputs, constants)


def _random(rng: np.random.Generator, *shape: int, spread: float) -> np.ndarray:
    return rng.normal(0, spread, shape).astype(np.float32)


def _model(nodes: list, inputs: dict, outputs: dict, constants: dict[str, np.ndarray]) -> bytes:
    infos = [[helper.make_tensor_value_info(name, *kind) for name, kind in side.items()] for side in (inputs, outputs)]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", *infos, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    checker.check_model(made)
    return made.SerializeToString()
