"""Opens a video pipeline of diffusers: placed, adapted (LoRA), and called from words or from a picture.

Shapes: N = 1; T = frames; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from semcodec.errors import ModelError
from semcodec.hub.devices import Placement, choose_placement
from semcodec.hub.fetch import Fetched, Say, fetch
from semcodec.hub.pipelines import (
    accepted,
    index_of,
    load_lora,
    one_sentence,
    opened,
    parameters,
    parameters_of,
    placed,
)
from semcodec.hub.references import parse_reference
from semcodec.hub.require import require
from semcodec.hub.video_painters.families import VideoFamily, find_video_family, other_video_family
from semcodec.hub.weights import count_params
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels


@dataclass(frozen=True, slots=True)
class VideoPainterOptions:
    """How a video painter is opened and called. None: what the family says.

    Attributes:
        steps: of the noise schedule. guidance: how strongly the words pull.
        loras: LoRA adapters (hf:ORG/NAME, folder), all at full weight.
        device, dtype: as `hub.devices` has them.
        trust_remote_code: run Python that comes with the model, with the user's rights.
    """

    steps: int | None = None
    guidance: float | None = None
    loras: tuple[str, ...] = ()
    device: str = "auto"
    dtype: str = "auto"
    trust_remote_code: bool = False


class VideoPipeline:
    """One model in memory, as the classes that film from words and from a picture; they share all weights."""

    def __init__(self, model: Fetched, family: VideoFamily, placement: Placement, base: Any) -> None:
        self.model, self.family, self.placement = model, family, placement
        own = type(base)
        takes_picture = "image" in parameters(base)
        self._from_words = (
            None if takes_picture and family.text is None else self._as(base, family.text or own.__name__)
        )
        self._from_picture = self._as(base, family.image or own.__name__) if takes_picture or family.image else None

    def _as(self, base: Any, class_name: str) -> Any:
        kind = getattr(require("diffusers"), class_name)
        pipeline = base if isinstance(base, kind) else kind.from_pipe(base)
        return placed(pipeline, self.placement)

    @property
    def films_from_words(self) -> bool:
        return self._from_words is not None

    @property
    def films_from_a_picture(self) -> bool:
        return self._from_picture is not None

    @property
    def takes_the_last_picture(self) -> bool:
        """Whether a film can be told where it ends, too."""
        return self._from_picture is not None and "last_image" in parameters(self._from_picture)

    @property
    def fixed_size(self) -> Size | None:
        """Of its films, where its configuration says one."""
        base = self._from_words or self._from_picture
        config = getattr(getattr(base, "transformer", None), "config", None)
        width, height = getattr(config, "sample_width", None), getattr(config, "sample_height", None)
        cell = int(getattr(base, "vae_scale_factor_spatial", 8))
        return Size(width * cell, height * cell) if width and height else None

    def film(
        self,
        prompt: str,
        size: Size,
        num_frames: int,
        *,
        seed: int,
        first_HWC: Pixels | None = None,
        last_HWC: Pixels | None = None,
    ) -> Any:
        """(T, H, W, 3) floats in 0..1. `first_HWC`, `last_HWC`: pictures of `size` to begin and to end with.

        Raises `ModelError` where the model cannot film so, or fails.
        """
        torch = require("torch")
        pipeline = self._from_words if first_HWC is None else self._from_picture
        if pipeline is None:
            how = "from words alone, without a picture" if first_HWC is None else "on from a picture, only from words"
            raise ModelError(f"{self.model.name} does not film {how}; take another model, or another --mode")
        arguments = dict(self.family.call)
        arguments |= {"prompt": prompt, "num_inference_steps": self.family.steps, "output_type": "np"}
        arguments |= {"height": size.height_px, "width": size.width_px, "num_frames": num_frames}
        arguments["generator"] = torch.Generator("cpu").manual_seed(seed)
        for name, picture_HWC in (("image", first_HWC), ("last_image", last_HWC)):
            if picture_HWC is not None:
                arguments[name] = Image.fromarray(picture_HWC)
        with one_sentence(self.model.name, self.placement):
            return pipeline(**accepted(pipeline, arguments)).frames[0]


def is_video_pipeline(model: Fetched) -> bool:
    """Whether a model's own pipeline films: it is of a family that is known, or its call takes a number of frames."""
    if not model.is_pipeline:
        return False
    name = str(index_of(model).get("_class_name"))
    kind = getattr(require("diffusers"), name, None)
    return find_video_family(name) is not None or (kind is not None and "num_frames" in parameters_of(kind))


def open_video_pipeline(reference: str, options: VideoPainterOptions, *, say: Say | None = None) -> VideoPipeline:
    """Fetches (or finds) and opens a model of which `is_video_pipeline` holds.

    Raises:
        ModelError: it cannot be opened. MissingExtraError.
    """
    require("diffusers")
    require("transformers")
    rough = choose_placement(options.device, options.dtype)
    model = fetch(parse_reference(reference), half=rough.is_half, trust_remote_code=options.trust_remote_code, say=say)
    placement = choose_placement(options.device, options.dtype, num_params=count_params(model.folder))
    name = str(index_of(model).get("_class_name"))
    family = (find_video_family(name) or other_video_family()).with_calls(options.steps, options.guidance)
    for package in family.needs:
        require(package)
    base = opened(name, model, placement, trust_remote_code=options.trust_remote_code)
    for at, lora in enumerate(options.loras):
        load_lora(base, lora, f"lora-{at}", say)
    if len(options.loras) > 1:
        base.set_adapters([f"lora-{at}" for at in range(len(options.loras))])
    return VideoPipeline(model, family, placement, base)
