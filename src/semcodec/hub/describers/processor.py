"""A model's processor (pictures and words to tensors), with or without torchvision.

transformers reads pictures with Pillow where torchvision is not installed, but cannot then build the *video* processors
that many chat models also carry. A picture codec has no video: a stand-in takes that place, and the rest is built part
by part.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from semcodec.errors import ModelError
from semcodec.hub.require import require

_VIDEO = "video_processor"


def load_processor(folder: Path, config: Any, *, trust_remote_code: bool = False) -> Any:
    """The processor in `folder` of a model with `config`. Raises `ModelError` where none can be built."""
    transformers = require("transformers")
    processor_class = _class_for(config)
    needs_video = processor_class is not None and _VIDEO in processor_class.get_attributes()
    if not needs_video or importlib.util.find_spec("torchvision") is not None:
        return transformers.AutoProcessor.from_pretrained(folder, trust_remote_code=trust_remote_code)
    openers = {"image_processor": transformers.AutoImageProcessor, "tokenizer": transformers.AutoTokenizer}
    parts = []
    for name in processor_class.get_attributes():
        if name in openers:
            parts.append(openers[name].from_pretrained(folder, trust_remote_code=trust_remote_code))
        elif name == _VIDEO:
            parts.append(NoVideo())
        else:
            raise ModelError(f"{folder}: its processor wants {name!r} too, which needs torchvision or has no pictures")
    facts, _ = processor_class.get_processor_dict(folder)
    return _without_video(processor_class).from_args_and_dict(parts, facts)


class NoVideo:
    """Stands where a video processor is asked for. Nobody calls it; some processors read these numbers."""

    num_frames = fps = 1
    merge_size = patch_size = temporal_patch_size = 1


def _class_for(config: Any) -> Any:
    """The processor class that transformers has for a configuration; None if it has none of its own."""
    return require("transformers.models.auto.processing_auto").PROCESSOR_MAPPING.get(type(config), None)


def _without_video(processor_class: Any) -> Any:
    class WithoutVideo(processor_class):  # type: ignore[misc]
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            if argument_name == _VIDEO:
                return NoVideo
            return super().check_argument_for_proper_class(argument_name, argument)

        def to_dict(self) -> dict[str, Any]:
            return {name: fact for name, fact in super().to_dict().items() if name != _VIDEO}

    return WithoutVideo
