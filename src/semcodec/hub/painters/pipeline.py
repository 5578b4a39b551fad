"""Opens a pipeline of diffusers: placed, scheduled, adapted (LoRA), controlled (ControlNet), and called.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.errors import ModelError
from semcodec.hub.devices import Placement, choose_placement
from semcodec.hub.fetch import Fetched, Say, fetch
from semcodec.hub.painters.families import Family, find_family, find_scheduler
from semcodec.hub.painters.maps import MAPS
from semcodec.hub.painters.starts import LatentStart
from semcodec.hub.pipelines import (
    accepted,
    first_line,
    index_of,
    load_lora,
    one_sentence,
    opened,
    parameters,
    placed,
    quiet_loading,
)
from semcodec.hub.references import parse_reference
from semcodec.hub.require import require
from semcodec.hub.selection import PIPELINE_INDEX
from semcodec.hub.video_painters.families import find_video_family
from semcodec.hub.weights import count_params

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size


@dataclass(frozen=True, slots=True)
class PainterOptions:
    """How a painter is opened and called. None: what the family, or the rule in `strength.py`, says.

    Attributes:
        strength: 0..1, how much of the embedded picture may change; 1 forgets it.
        steps: of the whole noise schedule; image-to-image walks the part `strength` of them.
        guidance: how strongly the words pull.
        scheduler: a name in `families.json`; `lcm`, `lightning` and `turbo` bring their own steps and guidance.
        loras: LoRA adapters (hf:ORG/NAME, folder), all at full weight.
        controls: kind of map ("tile", "edges") to ControlNet (hf:ORG/NAME, folder).
        control_scale: how strongly ControlNets pull.
        device, dtype: as `hub.devices` has them. offload: None offloads where the weights would not fit.
        trust_remote_code: run Python that comes with the model, with the user's rights.
    """

    strength: float | None = None
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    loras: tuple[str, ...] = ()
    controls: Mapping[str, str] = field(default_factory=dict)
    control_scale: float = 1.0
    device: str = "auto"
    dtype: str = "auto"
    offload: bool | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        if self.strength is not None and not 0 < self.strength <= 1:
            raise ModelError(f"strength {self.strength:g} is not above 0 and up to 1")
        if self.steps is not None and self.steps < 1:
            raise ModelError(f"{self.steps} steps are too few; at least 1")
        unknown = sorted(set(self.controls) - set(MAPS))
        if unknown:
            raise ModelError(f"there is no control of kind {unknown[0]!r}; there are {', '.join(MAPS)}")


class PaintingPipeline:
    """One model in memory, with a pipeline of diffusers for each way to call it; they share all weights."""

    def __init__(
        self, model: Fetched, family: Family, placement: Placement, base: Any, options: PainterOptions
    ) -> None:
        self.model, self.family, self.placement, self._options = model, family, placement, options
        self.base = base
        self._by_use: dict[tuple[bool, tuple[str, ...]], Any] = {}
        self._controlnets: dict[str, Any] = {}

    @property
    def multiple_px(self) -> int:
        """Sides of a picture are multiples of that many pixels."""
        return int(getattr(self.base, "vae_scale_factor", 8)) * self.family.multiple

    @property
    def native_px(self) -> int:
        """The side of the squares that the model was trained on, as its configuration says, else the family."""
        for part in (getattr(self.base, "unet", None), getattr(self.base, "transformer", None)):
            cells = getattr(getattr(part, "config", None), "sample_size", None)
            if isinstance(cells, int) and cells:
                return cells * int(getattr(self.base, "vae_scale_factor", 8))
        return self.family.native_px

    @property
    def can_start_from_a_picture(self) -> bool:
        return self.family.start != "none"

    def paint(
        self,
        prompt: str,
        size: Size,
        *,
        seed: int,
        known_HWC: Pixels | None = None,
        strength: float = 1.0,
        maps: Mapping[str, Pixels] | None = None,
    ) -> Any:
        """The pipeline's own output, `images` as (1, H, W, 3) floats.

        Args:
            size: multiples of `multiple_px`; `known_HWC` and all `maps` (by kind) are of this size.
            known_HWC: the picture to start from; None paints from words alone.
            strength: how much of `known_HWC` may change.
            seed: of the noise, the same on every device.
        """
        torch = require("torch")
        maps = maps or {}
        pipeline = self._pipeline_for(known_HWC is not None, tuple(maps))
        arguments = dict(self.family.call)
        arguments |= {"prompt": prompt, "output_type": "np", "num_inference_steps": self.family.steps}
        arguments["generator"] = torch.Generator("cpu").manual_seed(seed)
        arguments |= {"height": size.height_px, "width": size.width_px}
        if maps:
            pictures = [_as_floats(maps[kind]) for kind in maps]
            scales = [self._options.control_scale] * len(pictures)
            arguments[_map_argument(pipeline)] = pictures if len(pictures) > 1 else pictures[0]
            arguments["controlnet_conditioning_scale"] = scales if len(scales) > 1 else scales[0]
        if known_HWC is not None and self.family.start == "latents":
            start = LatentStart(pipeline, self.placement)
            arguments |= start.arguments(_as_floats(known_HWC), strength, self.family.steps, arguments["generator"])
        elif known_HWC is not None:
            arguments |= {"image": _as_floats(known_HWC), "strength": strength}
            arguments["num_inference_steps"] = steps_that_paint(self.family.steps, strength)
        with one_sentence(self.model.name, self.placement):
            return pipeline(**accepted(pipeline, arguments))

    def _pipeline_for(self, from_picture: bool, kinds: tuple[str, ...]) -> Any:
        use = (from_picture, kinds)
        if use not in self._by_use:
            self._by_use[use] = self._open_for(from_picture, kinds)
        return self._by_use[use]

    def _open_for(self, from_picture: bool, kinds: tuple[str, ...]) -> Any:
        diffusers = require("diffusers")
        as_image = from_picture and self.family.start == "image"
        auto = diffusers.AutoPipelineForImage2Image if as_image else diffusers.AutoPipelineForText2Image
        what = "image-to-image" if as_image else "text-to-image"
        nets = [self._controlnet(kind) for kind in kinds]
        try:
            if nets:
                pipeline = auto.from_pipe(self.base, controlnet=nets if len(nets) > 1 else nets[0])
            elif as_image:
                pipeline = auto.from_pipe(self.base)
            else:
                pipeline = self.base
        except (ValueError, TypeError, KeyError) as error:
            with_nets = " with ControlNets" if nets else ""
            raise ModelError(
                f"diffusers has no {what} pipeline{with_nets} for {type(self.base).__name__} "
                f"({first_line(error)}); give another model" + (", or no --control" if nets else "")
            ) from error
        return placed(pipeline, self.placement)

    def _controlnet(self, kind: str) -> Any:
        if kind not in self._controlnets:
            self._controlnets[kind] = _open_controlnet(self._options.controls[kind], self.family, self.placement)
        return self._controlnets[kind]


def open_pipeline(reference: str, options: PainterOptions, *, say: Say | None = None) -> PaintingPipeline:
    """Fetches (or finds) and opens a model.

    Raises:
        ModelError: it is not there, is no pipeline of diffusers, or cannot be opened. MissingExtraError.
    """
    require("diffusers")
    require("transformers")
    rough = choose_placement(options.device, options.dtype)
    model = fetch(parse_reference(reference), half=rough.is_half, trust_remote_code=options.trust_remote_code, say=say)
    if not model.is_pipeline:
        raise ModelError(f"{model}: no {PIPELINE_INDEX} in it, so it is no pipeline of diffusers; name one that is")
    placement = choose_placement(options.device, options.dtype, num_params=count_params(model.folder))
    if options.offload is not None:
        placement = Placement(placement.device, placement.dtype, offload=options.offload)
    class_name = str(index_of(model).get("_class_name"))
    if find_video_family(class_name) is not None:
        raise ModelError(f"{model} films clips; it does not paint stills: give it to `semcodec clip decode`")
    family = find_family(class_name, model.name)
    base = opened("AutoPipelineForText2Image", model, placement, trust_remote_code=options.trust_remote_code)
    family = _scheduled(base, family, options)
    for at, lora in enumerate(options.loras):
        load_lora(base, lora, f"lora-{at}", say)
    if len(options.loras) > 1:
        base.set_adapters([f"lora-{at}" for at in range(len(options.loras))])
    return PaintingPipeline(model, family, placement, base, options)


def steps_that_paint(steps: int, strength: float) -> int:
    """The fewest steps of a schedule, at least `steps`, of which the part `strength` is one whole step or more.

    Pipelines walk int(steps * strength) steps; a few-step model at a low strength would walk none.
    """
    while int(steps * strength) < 1:
        steps += 1
    return steps


def _scheduled(base: Any, family: Family, options: PainterOptions) -> Family:
    """Puts the wanted scheduler into the pipeline; the family with the steps and guidance that hold then."""
    name = options.scheduler or family.scheduler
    if name is not None:
        wanted = find_scheduler(name)
        kind = getattr(require("diffusers"), wanted.class_name)
        base.scheduler = kind.from_config(base.scheduler.config, **wanted.settings)
        family = replace(family, steps=wanted.steps or family.steps).with_guidance(wanted.guidance)
    return replace(family, steps=options.steps or family.steps).with_guidance(options.guidance)


def _open_controlnet(reference: str, family: Family, placement: Placement) -> Any:
    model = fetch(parse_reference(reference), half=placement.is_half)
    try:
        name = json.loads((model.folder / "config.json").read_text("utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{model}: is no ControlNet of diffusers (no config.json that names its class)") from error
    if name not in family.controlnets:
        fits = " or ".join(family.controlnets) or "none"
        raise ModelError(f"{model}: is a {name}; {family.title} takes {fits}")
    with one_sentence(str(model), placement), quiet_loading():
        return getattr(require("diffusers"), name).from_pretrained(
            str(model.folder), torch_dtype=placement.torch_dtype, variant=model.variant, use_safetensors=True
        )


def _as_floats(image_HWC: Pixels) -> np.ndarray[Any, Any]:
    """(1, H, W, 3) in 0..1, as diffusers takes arrays."""
    return image_HWC[None].astype(np.float32) / 255


def _map_argument(pipeline: Any) -> str:
    """Where a pipeline takes ControlNet maps: in image-to-image `image` is the picture to start from."""
    return "control_image" if "control_image" in parameters(pipeline) else "image"
