"""The second judge: a small residual classifier, trained once on Tiny ImageNet, then frozen and committed.

    python -m semcodec_train.judges.judge2 judge2_tiny --pictures train.tar --out DIR [--minutes N]

The benchmark measures distances with it because the training judge (MobileNetV2) sits in the codec's own loss. It
shares nothing with that network: other pictures, other layers, other resolution. It must never enter a loss.

Promises: (1) the file that it writes has batch norm folded in, half-precision weights and the layer list in its
metadata, in the words that `semcodec.evaluation.network` reads; (2) a run that was stopped goes on where its last
checkpoint is.

Shapes: N = pictures; C = channels; H, W = pixels.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from semcodec_train.common.loop import Log, Loop, say
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.judges.mobilenet import same_padding
from semcodec_train.judges.recipes import RECIPES, JudgeRecipe

NUM_HELD_OUT = 5  # pictures of every class that only measure


class ConvNorm(nn.Module):
    def __init__(self, cin: int, cout: int, kernel: int, stride: int, *, relu6: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, bias=False)
        self.norm = nn.BatchNorm2d(cout)
        self.kernel, self.stride, self.relu6 = kernel, stride, relu6

    def forward(self, x_NCHW: Tensor) -> Tensor:
        x, padding = same_padding(x_NCHW, self.kernel, self.stride)
        x = self.norm(F.conv2d(x, self.conv.weight, None, self.stride, padding))
        return F.relu6(x) if self.relu6 else x

    def folded(self) -> tuple[Tensor, Tensor]:
        gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        return self.conv.weight * gain[:, None, None, None], self.norm.bias - self.norm.running_mean * gain


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = ConvNorm(width, width, 3, 1, relu6=True)
        self.second = ConvNorm(width, width, 3, 1, relu6=False)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        return x_NCHW + self.second(self.first(x_NCHW))


class Judge2(nn.Module):
    """RGB in -1..1 to logits: a stem at stride 2, then a strided convolution and a residual block for every width."""

    def __init__(self, recipe: JudgeRecipe, num_classes: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = [ConvNorm(3, recipe.widths[0], 3, 2, relu6=True)]
        for cin, cout in zip(recipe.widths, recipe.widths[1:], strict=False):
            blocks += [ConvNorm(cin, cout, 3, 2, relu6=True), Residual(cout)]
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(recipe.widths[-1], num_classes)

    def forward(self, image_NCHW: Tensor) -> Tensor:
        x = image_NCHW
        for block in self.blocks:
            x = block(x)
        return self.head(x.float().mean(dim=(2, 3)))


def export(model: Judge2, path: Path, *, notes: dict[str, str]) -> None:
    """Writes the folded network and its layer list; half precision, one contiguous tensor per weight."""
    layers: list[dict[str, object]] = []
    tensors: dict[str, Tensor] = {}

    def add_conv(weight: Tensor, bias: Tensor, *, stride: int, relu6: bool) -> None:
        index = len(tensors) // 2
        tensors[f"{index}.weight"], tensors[f"{index}.bias"] = weight, bias
        cout, cin, kernel, _ = weight.shape
        layers.append(
            {"op": "conv", "index": index, "stride": stride, "kernel": kernel, "relu6": relu6, "cin": cin, "cout": cout}
        )

    depths = []
    for block in model.blocks:
        if isinstance(block, Residual):
            before = len(layers) - 1
            add_conv(*block.first.folded(), stride=1, relu6=True)
            add_conv(*block.second.folded(), stride=1, relu6=False)
            layers.append({"op": "add", "a": len(layers) - 1, "b": before})
        else:
            assert isinstance(block, ConvNorm)
            add_conv(*block.folded(), stride=block.stride, relu6=block.relu6)
        if isinstance(block, Residual) or not depths:
            depths.append(len(layers) - 1)
    layers.append({"op": "average_pool"})
    add_conv(model.head.weight[:, :, None, None], model.head.bias, stride=1, relu6=False)
    metadata = {"layers": json.dumps(layers), "depths": json.dumps(depths), "padding": "TensorFlow SAME", **notes}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.detach().to(torch.float16).contiguous() for name, t in tensors.items()}, str(path), metadata)


def load_pictures(path: Path) -> tuple[Tensor, Tensor, list[str]]:
    """(N, 3, 64, 64) uint8, (N,) class numbers, class names in sorted order; members are read in sorted order."""
    with tarfile.open(path) as tar:
        members = sorted((m for m in tar.getmembers() if m.isfile()), key=lambda m: m.name)
        names = sorted({m.name.split("/")[-2] for m in members})
        pixels, labels = [], []
        for member in members:
            file = tar.extractfile(member)
            assert file is not None
            with Image.open(io.BytesIO(file.read())) as picture:
                pixels.append(np.asarray(picture.convert("RGB")).transpose(2, 0, 1))
            labels.append(names.index(member.name.split("/")[-2]))
    return torch.from_numpy(np.stack(pixels)), torch.tensor(labels), names


def split_held_out(labels_N: Tensor) -> tuple[Tensor, Tensor]:
    """Indices to train on, and the last `NUM_HELD_OUT` of each class."""
    held = torch.zeros(len(labels_N), dtype=torch.bool)
    for label in labels_N.unique():
        held[(labels_N == label).nonzero().flatten()[-NUM_HELD_OUT:]] = True
    return (~held).nonzero().flatten(), held.nonzero().flatten()


def augment(pixels_NCHW: Tensor, size_px: int, rng: torch.Generator) -> Tensor:
    """uint8 -> -1..1: flipped, re-lit, enlarged or reduced a little (one size a batch), and cropped at random."""
    x = pixels_NCHW.float() / 127.5 - 1
    num = len(x)
    flip = torch.rand(num, generator=rng) < 0.5
    x[flip] = x[flip].flip(3)
    gain = 0.8 + 0.4 * torch.rand(num, 3, 1, 1, generator=rng).mean(1, keepdim=True)
    x = x * gain + 0.2 * (torch.rand(num, 1, 1, 1, generator=rng) - 0.5)
    inner = int(size_px * (1.0 + 0.4 * torch.rand((), generator=rng)))
    x = F.interpolate(x, size=(inner, inner), mode="bilinear", antialias=True, align_corners=False)
    x = F.pad(x, (4, 4, 4, 4), mode="reflect")
    spare = inner + 8 - size_px
    corners = torch.randint(0, spare + 1, (num, 2), generator=rng).tolist()
    return torch.stack([x[n, :, t : t + size_px, left : left + size_px] for n, (t, left) in enumerate(corners)])


@torch.no_grad()
def measure_top1(model: Judge2, pixels_NCHW: Tensor, labels_N: Tensor) -> float:
    model.eval()
    hits, where = 0, model.head.weight.device
    for at in range(0, len(pixels_NCHW), 250):
        logits = model(pixels_NCHW[at : at + 250].to(where).float() / 127.5 - 1)
        hits += int((logits.argmax(1).cpu() == labels_N[at : at + 250]).sum())
    model.train()
    return hits / len(pixels_NCHW)


def train(
    recipe: JudgeRecipe,
    pixels_NCHW: Tensor,
    labels_N: Tensor,
    *,
    num_classes: int,
    out: Path,
    sources: Sources | None = None,
    log: Log = say,
) -> Judge2:
    """SGD, one cycle of the learning rate; what was held out is measured after every epoch."""
    torch.manual_seed(recipe.seed)
    where = device()
    model = Judge2(recipe, num_classes).to(where)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=recipe.weight_decay
    )
    learn, held = split_held_out(labels_N)
    steps_per_epoch = len(learn) // recipe.batch
    if not steps_per_epoch:
        raise ValueError(f"{len(learn)} pictures are fewer than a batch of {recipe.batch}")
    num_steps = recipe.num_epochs * steps_per_epoch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.peak_lr, total_steps=num_steps + 1, pct_start=0.2)
    state = {"model": model, "optimizer": optimizer, "schedule": schedule}
    loop = Loop(out, state, device=where, log_every=max(1, steps_per_epoch), log=log)
    begun = -1
    for progress in loop.through(recipe.minutes, num_steps):
        epoch, step = divmod(loop.step, steps_per_epoch)
        if epoch != begun:
            begun, rng = epoch, torch.Generator().manual_seed(recipe.seed * 1000 + epoch)
            size_px = recipe.small_px if max(progress, epoch / recipe.num_epochs) < recipe.small_share else 64
            order = learn[torch.randperm(len(learn), generator=rng)]
        picks = order[step * recipe.batch : (step + 1) * recipe.batch]
        image = augment(pixels_NCHW[picks], size_px, rng).to(where)
        with torch.autocast(where, torch.bfloat16):
            logits = model(image)
        loss = F.cross_entropy(logits.float(), labels_N[picks].to(where), label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        # (more than a step of the cycle where minutes are short)
        for _ in range(max(loop.step, int(progress * num_steps)) + 1 - schedule.last_epoch):
            schedule.step()
        told: dict[str, Tensor | float] = {"loss": loss}
        if step + 1 == steps_per_epoch:
            told["top1_held_out"] = measure_top1(model, pixels_NCHW[held], labels_N[held])
        loop.add(told, crops=len(picks))
    write_run(out / RUN, recipe, loop, sources or Sources())
    return model.eval()


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--pictures", type=Path, required=True, help="a tar of CLASS/NAME.JPEG, 64x64")
    args = parser.parse_args()
    pixels, labels, names = load_pictures(args.pictures)
    sources = Sources.of(data={"pictures": args.pictures})
    model = train(chosen(args, RECIPES), pixels, labels, num_classes=len(names), out=args.out, sources=sources)
    _, held = split_held_out(labels)
    top1 = measure_top1(model, pixels[held], labels[held])
    notes = {
        "input": "RGB in [-1, 1], NCHW, 64x64 for classification; any size for features",
        "trained_on": f"Tiny ImageNet, {len(labels) - len(held)} pictures of {len(names)} classes",
        "top1_held_out": f"{top1:.4f} on {len(held)} pictures",
        "classes": json.dumps(names),
    }
    export(model.cpu(), args.out / "judge2.safetensors", notes=notes)


if __name__ == "__main__":
    main()
