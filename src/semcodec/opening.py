"""Describers and painters by name: foundation models, and networks of semcodec's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.errors import ModelError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.painting import render
from semcodec.types import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from semcodec.contracts import Painter, VideoPainter
    from semcodec.extractors.guess import Description
    from semcodec.extractors.words import WordsExtractor
    from semcodec.hub.describers.describer import Describer
    from semcodec.pictures.load import PictureLike


@door("semcodec.pictures")
def describe(
    image: PictureLike,
    *,
    tasks: Collection[str] = ("caption",),
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
) -> Description:
    """What the embedded describer sees in a picture, and how sure it is. Nothing is held back that it is unsure of.

    `tasks`: any of "caption", "keywords" and "regions" (what is where, large things first).

    Raises:
        PictureError, LimitError: the picture cannot be taken. WeightsError: the describer is not there.
    """
    from semcodec.pictures import as_pixels

    if not set(tasks) <= {"caption", "keywords", "regions"}:
        raise ValueError(f"tasks {tuple(tasks)}: any of caption, keywords and regions")
    loaded = as_pixels(image, limits=limits, given=Metadata())
    return (models or default_models()).describer().describe(loaded.image_HWC, tasks=tasks)


@door()
def open_describer(
    reference: str | os.PathLike[str],
    *,
    task: str = "caption",
    max_bits: int = 256,
    tries: int = 4,
    language: str = "en",
    judge: str | None = None,
    prompt: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Callable[[str], None] | None = None,
) -> Describer | WordsExtractor:
    """What finds the words, for `describer` of `encode`: a foundation model (extra `hub`) or the embedded describer.

    Args:
        reference: an image-text-to-text model of transformers: hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder. The
            embedded describer by its name (`semcodec models`), or the folder of another one that `semcodec_train`
            made; of what follows they know `task` and `max_bits`, and put in only what they are sure of.
        task: "caption", "keywords", or "regions" (what is where).
        max_bits: what the words may cost in the file; `tries` answers are compared, the best that fits is taken.
        language: BCP-47 tag of the words.
        judge: a CLIP or SigLIP that compares words with the picture, reference as above. None: one that is in the
            cache, if any is; "none": the model's own likelihood.
        prompt: asked in place of the question that the model's family has for the task.
        device, dtype: cuda, cuda:N, mps, cpu; float32, float16, bfloat16. Weights that do not fit a GPU are offloaded.
        trust_remote_code: run Python code that comes with the model, with your rights.
        say: told sentences for the user, such as before a download begins.

    Raises:
        ModelError: the model cannot be had or opened, or cannot do the task. MissingExtraError: no extra `hub`.
        WeightsError: the embedded describer is not as it should be.
    """
    reference = os.fspath(reference)
    package = default_models().package_of("describer", reference)
    if package is not None:
        from semcodec.extractors.words import WordsExtractor
        from semcodec.nets.describer import DescriberNets

        if language != "en":
            raise ModelError(f"{reference} says everything in English; leave the language out")
        return WordsExtractor(DescriberNets(package.files), tasks=(task,), max_bits=max_bits)
    from semcodec.hub.describers.describer import load_describer

    return load_describer(
        reference,
        task=task,
        max_bits=max_bits,
        tries=tries,
        language=language,
        judge=judge,
        prompt=prompt,
        device=device,
        dtype=dtype,
        trust_remote_code=trust_remote_code,
        say=say,
    )


@door()
def open_painter(
    reference: str | os.PathLike[str],
    *,
    strength: float | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    loras: Sequence[str] = (),
    controls: Mapping[str, str] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Callable[[str], None] | None = None,
) -> Painter:
    """A painter, for `painter` of `decode` and `encode`: a foundation model (extra `hub`), or a
    generator of semcodec's own.

    Args:
        reference: a text-to-image pipeline of diffusers: hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder. The embedded
            generator by its name (`semcodec models`), or the folder of another one that `semcodec_train` made; they
            know nothing of what follows.
        strength: 0..1, how much of the embedded picture it may change; by default the less, the more the file says.
        steps, guidance: as in diffusers; by default what the family of models wants.
        scheduler: ddim, dpm++, euler, unipc, flow-euler, or for few-step models and adapters lcm, lightning, turbo.
        loras: LoRA adapters, references as above.
        controls: {"tile" or "edges": reference of a ControlNet}.
        device, dtype: cuda, cuda:N, mps, cpu; float32, float16, bfloat16. Weights that do not fit a GPU are offloaded.
        trust_remote_code: run Python code that comes with the model, with your rights.
        say: told sentences for the user: before a download begins, and where the model misbehaves (which without it
            is a warning).

    Raises:
        ModelError: the model cannot be had or opened. MissingExtraError: the extra is not installed.
        WeightsError: a generator of semcodec's own is not as it should be.
    """
    reference = os.fspath(reference)
    package = default_models().package_of("generator", reference)
    if package is not None:
        from semcodec.nets.anchored import AnchoredNets

        return default_models().anchored(AnchoredNets(package.files), package.name)
    from semcodec.hub.painters.painter import open_painter
    from semcodec.hub.painters.pipeline import PainterOptions

    options = PainterOptions(
        strength=strength,
        steps=steps,
        guidance=guidance,
        scheduler=scheduler,
        loras=tuple(loras),
        controls=dict(controls or {}),
        device=device,
        dtype=dtype,
        trust_remote_code=trust_remote_code,
    )
    return open_painter(reference, lambda scene: render(scene, invent=False, restore=False), options, say=say)


@door()
def open_clip_painter(
    reference: str | os.PathLike[str],
    *,
    strength: float | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    loras: Sequence[str] = (),
    controls: Mapping[str, str] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Callable[[str], None] | None = None,
) -> Painter | VideoPainter:
    """A painter for `painter` of `clips.decode`: a text-to-video or image-to-video pipeline of diffusers, or whatever
    `semcodec.open_painter` opens, which paints stills.

    Args:
        reference: hf:ORG/NAME, hf:ORG/NAME@REVISION, a folder, or the name of a generator of semcodec's own.
        steps, guidance: as in diffusers; by default what the family of models wants.
        loras: LoRA adapters, references as above.
        device, dtype, trust_remote_code, say: as `semcodec.open_painter` has them.
        strength, scheduler, controls: of painters of stills alone.

    Raises:
        ModelError: the model cannot be had or opened, or films and was given what is of stills. MissingExtraError.
        WeightsError: a generator of semcodec's own is not as it should be.
    """
    reference = os.fspath(reference)
    if default_models().package_of("generator", reference) is None:
        from semcodec.hub.devices import choose_placement
        from semcodec.hub.fetch import fetch
        from semcodec.hub.references import parse_reference
        from semcodec.hub.video_painters.painter import open_video_painter
        from semcodec.hub.video_painters.pipeline import VideoPainterOptions, is_video_pipeline

        half = choose_placement(device, dtype).is_half
        model = fetch(parse_reference(reference), half=half, trust_remote_code=trust_remote_code, say=say)
        if is_video_pipeline(model):
            of_stills = {"strength": strength, "scheduler": scheduler, "control": controls}
            for name in (name for name, value in of_stills.items() if value):
                raise ModelError(f"{reference} films; {name} is about painters of stills: leave it out")
            options = VideoPainterOptions(steps, guidance, tuple(loras), device, dtype, trust_remote_code)
            return open_video_painter(reference, options, say=say)
    return open_painter(
        reference,
        strength=strength,
        steps=steps,
        guidance=guidance,
        scheduler=scheduler,
        loras=loras,
        controls=controls,
        device=device,
        dtype=dtype,
        trust_remote_code=trust_remote_code,
        say=say,
    )
