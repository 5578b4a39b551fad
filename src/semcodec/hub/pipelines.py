"""What all pipelines of diffusers have in common: how they are opened, placed, adapted (LoRA) and called, and one
sentence where they fail.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from semcodec.errors import ModelError
from semcodec.hub.devices import Placement
from semcodec.hub.fetch import Fetched, Say, fetch
from semcodec.hub.references import parse_reference
from semcodec.hub.require import require
from semcodec.hub.selection import PIPELINE_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator


def index_of(model: Fetched) -> dict[str, Any]:
    try:
        index = json.loads((model.folder / PIPELINE_INDEX).read_text("utf-8"))
        return dict(index)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{model}: its {PIPELINE_INDEX} cannot be read; fetch it again") from error


def absent_parts(index: Mapping[str, Any]) -> dict[str, None]:
    """Parts that a model says it does without (a third text encoder, a safety checker): diffusers wants to be told."""
    return {name: None for name, value in index.items() if value == [None, None]}


def opened(class_name: str, model: Fetched, placement: Placement, *, trust_remote_code: bool) -> Any:
    """A pipeline in the memory of the host, by a class of diffusers. Raises `ModelError`."""
    with one_sentence(str(model), placement), quiet_loading():
        return getattr(require("diffusers"), class_name).from_pretrained(
            str(model.folder),
            dtype=placement.torch_dtype,
            variant=model.variant,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=trust_remote_code,
            **absent_parts(index_of(model)),
        )


def load_lora(base: Any, reference: str, adapter: str, say: Say | None) -> None:
    require("peft")
    model = fetch(parse_reference(reference), say=say)
    names = sorted(path.name for path in model.folder.glob("*.safetensors"))
    preferred = [name for name in names if name == "pytorch_lora_weights.safetensors"] or names
    if len(preferred) != 1:
        found = ", ".join(names) or "none"
        raise ModelError(f"{model}: one .safetensors file of LoRA weights is needed, there are: {found}")
    if not hasattr(base, "load_lora_weights"):
        raise ModelError(f"{type(base).__name__} takes no LoRA adapters")
    try:
        base.load_lora_weights(str(model.folder), weight_name=preferred[0], adapter_name=adapter, use_safetensors=True)
        if not any(adapter in names for names in base.get_list_adapters().values()):
            raise ValueError("none of its weights belongs to a part of it")  # (diffusers only logs that)
    except (ValueError, RuntimeError, KeyError, OSError) as error:
        raise ModelError(
            f"{model}: its LoRA weights do not fit {type(base).__name__} ({first_line(error)}); "
            "an adapter works with the model that it was trained on"
        ) from error


def placed(pipeline: Any, placement: Placement) -> Any:
    pipeline.set_progress_bar_config(disable=not sys.stderr.isatty(), leave=False)
    if placement.offload:
        pipeline.remove_all_hooks()
        pipeline.enable_model_cpu_offload(device=placement.device)
        # Where weights are short of room, the decoder's activations are too: a picture in overlapping pieces.
        if hasattr(pipeline.vae, "enable_tiling"):
            pipeline.vae.enable_tiling()
        return pipeline
    return pipeline.to(placement.device)


def accepted(pipeline: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Those arguments that the pipeline has: some take their size from the picture, some have no guidance."""
    known = parameters(pipeline)
    return {name: value for name, value in arguments.items() if name in known}


def parameters(pipeline: Any) -> Mapping[str, Any]:
    return parameters_of(type(pipeline))


def parameters_of(kind: type) -> Mapping[str, Any]:
    """What a class of pipelines is called with."""
    return inspect.signature(kind.__call__).parameters


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Progress of loading from disk is of no use to anybody where nobody watches."""
    logging, transformers = require("diffusers.utils.logging"), require("transformers.utils.logging")
    if sys.stderr.isatty():
        yield
        return
    logging.disable_progress_bar()
    transformers.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
        transformers.enable_progress_bar()


@contextmanager
def one_sentence(name: str, placement: Placement) -> Iterator[None]:
    """Failures of a model as one `ModelError`: it is a stranger's code and data, and anything may be wrong with it."""
    torch = require("torch")
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{name}: the memory of {placement.device} is too small ({first_line(error)}); cpu is slow and works"
        ) from error
    except (ValueError, RuntimeError, TypeError, KeyError, AttributeError, AssertionError, OSError) as error:
        raise ModelError(f"{name}: diffusers could not use it: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
