"""The describer: a picture to words (and regions), within a budget of coded bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from semcodec.forks import Lock
from semcodec.hub.describers.ask import Said, VisionLanguageModel
from semcodec.hub.describers.families import TASKS
from semcodec.hub.describers.fit import coded_bits, fit
from semcodec.hub.describers.judge import Judge, find_cached_judge
from semcodec.hub.describers.parse import PARSERS, Answer, Region
from semcodec.hub.devices import choose_placement
from semcodec.hub.fetch import Say, fetch
from semcodec.hub.references import parse_reference
from semcodec.hub.weights import count_params
from semcodec.ids import Origin
from semcodec.layers.regions.fit import within_bits
from semcodec.pictures import region_within, resized
from semcodec.types import Regions, Scene, Size, Words

if TYPE_CHECKING:
    from semcodec.types import Pixels

DEFAULT_BITS = 256
DEFAULT_TRIES = 4
# Larger pictures cost these models time and memory by the square, and tell a caption nothing.
_MAX_SIDE_PX = 1024
# Coded bits of a word, and of a model's token, in machine captions. Only for how much is asked for; the coder decides.
_BITS_PER_WORD = 8
_BITS_PER_TOKEN = 4
_MIN_TOKENS = 16
_TOKENS_FOR_PLACES = 512
# Without a judge, what the whole budget may cost in the model's own likelihood (0..1 a token).
_PRICE_IN_LIKELIHOOD = 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that fit, what they cost, and how good they are (`quality` less the price of the bits: `worth`)."""

    text: str
    regions: tuple[Region, ...]
    num_bits: int
    quality: float
    worth: float


class Describer:
    """Satisfies `contracts.Extractor`: adds `Words` of machine origin to a Scene, or nothing where nothing was said.

    For the task "regions" it also adds as many of the largest `Regions` as cost no more bits than the words may.
    One picture at a time; several threads may share it.
    """

    def __init__(
        self,
        model: VisionLanguageModel,
        *,
        name: str = "",
        task: str = "caption",
        max_bits: int = DEFAULT_BITS,
        tries: int = DEFAULT_TRIES,
        language: str = "en",
        judge: Judge | None = None,
        price: float | None = None,
        prompt: str | None = None,
        seed: int = 0,
    ) -> None:
        """
        Args:
            name: stands in messages.
            task: "caption", "regions" (dense captions with boxes) or "keywords".
            max_bits: what the words may cost in the file.
            tries: answers that are compared; the first is the likeliest one, the others are drawn by `seed`.
            language: BCP-47 tag of the words; models of several languages are asked for it.
            judge: compares words and picture. Without one, the model's own likelihood is taken.
            price: what a caption of `max_bits` has to be better by than one of no bits, in the judge's unit.
            prompt: asked in place of the family's own.

        Raises:
            ModelError: the family cannot do the task, or not in that language.
        """
        if task not in TASKS or tries < 1 or max_bits < 1:
            raise ValueError(f"task {task!r}, tries {tries}, max_bits {max_bits}: one of {TASKS}, and at least 1")
        self._model, self._judge, self._task, self._seed = model, judge, task, seed
        self.name = name
        self._max_bits, self._tries, self._language = max_bits, tries, language
        own = model.family.prompt(task, num_words=max(1, max_bits // _BITS_PER_WORD), language=language)
        self._prompt = own if prompt is None else prompt
        price_of_judge = _PRICE_IN_LIKELIHOOD if judge is None else judge.price
        self._price = price_of_judge if price is None else price
        self._lock = Lock()

    def extract(self, image_HWC: Pixels, scene: Scene) -> Scene:
        best = self.best(image_HWC)
        if best is None:
            return scene
        words = Words(best.text, self._language, Origin.MACHINE)
        if self._task != "regions":
            return replace(scene, words=words)
        found = tuple(
            region_within(region.left, region.top, region.right, region.bottom, region.label) for region in best.regions
        )
        regions = within_bits(Regions(found, words.language, words.origin), words, max_bits=self._max_bits)
        return replace(scene, words=words, regions=regions)

    def regions(self, image_HWC: Pixels) -> tuple[Region, ...]:
        """Parts of the picture in words, large ones first; none for a task without boxes."""
        best = self.best(image_HWC)
        return () if best is None else best.regions

    def best(self, image_HWC: Pixels) -> Candidate | None:
        """The candidate of the highest worth; None where nothing that was said can be stored within the bits."""
        return max(self.candidates(image_HWC), key=lambda candidate: candidate.worth, default=None)

    def candidates(self, image_HWC: Pixels) -> list[Candidate]:
        """Every different answer, as far as it fits into the bits."""
        image_HWC = _within(image_HWC, _MAX_SIDE_PX)
        kind = self._model.family.answers[self._task]
        places = self._task == "regions" or kind == "places"
        max_tokens = _TOKENS_FOR_PLACES if places else max(_MIN_TOKENS, self._max_bits // _BITS_PER_TOKEN)
        with self._lock:
            said = self._model.ask(
                image_HWC,
                self._prompt,
                num_answers=self._tries,
                max_tokens=max_tokens,
                with_marks=kind == "places",
                seed=self._seed,
            )
            fitted = self._fitted(said, kind)
            qualities = self._qualities(image_HWC, fitted)
        found = []
        for (text, (answer, _)), quality in zip(fitted.items(), qualities, strict=True):
            num_bits = coded_bits(text, self._language)
            worth = quality - self._price * num_bits / self._max_bits
            found.append(Candidate(text, answer.regions, num_bits, quality, worth))
        return found

    def _fitted(self, said: list[Said], kind: str) -> dict[str, tuple[Answer, float]]:
        """Text that fits -> the answer that it comes from, and the likelihood of that, less where it was cut."""
        fitted: dict[str, tuple[Answer, float]] = {}
        for one in said:
            answer = PARSERS[kind](one.text, self._scale(one))
            text = fit(answer.text, self._language, max_bits=self._max_bits)
            if text:
                fitted.setdefault(text, (answer, one.likelihood * len(text) / len(answer.text)))
        return fitted

    def _qualities(self, image_HWC: Pixels, fitted: dict[str, tuple[Answer, float]]) -> list[float]:
        if self._judge is None or not fitted:
            return [likelihood for _, likelihood in fitted.values()]
        return self._judge.score(image_HWC, list(fitted))

    def _scale(self, said: Said) -> tuple[float, float]:
        scale = self._model.family.box_scale
        return (float(scale), float(scale)) if isinstance(scale, int) else said.seen


def load_describer(
    reference: str,
    *,
    task: str = "caption",
    max_bits: int = DEFAULT_BITS,
    tries: int = DEFAULT_TRIES,
    language: str = "en",
    judge: str | None = None,
    prompt: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    trust_remote_code: bool = False,
    say: Say | None = None,
) -> Describer:
    """A describer by the name of its model: `hf:ORG/NAME[@REVISION]` or a folder. See `Describer` for the rest.

    Args:
        judge: a CLIP or SigLIP by name. None: one that is in the cache, if any; "none": the model's own likelihood.
        trust_remote_code: let Python that comes with the model run here with your rights.
        say: told what is fetched, and who judges.

    Raises:
        ModelError: the model cannot be found, fetched or opened. MissingExtraError: the extra `hub` is not installed.
    """
    require_all()
    named = parse_reference(reference)
    fetched = fetch(named, trust_remote_code=trust_remote_code, say=say)
    placement = choose_placement(device, dtype, num_params=count_params(fetched.folder))
    model = VisionLanguageModel(fetched, placement, trust_remote_code=trust_remote_code)
    judged_by = None
    if judge is None:
        judged_by = find_cached_judge()
    elif judge != "none":
        judged_by = fetch(parse_reference(judge), say=say)
    if say is not None and judged_by is not None:
        say(f"captions are compared by {judged_by}")
    return Describer(
        model,
        name=str(fetched),
        task=task,
        max_bits=max_bits,
        tries=tries,
        language=language,
        judge=Judge(judged_by, placement) if judged_by is not None else None,
        prompt=prompt,
    )


def require_all() -> None:
    """Raises `MissingExtraError` before anything is fetched."""
    from semcodec.hub.require import require

    for module in ("torch", "huggingface_hub", "transformers"):
        require(module)


def _within(image_HWC: Pixels, max_side_px: int) -> Pixels:
    height, width = image_HWC.shape[:2]
    scale = max_side_px / max(height, width)
    if scale >= 1:
        return image_HWC
    return resized(image_HWC, Size(max(1, round(width * scale)), max(1, round(height * scale))))
