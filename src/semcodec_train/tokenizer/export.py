"""Trained networks to ONNX files for `semcodec.nets`, each checked against PyTorch before it is kept.

Shapes: N = 1 picture; H, W = pixels; R, K = token rows, columns; D = digits.

Large kernels are stored as 8-bit integers with a scale per output channel, the rest as float16; both are widened when
the session opens, and arithmetic is in float32. The encoder paints three times: the coarse half of the decoder, and a
copy of the fine half for the encoder alone, are computed in integers (`common.int8`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from semcodec_train.common.graphs import check_parity, store_compactly, traced
from semcodec_train.common.int8 import Inputs, likeness_db, quantised
from semcodec_train.tokenizer.model import MISSING, Tokenizer, Widths, digit_values, sample_masks

GRAPHS = ("encoder-fine", "encoder-coarse", "encoder-residues", "decoder-coarse", "decoder-fine")
PAINTER = "encoder-painter"  # decoder-fine in integers, for the encoder's loop
# Transforms of residues, and the fine graphs: with these in 8 bits too, 1.4 % of the pixels differed by more than 1 and
# features by up to 10 % of their spread, for 1.5 MB less.
IN_HALVES = ("encoder.residues.", "decoder.synthesis.", "net.")
# Of the decoder in integers, what stays in float32: digits and residues come in and pixels go out here.
IN_FLOAT = ("embed", "synthesis", "see", "paint")
LEAST_LIKENESS_DB = 20.0  # of a decoder in integers to itself in float32; nano-1: 33 coarse, 29 fine


class EncoderFine(nn.Module):
    """image (1, H, W, 3) uint8, sides multiples of 8 -> features at stride 8."""

    def __init__(self, model: Tokenizer) -> None:
        super().__init__()
        self.net = model.encoder.fine

    def forward(self, image_NHWC: Tensor) -> Tensor:
        return self.net(image_NHWC.permute(0, 3, 1, 2).float() / 127.5 - 1)


class EncoderCoarse(nn.Module):
    """Features at stride 8, sides multiples of 16 -> digits (1, R, K, D) uint8 per learned scale."""

    def __init__(self, model: Tokenizer) -> None:
        super().__init__()
        self.encoder = model.encoder

    def forward(self, features_NCRK: Tensor) -> tuple[Tensor, ...]:
        _, digits, _ = self.encoder.coarse(features_NCRK)
        return tuple(d.permute(0, 2, 3, 1).to(torch.uint8) for d in digits)


class EncoderResidues(nn.Module):
    """image, painting (1, H, W, 3) uint8, sides multiples of 32 -> digits (1, R, K, D) uint8 per residual scale."""

    def __init__(self, model: Tokenizer) -> None:
        super().__init__()
        self.encoder = model.encoder

    def forward(self, image_NHWC: Tensor, painting_NHWC: Tensor) -> tuple[Tensor, ...]:
        residue = (image_NHWC.float() - painting_NHWC.float()).permute(0, 3, 1, 2) / 127.5
        residues = self.encoder.residues
        found = (residues(residue, at)[1] for at in range(len(residues.levels)))
        return tuple(d.permute(0, 2, 3, 1).to(torch.uint8) for d in found)


class DecoderCoarse(nn.Module):
    """Digits per scale (255: missing) -> features at stride 8."""

    def __init__(self, model: Tokenizer) -> None:
        super().__init__()
        self.decoder, self.levels = model.decoder, model.spec.levels

    def forward(self, *digits_NRKD: Tensor) -> Tensor:
        tokens = [digit_values(d.permute(0, 3, 1, 2), lv) for d, lv in zip(digits_NRKD, self.levels, strict=True)]
        return self.decoder.coarse(tokens)


class DecoderFine(nn.Module):
    """Features at stride 8 -> image (1, H, W, 3) uint8."""

    def __init__(self, model: Tokenizer) -> None:
        super().__init__()
        self.net = model.decoder.fine

    def forward(self, features_NCRK: Tensor) -> Tensor:
        image = torch.clamp((self.net(features_NCRK) + 1) * 127.5, 0, 255)
        return torch.round(image).to(torch.uint8).permute(0, 2, 3, 1)


def export_tokenizer(
    model: Tokenizer, out: Path, crops: Sequence[Tensor] = (), *, num_calibration: int = 48
) -> dict[str, Path]:
    """Writes the graphs, and the facts beside them. Raises `ValueError` if ONNX Runtime and PyTorch disagree by more
    than rounding.

    `crops` are (N, 3, H, W) in -1..1: the decoder's ranges are calibrated on the first `num_calibration` pictures of
    them, with any part of their tokens missing. Without crops all stays in float32.
    """
    model = model.eval()
    strides, num_learned = model.spec.strides, model.spec.num_learned
    rng = torch.Generator().manual_seed(0)
    coarse = torch.rand((1, 3, 16, 24), generator=rng)
    smooth = torch.nn.functional.interpolate(coarse, size=(256, 384), mode="bicubic") + 0.05 * torch.rand(
        (1, 3, 256, 384), generator=rng
    )
    image = (smooth.clamp(0, 1) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    with torch.no_grad():
        features = EncoderFine(model)(image)
        # What a decoder is given: random digits would take it off its ground.
        digits = tuple(
            d.permute(0, 2, 3, 1).to(torch.uint8) for d in model.digits(image.permute(0, 3, 1, 2) / 127.5 - 1)
        )
        painting = (image.float() * 0.9).to(torch.uint8)
        painted_features = DecoderCoarse(model)(*digits)
    digit_names = [f"digits_{stride}" for stride in strides]
    jobs = (
        ("encoder-fine", EncoderFine(model), (image,), ["image"], ["features"]),
        ("encoder-coarse", EncoderCoarse(model), (features,), ["features"], digit_names[:num_learned]),
        (
            "encoder-residues",
            EncoderResidues(model),
            (image, painting),
            ["image", "painting"],
            digit_names[num_learned:],
        ),
        ("decoder-coarse", DecoderCoarse(model), digits, digit_names, ["features"]),
        ("decoder-fine", DecoderFine(model), (painted_features,), ["features"], ["image"]),
    )
    out.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, module, inputs, input_names, output_names in jobs:
        paths[name] = out / f"{name}.onnx"
        paths[name].write_bytes(export_graph(module.eval(), inputs, input_names, output_names))
        check_parity(name, paths[name], module, dict(zip(input_names, inputs, strict=True)), mean=0.02, most=0.1)
    given = calibration_inputs(model, crops, num_calibration) if crops else {}
    for name, module, inputs, input_names, output_names in jobs[-2:]:
        target = PAINTER if name == "decoder-fine" else name
        exact = paths[name].read_bytes()
        if given:
            small = quantised(exported(module, inputs, input_names, output_names), given[name], in_float=IN_FLOAT)
            store_compactly(small, in_halves=IN_HALVES)
            likeness = likeness_db(small.SerializeToString(), exact, given[name][::4])
            if likeness < LEAST_LIKENESS_DB:
                raise ValueError(f"{name}: in integers only {likeness:.1f} dB like itself in float32")
            exact = small.SerializeToString()
        paths[target] = out / f"{target}.onnx"
        paths[target].write_bytes(exact)
    paths["about"] = out / "about.json"
    paths["about"].write_text(json.dumps(facts_of(model.widths, strides), indent=1) + "\n", "utf-8")
    return paths


def facts_of(widths: Widths, strides: Sequence[int]) -> dict[str, dict[str, int]]:
    """What `semcodec.nets` has to know of the graphs (`about.json`): how far each sees, above all."""
    at8, at4 = widths.encoder_blocks_8_4
    encoder_px = 8 * 2 * at8 + 4 * (2 * at4 + 1)
    at8, at4 = widths.decoder_blocks_8_4
    decoder_px = 8 * 2 * at8 + 4 * (2 * at4 + 1)
    felt_px = [0] * len(strides)  # how far beyond itself a token is, in the coarse graph: there and at finer scales
    for scale, num_blocks in enumerate(widths.decoder_blocks):
        for coarser in range(scale + 1):
            felt_px[coarser] += strides[scale] * 2 * num_blocks
    reach_tokens = max(-(-px // stride) for px, stride in zip(felt_px, strides, strict=True))
    return {
        "encoder": _fine_facts(encoder_px),
        "decoder": _fine_facts(decoder_px) | {"reach_tokens": reach_tokens},
    }


def _fine_facts(reach_px: int) -> dict[str, int]:
    """Tiles of 1024 pixels: 1.2 times the work of whole pictures, 300 MB a tile in the decoder."""
    return {"fine_stride": 8, "reach_px": reach_px, "margin_px": -(-reach_px // 32) * 32, "tile_px": 1024}


@torch.no_grad()
def calibration_inputs(model: Tokenizer, crops: Sequence[Tensor], num: int) -> dict[str, list[Inputs]]:
    """What the two graphs of the decoder are given for pictures of which anything may be missing."""
    rng = torch.Generator().manual_seed(1)
    coarse, names = DecoderCoarse(model), [f"digits_{stride}" for stride in model.spec.strides]
    result: dict[str, list[Inputs]] = {"decoder-coarse": [], "decoder-fine": []}
    pictures = (picture[None] for crop in crops for picture in crop)
    for picture, _ in zip(pictures, range(num), strict=False):
        rows, cols = picture.shape[2] // 128, picture.shape[3] // 128
        masks = sample_masks(1, rows, cols, len(model.spec.strides), rng)
        digits = [
            torch.where(mask > 0, found, torch.tensor(float(MISSING))).permute(0, 2, 3, 1).to(torch.uint8)
            for found, mask in zip(model.digits(picture), masks, strict=True)
        ]
        result["decoder-coarse"].append({name: d.numpy() for name, d in zip(names, digits, strict=True)})
        result["decoder-fine"].append({"features": coarse(*digits).numpy()})
    return result


def export_graph(
    module: nn.Module, inputs: tuple[Tensor, ...], input_names: list[str], output_names: list[str]
) -> bytes:
    """An ONNX model with compact weights, heights and widths free."""
    model = exported(module, inputs, input_names, output_names)
    store_compactly(model, in_halves=IN_HALVES)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def exported(
    module: nn.Module, inputs: tuple[Tensor, ...], input_names: list[str], output_names: list[str]
) -> onnx.ModelProto:
    """An ONNX model with float32 weights, heights and widths free."""
    axes = {}
    for name, tensor in zip(input_names, inputs, strict=True):
        rows, cols = (1, 2) if tensor.dtype == torch.uint8 else (2, 3)
        axes[name] = {rows: f"{name}_rows", cols: f"{name}_cols"}
    return traced(module, inputs, input_names, output_names, axes)
