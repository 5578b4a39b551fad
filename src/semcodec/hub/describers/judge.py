"""How well words suit a picture: the cosine between the two in CLIP or SigLIP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semcodec.errors import ModelError
from semcodec.hub.describers.ask import quiet
from semcodec.hub.describers.families import known_facts
from semcodec.hub.devices import Placement
from semcodec.hub.fetch import Fetched, find_cached
from semcodec.hub.references import Reference
from semcodec.hub.require import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from semcodec.types import Pixels


class Judge:
    """A two-tower model of transformers: CLIP, SigLIP, SigLIP 2."""

    # What the whole budget of bits may cost in cosine: the least gain for which twice the words are worth it.
    price = 0.05

    def __init__(self, fetched: Fetched, placement: Placement) -> None:
        """Raises `ModelError` for a folder that is no CLIP or SigLIP."""
        transformers = require("transformers")
        self.name = fetched.name
        self._placement = placement
        with quiet(transformers):
            config = transformers.AutoConfig.from_pretrained(fetched.folder)
            facts = known_facts()["judges"].get(config.model_type)
            if facts is None:
                raise ModelError(f"{fetched} is a {config.model_type!r}, no judge: take a CLIP or SigLIP model")
            self._padding = facts["padding"]
            self._model = transformers.AutoModel.from_pretrained(
                fetched.folder, dtype=placement.torch_dtype, use_safetensors=True
            ).eval()
            self._model.to(placement.device)
            self._image_processor = transformers.AutoImageProcessor.from_pretrained(fetched.folder)
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(fetched.folder)
            self._max_tokens = config.text_config.max_position_embeddings

    def score(self, image_HWC: Pixels, texts: Sequence[str]) -> list[float]:
        """Cosines, -1..1, one for each text; words beyond the model's length (64 or 77 tokens) are not seen."""
        torch = require("torch")
        pixels = self._image_processor(images=require("PIL.Image").fromarray(image_HWC), return_tensors="pt")
        tokens = self._tokenizer(
            list(texts), padding=self._padding, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        )
        with torch.inference_mode():
            image = _embedding(self._model.get_image_features(**self._placed(pixels)))
            text = _embedding(self._model.get_text_features(**self._placed(tokens)))
            cosines = torch.nn.functional.cosine_similarity(image, text)
        return [float(cosine) for cosine in cosines.nan_to_num(nan=-1.0)]

    def _placed(self, tensors: Any) -> dict[str, Any]:
        device, half = self._placement.device, self._placement.torch_dtype
        return {
            name: value.to(device, half if value.is_floating_point() else value.dtype)
            for name, value in tensors.items()
        }


def find_cached_judge() -> Fetched | None:
    """The first of the known CLIP and SigLIP models that is in the cache."""
    for facts in known_facts()["judges"].values():
        for repository in facts["examples"]:
            fetched = find_cached_quietly(Reference(repository=repository))
            if fetched is not None:
                return fetched
    return None


def find_cached_quietly(reference: Reference) -> Fetched | None:
    """As `find_cached`; None also where nobody may be asked, or the copy is of no use."""
    try:
        return find_cached(reference)
    except ModelError:
        return None


def _embedding(features: Any) -> Any:
    return getattr(features, "pooler_output", features).float()
