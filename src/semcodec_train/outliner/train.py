"""The outliner's training.

    python -m semcodec_train.outliner.train RECIPE --pairs DIR --backbone efficientnet_lite2.safetensors --out DIR
        [--init outliner.safetensors] [--minutes N]

`--pairs` is what `outliner.data` has left. It leaves `outliner.safetensors` (the average, 16 bits) and `run.json` (what
it was made with). The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import clip, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.outliner.data import Pairs
from semcodec_train.outliner.model import Outliner
from semcodec_train.outliner.recipes import RECIPES, OutlinerRecipe

CLIP = 1.0  # of the gradient's norm


def loss_of(said: list[Tensor], outlines_N1HW: Tensor, recipe: OutlinerRecipe) -> Tensor:
    """Cross-entropy at each stride, against the outlines halved to it."""
    total, wanted = outlines_N1HW.new_zeros(()), outlines_N1HW
    for scale, logits in enumerate(said):
        if scale:
            wanted = F.avg_pool2d(wanted, 2)
        loss = F.binary_cross_entropy_with_logits(logits.float(), wanted, weight=1 + recipe.outlines * wanted)
        total = total + (loss if scale == 0 else recipe.coarser * loss)
    return total


def train(
    recipe: OutlinerRecipe,
    pairs: Path,
    backbone: Path,
    out: Path,
    init: Path | None = None,
    *,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe to its end, or goes on with it."""
    torch.manual_seed(0)
    where = device()
    model = Outliner(EfficientNetLite(backbone), recipe.width)
    if init is not None:
        model.load_state_dict({name: value.float() for name, value in load_file(str(init)).items()})
    model = model.to(where, memory_format=torch.channels_last)
    average = Average(model)
    trained = [*model.stem.parameters(), *model.blocks.parameters()]
    new = [*model.look.parameters(), *model.think.parameters(), *model.say.parameters()]
    groups = [{"params": new, "share": 1.0}, {"params": trained, "share": recipe.backbone_share}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, 0.98), weight_decay=1e-4)
    loop = Loop(
        out, {"model": model, "average": average, "optimiser": optimiser}, device=where, of_processor=True, log=log
    )
    stream = Pairs(
        pairs, crop_px=recipe.crop_px, batch=recipe.batch, people=recipe.people, device=where, seed=loop.step
    )
    log(f"{where}, {sum(p.numel() for p in model.parameters()):,} weights, {len(stream)} pairs")
    for progress in loop.through(recipe.minutes):
        picture, outlines = stream.get()
        with torch.autocast(where, torch.bfloat16):
            said = model(picture)
        loss = loss_of(said, outlines, recipe)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm, good = clip(model.parameters(), CLIP)
        if good:
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr * group["share"] * warm_cosine(progress, 0.02)
            optimiser.step()
        average.take(model, warming(recipe.average, loop.step))
        loop.add({"loss": loss, "norm": norm}, crops=recipe.batch)
    weights = {name: value.to("cpu", torch.float16).contiguous() for name, value in average.state_dict().items()}
    save_file(weights, str(out / "outliner.safetensors"))
    write_run(out / RUN, recipe, loop, sources or Sources.of(parents={"init": init}), pairs=len(stream))


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--pairs", type=Path, required=True, help="what outliner.data has left")
    parser.add_argument("--backbone", type=Path, required=True, help="efficientnet_lite2.safetensors")
    parser.add_argument("--init", type=Path, help="an outliner.safetensors to begin from")
    args = parser.parse_args()
    sources = Sources.of(parents={"init": args.init}, networks={"backbone": args.backbone}, data={"pairs": args.pairs})
    train(chosen(args, RECIPES), args.pairs, args.backbone, args.out, args.init, sources=sources)


if __name__ == "__main__":
    main()
