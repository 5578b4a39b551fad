"""The transform of structure tokens is fitted, and their decoder trained, for all budgets at once.

    python -m semcodec_train.structure.train RECIPE --maps DIR... --out DIR [--init structure.pt] [--minutes N]

`--maps` hold maps of outlines at stride 2 as .png files: what `outliner.draw` or `outliner.data` have left. It leaves
`structure.pt` (the average) and `run.json` (what it was made with). The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import MuonAdam, split_parameters, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, save, write_run
from semcodec_train.structure.model import StructureCodec, outline_loss
from semcodec_train.structure.recipes import RECIPES, StructureRecipe
from semcodec_train.structure.transform import fit_transform
from semcodec_train.tokenizer.model import digit_values, sample_masks

WEIGHTS = "structure.pt"
FITTED_CROPS = 400


class Maps:
    """Crops of maps that all lie in the device's memory as uint8 (3,000 maps of a 320 px picture: 0.1 GB)."""

    def __init__(self, folders: Sequence[Path], *, cells: int, batch: int, device: str, seed: int) -> None:
        self._cells, self._batch, self._rng = cells, batch, np.random.default_rng(seed)
        self._maps = []
        for path in sorted(path for folder in folders for path in folder.glob("*.png")):
            with Image.open(path) as opened:
                map_HW = np.asarray(opened.convert("L"))
            missing = [(0, max(0, cells - side)) for side in map_HW.shape]
            self._maps.append(torch.from_numpy(np.pad(map_HW, missing).copy()).to(device))
        if not self._maps:
            raise FileNotFoundError(f"{', '.join(map(str, folders))}: no .png in it; outliner.data makes them")

    def __len__(self) -> int:
        return len(self._maps)

    def begin(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def get(self) -> Tensor:
        """(N, 1, cells, cells) 0..1."""
        rng, crops = self._rng, []
        for _ in range(self._batch):
            map_HW = self._maps[int(rng.integers(len(self._maps)))]
            top, left = (int(rng.integers(side - self._cells + 1)) for side in map_HW.shape)
            crop = map_HW[top : top + self._cells, left : left + self._cells]
            crop = crop.flip(1) if rng.random() < 0.5 else crop
            crops.append(crop.T if rng.random() < 0.25 else crop)
        return torch.stack(crops)[:, None].float() / 255


def train_step(model: StructureCodec, map_N1HW: Tensor, recipe: StructureRecipe, generator: torch.Generator) -> Tensor:
    """The loss of a batch: coded for random budgets, of which the decoder has random parts."""
    num, where, spec = len(map_N1HW), map_N1HW.device, recipe.spec
    spend = torch.rand(num, 1, generator=generator).to(where)
    rows, cols = (side // 16 for side in map_N1HW.shape[2:])
    masks = sample_masks(num, rows, cols, len(spec.levels), generator, full=recipe.full)
    tokens = [
        digit_values(digits, levels) * mask.to(where)
        for digits, levels, mask in zip(model.digits(map_N1HW, spend), spec.levels, masks, strict=True)
    ]
    with torch.autocast(where.type, torch.bfloat16):
        logits = model(tokens)
    return outline_loss(logits.float(), map_N1HW, recipe.outlines)


def train(
    recipe: StructureRecipe,
    folders: Sequence[Path],
    out: Path,
    init: Path | None = None,
    *,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe to its end, or goes on with it. `init`: a codec whose transform, and with it digits, are kept."""
    torch.manual_seed(0)
    where = device()
    model = StructureCodec(recipe.spec, recipe.widths).to(where)
    stream = Maps(folders, cells=recipe.crop_cells, batch=recipe.batch, device=where, seed=0)
    if init is None:
        crops = torch.cat([stream.get() for _ in range(-(-FITTED_CROPS // recipe.batch))])
        fit_transform(model.transform, crops)
    else:
        kept = torch.load(init, weights_only=True, map_location=where)
        model.load_state_dict(
            {name: value for name, value in kept.items() if name.startswith("transform.")}, strict=False
        )
    average = Average(model)
    kernels, others = split_parameters(model)
    optimiser = MuonAdam(kernels, others, muon_lr=recipe.muon_lr, adam_lr=recipe.adam_lr, clip_at=2.0)
    state = {"model": model, "average": average, "optimiser": optimiser}
    loop = Loop(
        out, state, device=where, of_processor=True, on_save=lambda: save(out / WEIGHTS, average.state_dict()), log=log
    )
    stream.begin(loop.step + 1)
    generator = torch.Generator().manual_seed(loop.step)
    log(f"{where}, {sum(p.numel() for p in model.parameters()):,} weights, {len(stream)} maps")
    for progress in loop.through(recipe.minutes):
        loss = train_step(model, stream.get(), recipe, generator)
        norm = optimiser.step(loss, warm_cosine(progress, 0.02, warm_up=0.05))
        average.take(model, warming(recipe.average, loop.step))
        loop.add({"loss": loss, "norm": norm}, crops=recipe.batch)
    write_run(out / RUN, recipe, loop, sources or Sources.of(parents={"init": init}), maps=len(stream))


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--maps", type=Path, nargs="+", required=True)
    parser.add_argument("--init", type=Path, help="a structure.pt whose transform is kept")
    args = parser.parse_args()
    data = {folder.name: folder for folder in args.maps}
    sources = Sources.of(parents={"init": args.init}, data=data)
    train(chosen(args, RECIPES), args.maps, args.out, args.init, sources=sources)


if __name__ == "__main__":
    main()
