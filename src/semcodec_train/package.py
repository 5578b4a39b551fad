r"""A trained tokenizer into the package: ONNX graphs, the family's tables, and their entry in `models.json`.

    python -m semcodec_train.package --weights model.pt --family 1.bin --name nano-1 --wire-id 1 \
        --facts facts.json --photos photos/train
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch

import semcodec
from semcodec_train.data import CropStream, load_photos
from semcodec_train.export import export_tokenizer
from semcodec_train.tokenizer import Tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--family", type=Path, required=True, help="tables from semcodec_train.token_tables")
    parser.add_argument("--name", required=True)
    parser.add_argument("--wire-id", type=int, required=True)
    parser.add_argument("--facts", type=Path, required=True, help="JSON: licence, recipe, data, results ...")
    parser.add_argument("--photos", type=Path, required=True, help="pictures that the decoder is calibrated on")
    args = parser.parse_args()
    package = Path(semcodec.__file__).parent
    model = Tokenizer()
    model.load_state_dict(torch.load(args.weights, weights_only=True))
    folder = package / "zoo" / "weights" / args.name
    stream = iter(CropStream(load_photos(args.photos, limit=400), size_px=256, batch=8, seed=2026))
    crops = [next(stream).float() / 127.5 - 1 for _ in range(6)]
    graphs = export_tokenizer(model, folder, crops)
    tables = package / "layers" / "tokens" / "families" / f"{args.wire_id}.bin"
    if args.family.resolve() != tables.resolve():
        shutil.copyfile(args.family, tables)
    index = package / "zoo" / "models.json"
    models = json.loads(index.read_text("utf-8")) if index.exists() else {}
    models[args.name] = {
        "wire_id": args.wire_id,
        "files": [_entry(path) for path in graphs.values()],
        "tables": _entry(tables),
        "num_parameters": {
            "encoder": sum(p.numel() for p in model.encoder.parameters()),
            "decoder": sum(p.numel() for p in model.decoder.parameters()),
        },
        **json.loads(args.facts.read_text("utf-8")),
    }
    index.write_text(json.dumps(models, indent=2) + "\n", "utf-8")


def _entry(path: Path) -> dict[str, object]:
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


if __name__ == "__main__":
    main()
