"""From a reference to a folder of files: pinned to a commit, safetensors only, with progress, or offline.

Promises
1. A bare `hf:ORG/NAME` means the commit that is in the cache, if one is: a model does not change under its user.
   `@main` (or a tag) asks the hub for today's; `@` and 40 hex digits is that commit for ever.
2. What is in the cache is opened without asking anybody. With HF_HUB_OFFLINE=1 nobody is ever asked.
3. No pickle is fetched or accepted, and no Python unless `trust_remote_code`.
4. Interrupted downloads go on where they stopped.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from semcodec.errors import ModelError
from semcodec.hub.references import PREFIX, Reference
from semcodec.hub.require import require
from semcodec.hub.selection import PIPELINE_INDEX, Selection, select_files

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model on this machine. `revision` is the commit (40 hex digits), None for a folder of the user's own."""

    name: str
    revision: str | None
    folder: Path
    variant: str | None = None  # for diffusers' `from_pretrained`

    @property
    def is_pipeline(self) -> bool:
        """A diffusers pipeline, rather than a single model."""
        return (self.folder / PIPELINE_INDEX).is_file()

    def __str__(self) -> str:
        return f"{PREFIX}{self.name}@{self.revision}" if self.revision else str(self.folder)


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository's commit as the hub describes it, before anything is fetched."""

    name: str
    revision: str
    selection: Selection
    num_bytes: int
    licence: str | None = None
    num_params: int | None = None
    model_type: str | None = None  # of transformers
    pipeline: str | None = None  # class of a diffusers pipeline

    @property
    def reference(self) -> str:
        """Means these very bytes for ever."""
        return f"{PREFIX}{self.name}@{self.revision}"


def fetch(
    reference: Reference, *, half: bool = False, trust_remote_code: bool = False, say: Say | None = None
) -> Fetched:
    """The model's files, from the cache or the hub.

    Args:
        half: prefer 16-bit weights, where a pipeline comes with both.
        trust_remote_code: fetch the repository's Python too, which will run with the user's rights.
        say: told one sentence before a download begins; progress bars go to stderr.

    Raises:
        ModelError: it is not there, not allowed, has no safetensors, or the hub cannot be reached.
        MissingExtraError: huggingface_hub is not installed.
    """
    if reference.folder is not None:
        return _checked_folder(reference)
    cached = find_cached(reference, half=half, trust_remote_code=trust_remote_code)
    if cached is not None:
        return cached
    hub = require("huggingface_hub")
    listing = ask_hub(reference, half=half, trust_remote_code=trust_remote_code)
    if say is not None:
        say(f"fetching {listing.reference}: {listing.num_bytes / 1e9:.2f} GB, licence {listing.licence or 'not said'}")
    with _sentences(reference):
        folder = hub.snapshot_download(
            listing.name, revision=listing.revision, allow_patterns=_patterns(listing.selection)
        )
    return Fetched(listing.name, listing.revision, Path(folder), listing.selection.variant)


def find_cached(reference: Reference, *, half: bool = False, trust_remote_code: bool = False) -> Fetched | None:
    """The model in the cache, whole; None if it is not there or the hub has to be asked what the revision means."""
    hub, errors = require("huggingface_hub"), require("huggingface_hub.errors")
    offline = hub.is_offline_mode() or _asks_for_offline()
    if reference.repository is None or (reference.revision and not reference.is_pinned and not offline):
        return None
    try:
        revision = hub.HfApi().resolve_revision(
            reference.repository, revision=reference.revision, local_files_only=True
        )
        commit = getattr(revision, "resolved", revision)
        listed = hub.get_cached_repo_tree(reference.repository, revision=commit)
        selection = select_files((file.path for file in listed), half=half, trust_remote_code=trust_remote_code)
        _refuse_unless_safe(selection, reference)
        folder = hub.snapshot_download(
            reference.repository, revision=commit, allow_patterns=_patterns(selection), local_files_only=True
        )
    except (errors.RevisionResolutionError, errors.CachedRepoTreeNotFoundError, errors.LocalEntryNotFoundError):
        if offline:
            raise ModelError(
                f"{reference} is not in the cache and HF_HUB_OFFLINE is set: unset it, or copy the model's folder "
                "here and name that"
            ) from None
        return None
    return Fetched(reference.repository, commit, Path(folder), selection.variant)


def ask_hub(reference: Reference, *, half: bool = False, trust_remote_code: bool = False) -> Listing:
    """What the hub says of a reference: commit, files, bytes, licence. Nothing is fetched."""
    assert reference.repository is not None
    hub = require("huggingface_hub")
    with _sentences(reference):
        revision = hub.HfApi().resolve_revision(reference.repository, revision=reference.revision)
        commit = getattr(revision, "resolved", revision)
        info = hub.HfApi().model_info(reference.repository, revision=commit, files_metadata=True)
    size_of = {file.rfilename: file.size or 0 for file in info.siblings}
    selection = select_files(size_of, half=half, trust_remote_code=trust_remote_code)
    _refuse_unless_safe(selection, reference)
    card, config = info.card_data, info.config or {}
    return Listing(
        name=reference.repository,
        revision=commit,
        selection=selection,
        num_bytes=sum(size_of[name] for name in selection.names),
        licence=getattr(card, "license_name", None) or getattr(card, "license", None),
        num_params=info.safetensors.total if info.safetensors is not None else None,
        model_type=config.get("model_type"),
        pipeline=config.get("diffusers", {}).get("_class_name"),
    )


def _checked_folder(reference: Reference) -> Fetched:
    folder = reference.folder
    assert folder is not None
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    selection = select_files(names)
    _refuse_unless_safe(selection, reference)
    return Fetched(reference.name, None, folder, selection.variant)


def _refuse_unless_safe(selection: Selection, reference: Reference) -> None:
    if selection.has_weights:
        return
    if selection.has_pickles:
        raise ModelError(
            f"{reference} has its weights as pickles alone, which may run any code when they are opened: "
            "take a model with .safetensors files, or convert it"
        )
    raise ModelError(f"{reference} has no .safetensors files: it is no model that can be opened here")


def _asks_for_offline() -> bool:
    """HF_HUB_OFFLINE as it is now; huggingface_hub reads it once, when it is imported."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def _patterns(selection: Selection) -> list[str]:
    return [glob.escape(name) for name in selection.names]


@contextmanager
def _sentences(reference: Reference) -> Iterator[None]:
    """The hub's errors become one `ModelError` each."""
    errors = require("huggingface_hub.errors")
    page = f"https://huggingface.co/{reference.repository}"
    # (the order matters: the first ones are kinds of the later ones)
    told: tuple[tuple[type[Exception], str], ...] = (
        (errors.GatedRepoError, f"asks for its licence to be accepted: do so at {page}, then `hf auth login`"),
        (errors.RepositoryNotFoundError, "is not on the hub, or is private: check the name, or `hf auth login`"),
        (errors.RevisionNotFoundError, f"has no such revision: those that are there stand at {page}/commits/main"),
        (errors.OfflineModeIsEnabled, "is not in the cache and HF_HUB_OFFLINE is set: unset it"),
        (errors.RevisionResolutionError, "is not in the cache, and the hub cannot be reached: check the network"),
        (
            errors.LocalEntryNotFoundError,
            "is not whole in the cache, and the hub cannot be reached: check the network",
        ),
        (errors.HfHubHTTPError, "could not be fetched ({first_line}): try again"),
        (OSError, ""),  # of this machine, a full disk: it has its own sentence
        (Exception, "could not be fetched, the hub does not answer ({first_line}): check the network"),
    )
    try:
        yield
    except Exception as error:
        sentence = next(sentence for kind, sentence in told if isinstance(error, kind))
        if not sentence:
            raise
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{reference} {sentence.format(first_line=first_line)}") from error
