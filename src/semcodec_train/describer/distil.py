"""The describer's image encoder learns to see what a larger fixed network sees.

    python -m semcodec_train.describer.distil RECIPE --data DIR --held-out MANIFEST --out DIR [--minutes N]

Teacher and student look at the same view of a picture, and there is no end of views: the teacher is run each time,
which costs half of what the student's step does (5 ms and 10 ms for 192 pixels on one core). The student is asked for
what the teacher has at strides 8, 16 and 32, and for its last features. Its parts are first taught alone, each given
what the teacher handed on at the joint before it, so that none has to wait until those before it see well; more and
more pictures they then have to see on their own. Two fixed layers are put behind both and their answers compared: the
teacher's own last one, to 1,001 classes, and one that learnt from the teacher's features which words people use of a
picture (`describer.concepts`), which is what the features are for.

It leaves `encoder.pt` and `run.json`. On a CPU minutes are of processor time, so that a run on a shared core does as
much work; the same command runs on a GPU.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import MuonAdam, split_parameters, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, save, write_run
from semcodec_train.describer.concepts import look, train_concepts
from semcodec_train.describer.data import (
    Pictures,
    Split,
    held_out_files,
    load_frame_squares,
    load_index,
    load_squares,
    load_tiny,
    sentences_by_picture,
    split_photos,
    square,
    to_input,
    view_batches,
)
from semcodec_train.describer.language import Language, learn_words
from semcodec_train.describer.model import ImageEncoder, Memory, concept_loss
from semcodec_train.describer.recipes import DESCRIBERS, ENCODERS, DescriberRecipe, DistilRecipe
from semcodec_train.judges.mobilenet import MobileNetV2

# Positions in the teacher's layer list -> spread of the values: what its parts at strides 8, 16, 32 hand on.
JOINTS = {20: 6.0, 46: 4.3, 60: 2.2}
FEATURES, LOGITS = 61, 63
WEIGHTS = {
    "stride8": 0.5,
    "stride16": 0.5,
    "stride32": 0.5,
    "last": 0.5,
    "pooled": 0.5,
    "classes": 0.3,
    "concepts": 1.0,
}
Batches = Generator[tuple[int, Pictures], int, None]


def answers(encoder: ImageEncoder, image_NCHW: Tensor, joints: list[Tensor], alone_N: Tensor) -> list[Tensor]:
    """The student's joints and features, where each part was given what the teacher handed on, except in the pictures
    that it has to see `alone`.
    """
    alone = alone_N[:, None, None, None]
    result = [encoder.at8(image_NCHW)]
    for part, taught in zip((encoder.at16, encoder.at32, encoder.widen), joints, strict=True):
        result.append(part(torch.where(alone, result[-1], taught.to(result[-1].dtype))))
    return [*result[:3], F.relu6(result[3])]


class Classes(nn.Module):
    """The teacher's last layer."""

    def __init__(self, teacher: MobileNetV2) -> None:
        super().__init__()
        index = teacher.layers[LOGITS]["index"]
        self.register_buffer("weight", getattr(teacher, f"{index}_weight").flatten(1))
        self.register_buffer("bias", getattr(teacher, f"{index}_bias"))

    def forward(self, pooled_NC: Tensor) -> Tensor:
        return F.linear(pooled_NC, self.weight, self.bias)


def unexplained(mine: Tensor, theirs: Tensor) -> Tensor:
    """The share of the variance over a batch, of all channels together, that is not explained: 0 is perfect."""
    dims = [0, *range(2, theirs.ndim)]
    spread = (theirs - theirs.mean(dims, keepdim=True)).square().mean()
    return (mine - theirs).square().mean() / (spread + 1e-6)


def losses(
    encoder: ImageEncoder,
    teacher: MobileNetV2,
    classes: Classes,
    concepts: Memory | None,
    image_NCHW: Tensor,
    alone_N: Tensor,
) -> dict[str, Tensor]:
    with torch.no_grad():
        seen = teacher(image_NCHW, last=FEATURES)
        joints = [seen[at].float() / spread for at, spread in JOINTS.items()]
        theirs = [*joints, seen[FEATURES].float()]
    mine = [answer.float() for answer in answers(encoder, image_NCHW, joints, alone_N)]
    names = ("stride8", "stride16", "stride32", "last")
    result = {name: unexplained(m, t) for name, m, t in zip(names, mine, theirs, strict=True)}
    my_pooled, their_pooled = mine[3].mean((2, 3)), theirs[3].mean((2, 3))
    result["pooled"] = unexplained(my_pooled, their_pooled)
    result["classes"] = divergence(classes(my_pooled), classes(their_pooled))
    if concepts is not None:
        said = concepts.concept_logits(theirs[3]).sigmoid()
        certain = concept_loss(torch.logit(said, 1e-6), said)
        result["concepts"] = concept_loss(concepts.concept_logits(mine[3]), said) - certain
    return result


def divergence(mine: Tensor, theirs: Tensor) -> Tensor:
    """Kullback-Leibler, of the chances that logits (N, classes) stand for."""
    return F.kl_div(mine.log_softmax(-1), theirs.log_softmax(-1), log_target=True, reduction="batchmean")


class LastFeatures(nn.Module):
    """The teacher as an image encoder."""

    def __init__(self, teacher: MobileNetV2) -> None:
        super().__init__()
        self.teacher = teacher

    def forward(self, image_NCHW: Tensor) -> Tensor:
        return self.teacher(image_NCHW, last=FEATURES)[FEATURES]


def teach_concepts(
    words: DescriberRecipe, split: Split, language: Language, folder: Path, teacher: MobileNetV2, known: Path
) -> Memory:
    """A memory whose detector knows, from the teacher's features, which words people use of a picture; its weights are
    those of the file `known`, if there is one.
    """
    num_features = getattr(teacher, f"{teacher.layers[FEATURES]['index']}_bias").numel()
    memory = Memory(words.writer, features=num_features, places=1, num_concepts=len(language.concepts)).to(device())
    if known.exists():
        memory.load_state_dict(torch.load(known, weights_only=True, map_location=device()))
    else:
        captioned = [photo for photo in split.train if photo.captions]
        squares = load_squares(folder / photo.file for photo in captioned)
        seen = look(LastFeatures(teacher), captioned, squares, num_views=2, image_px=words.image_px)
        train_concepts(memory, seen, range(len(captioned)), language, words, words.seed)
        save(known, memory.state_dict())
    return memory.requires_grad_(False).eval()


def distil(
    recipe: DistilRecipe,
    large: Pictures,
    small: Pictures,
    teacher: MobileNetV2,
    concepts: Memory | None,
    out: Path,
    *,
    sources: Sources | None = None,
    log: Log = say,
) -> ImageEncoder:
    """Runs (or resumes) a recipe; the encoder's averaged weights are returned and left in `out`/encoder.pt."""
    torch.manual_seed(recipe.seed)
    where = device()
    student = ImageEncoder(recipe.size).to(where, memory_format=torch.channels_last)
    average, classes = Average(student), Classes(teacher.to(where)).to(where)
    kernels, others = split_parameters(student)
    rates = {"muon_lr": recipe.muon_lr, "adam_lr": recipe.adam_lr}
    optimiser = MuonAdam(kernels, others, **rates, clip_at=2.0, clipped=student.parameters())
    loop = Loop(
        out,
        {"student": student, "average": average, "optimiser": optimiser},
        device=where,
        log_every=recipe.log_every,
        save_every_s=40,
        of_processor=True,
        on_save=lambda: save(out / "encoder.pt", average.state_dict()),
        log=log,
    )
    batches = view_batches(
        large, small, batch=recipe.batch, small_share=recipe.small_share, seed=recipe.seed + loop.step
    )
    next(batches)
    rng = torch.Generator().manual_seed(recipe.seed + 1 + loop.step)
    for progress in loop.through(recipe.minutes, recipe.num_steps):
        _, views = batches.send(recipe.size_at(progress))
        alone_N = (torch.rand(recipe.batch, generator=rng) < recipe.alone_at(progress)).to(where)
        with torch.autocast(where, torch.bfloat16, enabled=recipe.bf16):
            parts = losses(student, teacher, classes, concepts, to_input(views).to(where), alone_N)
        loss = torch.stack([WEIGHTS[name] * part for name, part in parts.items()]).sum()
        norm = optimiser.step(loss, warm_cosine(progress, recipe.final_share))
        average.take(student, warming(0.98, loop.step))
        loop.add({**parts, "norm": norm}, crops=recipe.batch)
    if loop.ran:
        settle_norms(average.model, batches, recipe)
        loop.save()
    write_run(out / RUN, recipe, loop, sources or Sources())
    return average.model


@torch.no_grad()
def settle_norms(encoder: ImageEncoder, batches: Batches, recipe: DistilRecipe, num_batches: int = 12) -> None:
    """Batch norm's statistics anew: those gathered in training belong to other weights than the average."""
    norms = [part for part in encoder.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    encoder.train()
    where = encoder.widen.weight.device
    for _ in range(num_batches):
        with torch.autocast(where.type, torch.bfloat16, enabled=recipe.bf16):
            encoder(to_input(batches.send(recipe.size_at(1.0))[1]).to(where))
    encoder.eval()


@torch.inference_mode()
def judge(encoder: ImageEncoder, teacher: MobileNetV2, pictures: Pictures, size_px: int = 224) -> dict[str, float]:
    """On pictures that were not learnt from: variance not explained, and how often the first class is the teacher's."""
    classes = Classes(teacher)
    mine, theirs = [], []
    for first in range(0, len(pictures), 25):
        views = np.stack([square(Image.fromarray(picture), size_px) for picture in pictures[first : first + 25]])
        image = to_input(views).to(encoder.widen.weight.device)
        mine.append(encoder(image))
        theirs.append(teacher(image, last=FEATURES)[FEATURES])
    my_map, their_map = torch.cat(mine), torch.cat(theirs)
    my_pooled, their_pooled = my_map.mean((2, 3)), their_map.mean((2, 3))
    my_class, their_class = classes(my_pooled), classes(their_pooled)
    first = their_class.argmax(-1)
    return {
        "last": float(unexplained(my_map, their_map)),
        "pooled": float(unexplained(my_pooled, their_pooled)),
        "classes": float(divergence(my_class, their_class)),
        "same_class": float((my_class.argmax(-1) == first).float().mean()),
        "in_first_five": float((my_class.topk(5, -1).indices == first[:, None]).any(-1).float().mean()),
    }


def cached(path: Path, load: Callable[[], Pictures]) -> Pictures:
    """Decoding 5,000 photographs takes a minute of a slow core: it is done once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path.with_suffix(".tmp.npy"), load())
        path.with_suffix(".tmp.npy").replace(path)
    return np.load(path, mmap_mode="r")


def main() -> None:
    parser = arguments(__doc__, ENCODERS)
    parser.add_argument("--data", type=Path, required=True, help="holds photos, video, tiny-imagenet, perceptual")
    parser.add_argument("--held-out", type=Path, required=True, help="a manifest of pictures that nothing may see")
    args = parser.parse_args()
    photos, captions = args.data / "photos", args.data / "captions" / "train.jsonl.gz"
    clips, tiny = args.data / "video" / "train", args.data / "tiny-imagenet" / "train.tar"
    mobilenet = args.data / "perceptual" / "mobilenet_v2.safetensors"
    split = split_photos(load_index(photos), held_out_files(args.held_out))
    known = cached(
        args.out / "photos.npy", lambda: load_squares(photos / p.file for p in (*split.train, *split.choose))
    )
    frames = cached(args.out / "frames.npy", lambda: load_frame_squares(clips))
    small = cached(args.out / "tiny.npy", lambda: load_tiny(tiny))
    teacher = MobileNetV2(mobilenet).eval().requires_grad_(False).to(device())
    recipe = chosen(args, ENCODERS)
    large = np.concatenate([known[: len(split.train)], frames])
    words = DESCRIBERS[recipe.words]()
    language = learn_words(split, sentences_by_picture(captions, without=split.test), words)
    concepts = teach_concepts(words, split, language, photos, teacher, args.out / "concepts.pt")
    sources = Sources.of(
        networks={"mobilenet_v2": mobilenet},
        data={
            "photos": photos,
            "clips": clips if clips.is_dir() else None,
            "tiny": tiny,
            "captions": captions,
            "held_out": args.held_out,
        },
    )
    encoder = distil(recipe, large, small, teacher, concepts, args.out, sources=sources)
    print(json.dumps(judge(encoder, teacher, known[len(split.train) :])))


if __name__ == "__main__":
    main()
