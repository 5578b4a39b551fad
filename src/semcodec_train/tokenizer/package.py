r"""A trained tokenizer into the package: ONNX graphs, the family's tables, and the rows of encoder, predictor, decoder.

    python -m semcodec_train.tokenizer.package --weights model.pt --family 1.bin --name nano-1 --wire-id 1 \
        --facts facts.json --photos photos/train
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import semcodec
from semcodec_train.common.photos import CropStream, load_photos
from semcodec_train.common.release import add_row, carry_run, entry_of, folder_and_facts, release_arguments
from semcodec_train.tokenizer.export import PAINTER, export_tokenizer
from semcodec_train.tokenizer.weights import load_tokenizer

# One training makes three networks: what encodes, what the encoder predicts with, and what paints. (The latter two are
# the same graphs to begin with; a better decoder gets a row and files of its own.)
ROWS = {
    "encoder": ("encoder-fine", "encoder-coarse", "encoder-residues", "about"),
    "predictor": ("decoder-coarse", PAINTER, "decoder-fine", "about"),
    "decoder": ("decoder-coarse", "decoder-fine", "about"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--family", type=Path, required=True, help="tables from semcodec_train.tables.tokens")
    parser.add_argument("--wire-id", type=int, required=True)
    parser.add_argument("--photos", type=Path, required=True, help="pictures that the decoder is calibrated on")
    release_arguments(parser)
    args = parser.parse_args()
    model = load_tokenizer(args.weights)
    folder, facts = folder_and_facts(args)
    stream = iter(CropStream(load_photos(args.photos, limit=400), size_px=256, batch=8, seed=2026))
    crops = [next(stream).float() / 127.5 - 1 for _ in range(6)]
    graphs = export_tokenizer(model, folder, crops)
    run = carry_run(args.weights, folder)
    if facts is None:
        return
    tables = Path(semcodec.__file__).parent / "layers" / "tokens" / "families" / f"{args.wire_id}.bin"
    if args.family.resolve() != tables.resolve():
        shutil.copyfile(args.family, tables)
    for purpose, names in ROWS.items():
        part = "encoder" if purpose == "encoder" else "decoder"
        own: dict[str, object] = {"num_parameters": {part: sum(p.numel() for p in getattr(model, part).parameters())}}
        if purpose == "encoder":
            own["tables"] = entry_of(tables, tables.parent)
        paths = [*(graphs[name] for name in names), *run]
        add_row(f"{purpose}-{args.name}", purpose, paths, own | facts, serves=[args.wire_id])


if __name__ == "__main__":
    main()
