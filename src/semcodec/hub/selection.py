"""Which files of a model's repository are needed: weights as safetensors, once, and the small files around them.

Promises: nothing that runs code when it is read (pickles) is ever selected, and Python only where the user allowed it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

PIPELINE_INDEX = "model_index.json"  # a diffusers pipeline has it at the top, a single model never
WEIGHTS_SUFFIX = ".safetensors"
HALF = "fp16"
_SMALL_SUFFIXES = frozenset({".json", ".txt", ".model", ".jinja", ".tiktoken"})
_PICKLED_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5"})
# model.safetensors, model.fp16.safetensors, model-00001-of-00003.safetensors, model.fp16-00001-of-00002.safetensors ...
_WEIGHTS = re.compile(
    r"(?P<base>[^.]+?)(?:\.(?P<variant>[a-z]\w*))?(?P<shard>-\d{5}-of-\d{5})?(?:\.(?P<late>[a-z]\w*))?\.safetensors"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """`names` in the repository's own order. `variant` goes to diffusers' `from_pretrained`."""

    names: tuple[str, ...]
    variant: str | None = None
    has_weights: bool = True
    has_pickles: bool = False
    has_code: bool = False


def select_files(names: Iterable[str], *, half: bool = False, trust_remote_code: bool = False) -> Selection:
    """What to fetch of a repository that has the files `names` (posix paths).

    Args:
        half: take 16-bit weights where a pipeline has them beside the 32-bit ones.
        trust_remote_code: take Python files too.
    """
    listed = [name for name in names if not any(part.startswith(".") for part in PurePosixPath(name).parts)]
    suffix_of = {name: PurePosixPath(name).suffix.lower() for name in listed}
    weights = [name for name in listed if suffix_of[name] == WEIGHTS_SUFFIX]
    if PIPELINE_INDEX in listed:
        # At the top of a pipeline's repository lie copies for other programs, as large as all the rest.
        weights = [name for name in weights if "/" in name]
    kept, variant = _one_variant(weights, listed, half=half)
    wanted = {name for name in listed if suffix_of[name] in _SMALL_SUFFIXES} | kept
    if trust_remote_code:
        wanted |= {name for name in listed if suffix_of[name] == ".py"}
    return Selection(
        names=tuple(name for name in listed if name in wanted),
        variant=variant,
        has_weights=bool(kept),
        has_pickles=any(suffix in _PICKLED_SUFFIXES for suffix in suffix_of.values()),
        has_code=any(suffix == ".py" for suffix in suffix_of.values()),
    )


def _one_variant(weights: list[str], listed: list[str], *, half: bool) -> tuple[set[str], str | None]:
    """The weights of one variant, the same in every folder."""
    folders: dict[str, dict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in weights:
        path = PurePosixPath(name)
        match = _WEIGHTS.fullmatch(path.name)
        folders[str(path.parent)][(match["variant"] or match["late"]) if match else None].append(name)
    all_plain = all(None in variants for variants in folders.values())
    all_half = bool(folders) and all(HALF in variants for variants in folders.values())
    variant = HALF if all_half and (half or not all_plain) else None
    kept: set[str] = set()
    for folder, variants in folders.items():
        kept.update(_without_copies(variants.get(variant, []), folder, listed))
    return kept, variant


def _without_copies(weights: list[str], folder: str, listed: list[str]) -> list[str]:
    """Where an index names the shards, other weights beside them are copies for other programs."""
    bases = {
        PurePosixPath(name).name.split(".")[0]
        for name in listed
        if str(PurePosixPath(name).parent) == folder and name.endswith(f"{WEIGHTS_SUFFIX}.index.json")
    }
    shards = [name for name in weights if re.search(r"-of-\d{5}", name) and _base_of(name) in bases]
    return shards or [name for name in weights if not PurePosixPath(name).name.startswith("consolidated")] or weights


def _base_of(name: str) -> str:
    match = _WEIGHTS.fullmatch(PurePosixPath(name).name)
    return match["base"] if match else ""
