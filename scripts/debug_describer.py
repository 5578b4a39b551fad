"""Writes `tests/data/words-debug`: a describer's package whose network is small enough to be known by heart.

    python scripts/debug_describer.py          (needs the extra `train` or `bench`: onnx)

It has the interface of the real one and no training: the next token follows from the last two tokens and from the mean
colour of the picture. Of a red, green or blue picture it is sure, of a grey one it is not:

    caption     "A red cap on the wall."        asked for fewer bits: "Cap."
    keywords    "red, cap"
    regions     a cap in a box that reaches beyond the picture, then a wall

Shapes: N = beginnings; T = tokens; V = vocabulary; P = places; C = 3 (RGB).
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "data" / "words-debug"
SPECIALS = ("<end>", "<caption>", "<regions>", "<keywords>", "<full>", "<short>", "<unknown>")
WORDS = (" a", " red", " green", " blue", " cap", " leaf", " sea", " on", " the", " wall", ",")
COORDINATES = tuple(f"<{n}>" for n in range(64))
VOCABULARY = (*SPECIALS, *WORDS, *COORDINATES)
COLOURS, THINGS = (" red", " green", " blue"), (" cap", " leaf", " sea")
IMAGE_PX, PLACES = 32, 2
THRESHOLDS = {"caption": 0.9, "keywords": 0.75, "regions": 0.5}
BOXES = (("<40>", "<9>", "<30>", "<31>"), ("<0>", "<1>", "<62>", "<61>"))
OPSET, IR = 17, 8

STRONG = 20  # more than a colour can do; `STRONGER` says more than `STRONG`
STRONGER = 40

# (a token, the token behind it, how much likelier that gets)
AFTER_LAST = [
    ("<full>", " a", STRONG),
    *((" a", colour, STRONG) for colour in COLOURS),
    (" a", ",", -STRONGER),
    *((colour, thing, STRONG) for colour, thing in zip(COLOURS, THINGS, strict=True)),
    *((before, thing, STRONG) for before in ("<short>", ",", BOXES[0][3]) for thing in THINGS),
    *((thing, " on", STRONG) for thing in THINGS),
    *((thing, BOXES[1][0], STRONGER) for thing in THINGS),
    (" on", " the", STRONG),
    (" the", " wall", STRONG),
    (BOXES[1][3], " wall", STRONG),
    (" wall", "<end>", STRONG),
    *((before, behind, STRONG) for box in BOXES for before, behind in pairwise(box)),
]
AFTER_LAST_BUT_ONE = [
    ("<keywords>", " a", -STRONG),
    *(("<keywords>", colour, STRONG) for colour in COLOURS),
    ("<full>", ",", STRONGER),
    *((before, "<end>", STRONGER) for before in (",", "<short>")),
    ("<regions>", BOXES[0][0], STRONG),
]


def number(token: str) -> int:
    return VOCABULARY.index(token)


def table(rows: list[tuple[str, str, float]]) -> np.ndarray:
    table_VV = np.zeros((len(VOCABULARY), len(VOCABULARY)), np.float16)
    for before, behind, how_much in rows:
        table_VV[number(before), number(behind)] = how_much
    return table_VV


def colour_weights() -> np.ndarray:
    """(C, V): colours and things get likelier with their colour, and less so with the two others."""
    weights_CV = np.zeros((3, len(VOCABULARY)), np.float16)
    for names in (COLOURS, THINGS):
        for channel, name in enumerate(names):
            weights_CV[:, number(name)] = -2
            weights_CV[channel, number(name)] = 4
    return weights_CV


def image_graph() -> bytes:
    side = IMAGE_PX // PLACES
    nodes = [
        helper.make_node("AveragePool", ["image_NCHW"], ["pooled"], kernel_shape=[side, side], strides=[side, side]),
        helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["features_NPC"], perm=[0, 2, 1]),
    ]
    return model(
        nodes,
        [helper.make_tensor_value_info("image_NCHW", TensorProto.FLOAT, [1, 3, IMAGE_PX, IMAGE_PX])],
        [helper.make_tensor_value_info("features_NPC", TensorProto.FLOAT, [1, PLACES**2, 3])],
        {"shape": np.array([1, 3, PLACES**2], np.int64)},
    )


def words_graph() -> bytes:
    nodes = [
        helper.make_node("Slice", ["tokens_NT", "zero", "one", "axis"], ["first"]),
        helper.make_node("Slice", ["tokens_NT", "zero", "minus_one", "axis"], ["but_last"]),
        helper.make_node("Concat", ["first", "but_last"], ["before_NT"], axis=1),
        helper.make_node("Gather", ["last", "tokens_NT"], ["by_last_16"]),
        helper.make_node("Gather", ["last_but_one", "before_NT"], ["by_last_but_one_16"]),
        helper.make_node("ReduceMean", ["features_NPC"], ["colour"], axes=[1], keepdims=1),
        helper.make_node("Cast", ["colours"], ["colours_32"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["colour", "colours_32"], ["by_colour"]),
        helper.make_node("Add", ["by_last_16", "by_last_but_one_16"], ["by_tokens_16"]),
        helper.make_node("Cast", ["by_tokens_16"], ["by_tokens"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["by_tokens", "by_colour"], ["logits_NTV"]),
    ]
    return model(
        nodes,
        [
            helper.make_tensor_value_info("tokens_NT", TensorProto.INT64, ["N", "T"]),
            helper.make_tensor_value_info("features_NPC", TensorProto.FLOAT, ["N", "P", 3]),
        ],
        [helper.make_tensor_value_info("logits_NTV", TensorProto.FLOAT, ["N", "T", len(VOCABULARY)])],
        {
            "last": table(AFTER_LAST),
            "last_but_one": table(AFTER_LAST_BUT_ONE),
            "colours": colour_weights(),
            "zero": np.array([0]),
            "one": np.array([1]),
            "minus_one": np.array([-1]),
            "axis": np.array([1]),
        },
    )


def model(nodes: list, inputs: list, outputs: list, constants: dict[str, np.ndarray]) -> bytes:
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "debug", inputs, outputs, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    checker.check_model(made)
    return made.SerializeToString()


def facts() -> dict[str, object]:
    return {
        "vocabulary": list(VOCABULARY),
        "specials": {
            **{name: number(f"<{name}>") for name in ("end", "caption", "regions", "keywords")},
            "box": number("<0>"),
            "lambda": [number("<full>"), number("<short>")],
            "never": [number("<unknown>")],
        },
        "image_px": IMAGE_PX,
        "max_tokens": 32,
        "lambdas": [0.0, 1.0],
        "default_lambda": 0,
        "language": "en",
        "case": {"caption": "sentence"},
        "confidence": {task: math.log(share) for task, share in THRESHOLDS.items()},
        "confidence_of": "mean-log-probability",
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "image.onnx").write_bytes(image_graph())
    (FOLDER / "words.onnx").write_bytes(words_graph())
    (FOLDER / "words.json").write_text(json.dumps(facts(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
