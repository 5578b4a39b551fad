"""A loaded image-text-to-text model: a picture and a question in, raw answers out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from semcodec.errors import ModelError
from semcodec.hub.describers.families import Family, find_family
from semcodec.hub.describers.processor import load_processor
from semcodec.hub.devices import Placement
from semcodec.hub.fetch import Fetched
from semcodec.hub.require import require

if TYPE_CHECKING:
    from semcodec.types import Pixels

_TEMPERATURE = 0.7
_TOP_P = 0.9


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it came. `likelihood` (0..1): geometric mean of what the model gave each token that it said.

    `seen`: width and height, in pixels, of the picture as the model saw it.
    """

    text: str
    likelihood: float
    seen: tuple[float, float]


class VisionLanguageModel:
    """Model and processor of a `Fetched` folder, on a device."""

    def __init__(self, fetched: Fetched, placement: Placement, *, trust_remote_code: bool = False) -> None:
        """Raises `ModelError` where transformers cannot open the folder as an image-text-to-text model."""
        transformers = require("transformers")
        if placement.offload:
            require("accelerate")
        self.placement = placement
        with quiet(transformers), _refusals(fetched):
            config = transformers.AutoConfig.from_pretrained(fetched.folder, trust_remote_code=trust_remote_code)
            self.family: Family = find_family(config.model_type)
            self._processor = load_processor(fetched.folder, config, trust_remote_code=trust_remote_code)
            self._model = transformers.AutoModelForImageTextToText.from_pretrained(
                fetched.folder,
                config=config,
                dtype=placement.torch_dtype,
                use_safetensors=True,
                trust_remote_code=trust_remote_code,
                device_map="auto" if placement.offload else None,
            ).eval()
        if not placement.offload:
            self._model.to(placement.device)
        self._tokenizer = getattr(self._processor, "tokenizer", self._processor)

    def ask(
        self,
        image_HWC: Pixels,
        question: str,
        *,
        num_answers: int = 1,
        max_tokens: int = 64,
        with_marks: bool = False,
        seed: int = 0,
    ) -> list[Said]:
        """`num_answers` answers: the likeliest words one by one, then samples that `seed` draws.

        `with_marks`: special tokens stay in the text (places are such tokens for Florence-2).

        The same seed gives the same answers on the same machine; torch's own random state is left as it was.
        """
        torch = require("torch")
        inputs = self._inputs(image_HWC, question)
        seen = self._seen(image_HWC, inputs)
        said = []
        devices = [self._model.device] if self._model.device.type == "cuda" else []
        with quiet(require("transformers")), torch.inference_mode(), torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            for num, sampled in ((1, False), (num_answers - 1, True)):
                if num > 0:
                    said += self._generate(torch, inputs, num=num, sampled=sampled, max_tokens=max_tokens)
        texts = self._tokenizer.batch_decode([tokens for tokens, _ in said], skip_special_tokens=not with_marks)
        return [Said(text, likelihood, seen) for text, (_, likelihood) in zip(texts, said, strict=True)]

    def _inputs(self, image_HWC: Pixels, question: str) -> dict[str, Any]:
        image = require("PIL.Image").fromarray(image_HWC)
        styles: dict[str, Callable[[Any, str], Any]] = {"chat": self._chat_inputs, "text": self._text_inputs}
        style = self.family.asked_by
        if style == "chat" and not self._has_chat_template():
            style = "text"
        tensors = styles[style](image, question)
        half = self.placement.torch_dtype
        torch = require("torch")
        return {
            name: value.to(self._model.device, half if value.is_floating_point() else value.dtype)
            for name, value in tensors.items()
            if isinstance(value, torch.Tensor)
        }

    def _has_chat_template(self) -> bool:
        return any(getattr(part, "chat_template", None) for part in (self._processor, self._tokenizer))

    def _chat_inputs(self, image: Any, question: str) -> Any:
        message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
        prompt = self._processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
        return self._processor(images=[image], text=[prompt], return_tensors="pt")

    def _text_inputs(self, image: Any, question: str) -> Any:
        if not question:
            return self._processor(images=image, return_tensors="pt")
        return self._processor(images=image, text=question, return_tensors="pt")

    def _seen(self, image_HWC: Pixels, inputs: dict[str, Any]) -> tuple[float, float]:
        """Patches of the picture, where the processor counts them; else the picture as it was given."""
        grid = inputs.get("image_grid_thw")
        if grid is None:
            return float(image_HWC.shape[1]), float(image_HWC.shape[0])
        side = self._processor.image_processor.patch_size
        return float(grid[0][2] * side), float(grid[0][1] * side)

    def _generate(
        self, torch: Any, inputs: dict[str, Any], *, num: int, sampled: bool, max_tokens: int
    ) -> list[tuple[list[int], float]]:
        """`num` runs of tokens, and their likelihoods."""
        manner = {"do_sample": True, "temperature": _TEMPERATURE, "top_p": _TOP_P} if sampled else {"do_sample": False}
        out = self._model.generate(
            **inputs,
            **manner,
            num_beams=1,
            num_return_sequences=num,
            max_new_tokens=max_tokens,
            return_dict_in_generate=True,
            output_logits=True,
        )
        # The last tokens are those that were drawn, whether or not a model repeats its prompt in front of them.
        tokens = out.sequences[:, -len(out.logits) :]
        logs = torch.stack(
            [
                torch.log_softmax(logits.float(), dim=-1).gather(1, tokens[:, at : at + 1])[:, 0]
                for at, logits in enumerate(out.logits)
            ],
            dim=1,
        )
        alive = self._alive(torch, tokens)
        means = ((logs * alive).sum(dim=1) / alive.sum(dim=1)).tolist()
        likelihoods = [math.exp(mean) if math.isfinite(mean) else 0.0 for mean in means]
        return list(zip(tokens.tolist(), likelihoods, strict=True))

    def _alive(self, torch: Any, tokens: Any) -> Any:
        """1 up to the first end token of each answer, 0 behind it."""
        ends = self._model.generation_config.eos_token_id
        ends = torch.tensor([end for end in (ends if isinstance(ends, list) else [ends]) if end is not None])
        ended = torch.isin(tokens, ends.to(tokens.device)).int().cumsum(dim=1)
        return torch.cat([torch.zeros_like(ended[:, :1]), ended[:, :-1]], dim=1).eq(0).float()


@contextmanager
def quiet(transformers: Any) -> Iterator[None]:
    """Without transformers' own remarks and bars: what matters to the user is said by us."""
    log = transformers.utils.logging
    verbosity, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(verbosity)
        if bars:
            log.enable_progress_bar()


@contextmanager
def _refusals(fetched: Fetched) -> Iterator[None]:
    """What transformers raises about a folder, as one `ModelError`."""
    try:
        yield
    except (ValueError, KeyError, TypeError, OSError, RuntimeError, ImportError, AttributeError) as error:
        if "trust_remote_code" in str(error):
            raise ModelError(
                f"{fetched} comes with Python code of its own: read it, and give --trust-remote-code "
                "(trust_remote_code=True) if it may run with your rights"
            ) from error
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{fetched} cannot be opened as an image-text-to-text model: {first}") from error
