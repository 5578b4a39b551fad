"""What can be said of a model before it is opened: what it is for, its bytes, its licence, the memory it wants."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.errors import ModelError
from semcodec.hub.describers.families import find_family as find_describer_family
from semcodec.hub.describers.families import known_facts as describer_facts
from semcodec.hub.fetch import Fetched, ask_hub, fetch, find_cached
from semcodec.hub.painters.families import find_family as find_painter_family
from semcodec.hub.references import Reference
from semcodec.hub.require import require
from semcodec.hub.selection import PIPELINE_INDEX
from semcodec.hub.video_painters.families import find_video_family
from semcodec.hub.weights import count_bytes, count_params

# Activations, the picture and the libraries' own needs, as a part of the weights. A rule of thumb, not a measurement.
_MORE_THAN_WEIGHTS = 1.2


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`use`: painter, describer, judge or "". `num_bytes`: to fetch, or on disk. `num_params`: None where not known."""

    reference: str
    use: str
    title: str
    num_bytes: int
    is_here: bool
    num_params: int | None = None
    licence: str | None = None

    def memory_bytes(self, bytes_per_number: int) -> int | None:
        """About what a device needs to run it with all of its weights there."""
        if self.num_params is None:
            return None
        return round(self.num_params * bytes_per_number * _MORE_THAN_WEIGHTS)


def facts_of(reference: Reference, *, half: bool = False) -> ModelFacts:
    """From the folder, the cache, or the hub's description; nothing is fetched but that.

    Raises:
        ModelError: there is no such model, or it cannot be opened here (no safetensors).
    """
    fetched = fetch(reference) if reference.folder is not None else find_cached(reference, half=half)
    if fetched is not None:
        return _facts_here(fetched)
    listing = ask_hub(reference, half=half)
    use, title = _use_of(listing.model_type, listing.pipeline, listing.name)
    return ModelFacts(
        reference=f"{listing.reference}",
        use=use,
        title=title,
        num_bytes=listing.num_bytes,
        is_here=False,
        num_params=listing.num_params,
        licence=listing.licence,
    )


def cached_models() -> list[ModelFacts]:
    """The models of the cache that a painter, describer or judge can be made of, by name."""
    hub = require("huggingface_hub")
    try:
        repositories = hub.scan_cache_dir().repos
    except require("huggingface_hub.errors").CacheNotFound:
        return []
    found = []
    for repository in sorted(repositories, key=lambda repository: str(repository.repo_id)):
        if repository.repo_type != "model":
            continue
        for revision in sorted(repository.revisions, key=lambda revision: str(revision.commit_hash)):
            folder = Path(revision.snapshot_path)
            if any(folder.rglob("*.safetensors")):
                found.append(_facts_here(Fetched(repository.repo_id, revision.commit_hash, folder)))
    return [facts for facts in found if facts.use]


def _facts_here(fetched: Fetched) -> ModelFacts:
    model_type = _read(fetched.folder / "config.json").get("model_type")
    pipeline = _read(fetched.folder / PIPELINE_INDEX).get("_class_name")
    use, title = _use_of(model_type, pipeline, fetched.name)
    try:
        num_params = count_params(fetched.folder)
    except ModelError:
        num_params = None
    return ModelFacts(str(fetched), use, title, count_bytes(fetched.folder), is_here=True, num_params=num_params)


def _use_of(model_type: str | None, pipeline: str | None, name: str) -> tuple[str, str]:
    """What a model of this architecture is for here, and its family's name."""
    if pipeline is not None:
        films = find_video_family(pipeline)
        return "painter", find_painter_family(pipeline, name).title if films is None else f"{films.title}, films"
    if model_type is None:
        return "", "no model of transformers or diffusers"
    if model_type in describer_facts()["judges"]:
        return "judge", model_type
    if model_type in describer_facts()["families"] or model_type in _image_text_models():
        return "describer", find_describer_family(model_type).title
    return "", model_type


def _image_text_models() -> Any:
    """Types that transformers opens as image-text-to-text models; none where it is not installed."""
    try:
        auto = require("transformers.models.auto.modeling_auto")
    except ImportError:
        return {}
    return auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES


def _read(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one where there is none to read."""
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
