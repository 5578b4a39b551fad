"""The generator's whole chain on the debug recipe: grids, words, masks, training, package, and the run time's view."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.models import DEFAULT_FAMILY, default_models
from semcodec.nets.anchored import NO_WORDS, UNKNOWN_WORD, AnchoredNets, words_to_tokens
from semcodec.painters.anchored import edge_cells
from semcodec.types import Size
from semcodec.zoo.catalog import package_at
from semcodec_train.common.graphs import check_parity
from semcodec_train.common.photos import pictures_in
from semcodec_train.generator.bits import measure, picture_bits
from semcodec_train.generator.data import (
    Grid,
    GridPool,
    build_vocabulary,
    draw_text,
    load_grids,
    nets_of,
    token_batch,
    tokenise,
    word_vectors,
)
from semcodec_train.generator.export import export_generator
from semcodec_train.generator.model import (
    AnchoredDiffusion,
    Masking,
    OneHot,
    Trained,
    diffusion_loss,
    digit_nats,
    draw_masks,
    edge_maps,
    load_generator,
    sample,
    save_generator,
)
from semcodec_train.generator.packaged import load_package
from semcodec_train.generator.recipes import anchored_debug
from semcodec_train.generator.train import BEST, train
from semcodec_train.generator.views import SHAPES, outlines_of, random_view
from semcodec_train.tokenizer.model import MISSING

FAMILY = find_family(DEFAULT_FAMILY)
CHOICES = {
    "text_long_side_px": 256,
    "steps": {"128": 2, "64": 2, "32": 2, "16": 2, "8": 2},
    "fast_steps": {},
    "temperature": 0.8,
    "guidance": 1.5,
    "invents_down_to": 32,
    "window": {"core": 64, "margin": 8},
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def some_grid(stem: str, rng: np.random.Generator, digit: int | None = None) -> Grid:
    """Of 256 x 192 pixels, with random digits, or all of them the same."""
    digits = []
    for stride, levels in zip(FAMILY.strides, FAMILY.levels, strict=True):
        shape = (-(-192 // stride), 256 // stride, len(levels))
        drawn = rng.integers(0, levels, shape) if digit is None else np.full(shape, digit)
        digits.append(drawn.astype(np.uint8))
    return Grid(stem, tuple(digits), rng.integers(0, 256, (2, 48, 64)).astype(np.uint8))


def store(folder: Path, grids: list[Grid], name: str = "grids-0-00000.npz") -> None:
    folder.mkdir(exist_ok=True)
    arrays: dict[str, np.ndarray] = {"stems": np.array([grid.stem for grid in grids])}
    for i, grid in enumerate(grids):
        arrays |= {f"{i}-{scale}": digits for scale, digits in enumerate(grid.digits)} | {
            f"{i}-outlines": grid.outlines
        }
    np.savez(folder / name, **arrays)  # type: ignore[arg-type]


def a_model(seed: int = 0, num_tokens: int = 12) -> AnchoredDiffusion:
    torch.manual_seed(seed)
    model = AnchoredDiffusion(num_tokens, FAMILY.levels, anchored_debug().size)
    for scale in model.scales:
        torch.nn.init.normal_(scale.head.weight, std=0.5)
        for listen in scale.listen:
            torch.nn.init.normal_(listen.out.weight, std=0.3)
    return model.eval()


def anchors_of(grid: Grid, rng: torch.Generator, hidden: float) -> list[torch.Tensor]:
    digits = [torch.from_numpy(scale)[None] for scale in grid.digits]
    return [d.masked_fill(torch.rand((*d.shape[:3], 1), generator=rng) < hidden, MISSING) for d in digits]


# ------------------------------------------------------------------------------------------------ grids


def test_a_view_has_one_of_the_shapes_and_about_the_photographs_aspect() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (320, 480, 3)).astype(np.uint8)
    for seed in range(12):
        view = random_view(Image.fromarray(pixels), random.Random(seed)).image
        assert (view.shape[1], view.shape[0]) in SHAPES
        assert view.shape[1] > view.shape[0]


def test_a_view_in_another_light_shows_the_same_part() -> None:
    rng = np.random.default_rng(0)
    photo = Image.fromarray(rng.integers(60, 200, (24, 36, 3)).astype(np.uint8)).resize((360, 240))
    plain, lit = (random_view(photo, random.Random(5), lit=light).image.astype(float) for light in (False, True))
    assert plain.shape == lit.shape and abs(plain - lit).mean() > 1
    assert np.corrcoef(plain.ravel(), lit.ravel())[0, 1] > 0.9


def test_tokenised_photographs_come_back_as_the_run_time_encodes_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    photos = []
    for at in range(2):
        smooth = Image.fromarray(rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)).resize((256, 192))
        photos.append(tmp_path / f"photo-{at}.png")
        smooth.save(photos[-1])
    nets, family = nets_of(None, None)
    assert family.levels == FAMILY.levels
    tokenise(pictures_in(tmp_path), nets, default_models(), tmp_path / "grids", seed=3, log=lambda line: None)
    (shard,) = (tmp_path / "grids").iterdir()
    grids = {grid.stem: grid for grid in load_grids([shard])}
    with Image.open(photos[0]) as photo:
        view = random_view(photo, rng_0 := random.Random("3 photo-0"), lit=True)
    for mine, theirs in zip(grids["photo-0"].digits, nets.encode(view.image), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(grids["photo-0"].outlines, outlines_of(view, default_models(), rng_0))
    before = shard.stat().st_mtime_ns
    tokenise(pictures_in(tmp_path), nets, default_models(), tmp_path / "grids", seed=3, log=lambda line: None)
    assert shard.stat().st_mtime_ns == before  # (a shard that is there is left)


def test_a_pool_gives_batches_of_one_shape_and_takes_in_what_is_added(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    store(tmp_path, [some_grid(f"p{at}", rng) for at in range(5)])
    pool = GridPool(tmp_path)
    assert len(pool) == 5
    batch = next(pool.batches(1, {"p0": (["a dog"], [])}, seed=0))
    assert len(batch.texts) == 2  # (a picture of 384 x 256 has twice as many tokens)
    assert batch.digits[-1].shape == (2, 24, 32, len(FAMILY.levels[-1]))
    store(tmp_path, [some_grid("late", rng)], "grids-0-00050.npz")
    assert (pool.refresh(), len(pool)) == (1, 6)


# ------------------------------------------------------------------------------------------------ words


def test_the_vocabulary_is_read_by_the_run_time() -> None:
    words = build_vocabulary(["A dog, a DOG!", "the dog's cat", "a cat"], most=3, least=2)
    assert words == ["<none>", "<unknown>", "a", "cat", "dog"]
    vocabulary = {word: at for at, word in enumerate(words)}
    assert words_to_tokens("A dog eats", vocabulary) == [2, 4, UNKNOWN_WORD]
    tokens, there = token_batch(["dog", "", "a cat"], vocabulary, 24)
    assert tokens.tolist() == [[4, NO_WORDS], [NO_WORDS, NO_WORDS], [2, 3]]
    assert there.tolist() == [[1, 0], [1, 0], [1, 1]]


def test_words_that_are_said_with_the_same_words_begin_alike() -> None:
    texts = [f"{who} {does} {on}" for who in ("dog", "puppy") for does in ("runs", "barks") for on in ("grass", "snow")]
    texts += [f"{what} {does}" for what in ("boat", "ship") for does in ("sails", "sinks")]
    words = build_vocabulary(texts, most=50, least=1)
    vectors = word_vectors(texts, words, 8)
    at = {word: vectors[i] / np.linalg.norm(vectors[i]) for i, word in enumerate(words[2:], start=2)}
    assert at["puppy"] @ at["dog"] > 0.9
    assert abs(at["puppy"] @ at["boat"]) < 0.2


def test_a_picture_gets_peoples_words_or_the_describers() -> None:
    rng = random.Random(0)
    both = (["people"], ["machine"])
    assert {draw_text(both, rng, people=0.5) for _ in range(20)} == {"people", "machine"}
    assert draw_text(([], ["machine"]), rng, people=1.0) == "machine"
    assert draw_text(([], []), rng, people=0.5) == ""


# ------------------------------------------------------------------------------------------------ diffusion


def test_an_unknown_digit_is_all_zeros_and_a_known_one_is_one() -> None:
    digits = torch.tensor([[[[2, MISSING]]]], dtype=torch.uint8)
    assert OneHot((3, 2))(digits)[0, :, 0, 0].tolist() == [0, 0, 1, 0, 0]


def test_masks_hide_as_often_as_they_say() -> None:
    rng = torch.Generator().manual_seed(0)
    shape = (400, 8, 8, 4)
    hidden, ratio = draw_masks(shape, Masking(0, 0, 0), rng)
    assert (hidden == hidden[..., :1]).all()  # whole tokens
    assert abs(float((hidden.float().mean((1, 2, 3)) - ratio).mean())) < 0.02
    hidden, ratio = draw_masks(shape, Masking(1, 0, 0), rng)
    assert hidden.all() and (ratio == 1).all()
    hidden, ratio = draw_masks(shape, Masking(0, 1, 0), rng)
    assert (hidden[:, ::2] == hidden[:, 1::2]).all()  # squares of two or four
    assert abs(float((hidden.float().mean((1, 2, 3)) - ratio).mean())) < 0.05
    hidden, _ = draw_masks(shape, Masking(0, 0, 1), rng)
    assert (hidden != hidden[..., :1]).any()  # single digits


def test_digits_cost_what_their_softmax_says() -> None:
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 8, 1, 1, generator=rng)
    nats = digit_nats(logits, torch.tensor([[[[2, 0, 1]]]], dtype=torch.uint8), (3, 3, 2))
    wanted = [-part.log_softmax(0) for part in logits[0, :, 0, 0].split([3, 3, 2])]
    assert nats.flatten().tolist() == pytest.approx([float(wanted[0][2]), float(wanted[1][0]), float(wanted[2][1])])


def test_the_loss_weighs_rarely_hidden_tokens_up() -> None:
    nats = torch.ones(1, 2, 2, 3)
    hidden = torch.zeros(1, 2, 2, 3, dtype=torch.bool)
    hidden[0, 0, 0] = True
    assert float(diffusion_loss(nats, hidden, torch.tensor([0.25]), 0.0)) == pytest.approx(3.0)
    assert float(diffusion_loss(nats, hidden, torch.tensor([0.25]), 0.1)) == pytest.approx(3.3)


def test_outlines_are_told_in_training_as_they_are_when_painting() -> None:
    drawn = np.random.default_rng(0).integers(0, 256, (96, 120)).astype(np.uint8)  # of a picture of 240 x 192 pixels
    working, parts = Size(240, 192), (8, 8, 8, 4, 2)
    (cells,) = grids(working, (4,), (1,))
    fine = torch.from_numpy(edge_cells(drawn, cells, working, 4)[0])[None, None]
    all_grids = grids(working, FAMILY.strides, FAMILY.blocks)
    shapes = [(grid.num_rows, grid.num_cols) for grid in all_grids]
    told = edge_maps(fine.repeat(2, 1, 1, 1), torch.tensor([1.0, 0.0]), shapes, FAMILY.strides, parts)
    for mine, grid, stride, count in zip(told, all_grids, FAMILY.strides, parts, strict=True):
        theirs = edge_cells(drawn, grid, working, stride, count)
        assert mine.shape == (2, count**2 + 1, grid.num_rows, grid.num_cols)
        np.testing.assert_allclose(mine[0].numpy(), theirs, atol=1e-5)
        assert not mine[1].any()


def test_a_scale_hears_the_words_but_does_not_see_its_own_hidden_digits() -> None:
    model, rng = a_model(), torch.Generator().manual_seed(0)
    grid = some_grid("p", np.random.default_rng(0))
    complete = [torch.from_numpy(scale)[None] for scale in grid.digits]
    other = [torch.from_numpy(scale)[None] for scale in some_grid("q", np.random.default_rng(9)).digits]
    given = [torch.full_like(scale, MISSING) for scale in complete]
    shapes = [(scale.shape[1], scale.shape[2]) for scale in complete]
    edges = edge_maps(torch.zeros(1, 1, 48, 64), torch.zeros(1), shapes, FAMILY.strides, model.size.parts)
    tokens, there = torch.tensor([[3, 4]]), torch.ones(1, 2)
    first = model(given, complete, edges, tokens, there)
    second = model(given, [complete[0], *other[1:]], edges, tokens, there)
    torch.testing.assert_close(first[1], second[1])  # scale 1 sees scale 0, not itself
    assert not torch.allclose(first[2], second[2])
    padded = model(given, complete, edges, torch.tensor([[3, 4, 7]]), torch.tensor([[1.0, 1.0, 0.0]]))
    torch.testing.assert_close(first[3], padded[3], atol=1e-4, rtol=1e-4)
    said = model(given, complete, edges, torch.tensor([[5, 6]]), there)
    assert not torch.allclose(first[0], said[0])
    del rng


@pytest.mark.parametrize("digit_by_digit", [False, True])
def test_drawing_fills_what_is_missing_and_leaves_anchors(digit_by_digit: bool) -> None:
    model = a_model()
    anchors = anchors_of(some_grid("p", np.random.default_rng(3)), torch.Generator().manual_seed(0), 0.6)[:4]

    def drawn(seed: int) -> list[torch.Tensor]:
        return sample(
            model,
            anchors,
            torch.tensor([[3, 4]]),
            torch.ones(1, 2),
            steps=(3, 3, 2, 2),
            temperature=(1.0,) * 4,
            digit_by_digit=(digit_by_digit,) * 4,
            guidance=1.5,
            rng=torch.Generator().manual_seed(seed),
        )

    for scale, (mine, anchor, levels) in enumerate(zip(drawn(1), anchors, FAMILY.levels, strict=False)):
        assert (mine < torch.tensor(levels)).all()
        assert (mine[anchor != MISSING] == anchor[anchor != MISSING]).all(), scale
    assert all(torch.equal(a, b) for a, b in zip(drawn(1), drawn(1), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(drawn(1), drawn(2), strict=True))


# ------------------------------------------------------------------------------------------------ training and package


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path, list[Grid], dict[str, tuple]]:
    """Pictures all of whose digits are 1 are called "snow", those of 3 "grass"."""
    folder = tmp_path_factory.mktemp("anchored")
    rng = np.random.default_rng(0)
    grids = [some_grid(f"p{at}", rng, digit=1 + 2 * (at % 2)) for at in range(8)]
    store(folder / "grids", grids)
    texts = {grid.stem: (["snow" if grid.digits[0][0, 0, 0] == 1 else "grass"], []) for grid in grids}
    recipe = replace(anchored_debug(), num_steps=60, batch=4, muon_lr=0.03, adam_lr=0.02, log_every=30)
    lines: list[str] = []
    trained = train(
        recipe,
        GridPool(folder / "grids"),
        texts,
        ["snow", "grass", "snow grass"],
        folder / "out",
        family=FAMILY.id,
        strides=FAMILY.strides,
        levels=FAMILY.levels,
        held_out=grids[:2],
        log=lines.append,
    )
    losses = [json.loads(line) for line in lines if "nats0" in line]
    assert losses[-1]["nats0"] < 0.7 * losses[0]["nats0"]
    return trained, folder, grids, texts


def test_it_learns_what_words_mean(learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]]) -> None:
    trained, _, grids, texts = learnt
    said = [texts[grid.stem][0][0] for grid in grids]
    swapped = ["grass" if word == "snow" else "snow" for word in said]
    right, none, wrong = (
        picture_bits(trained.model, grids, words, trained.vocabulary, hidden_share=1.0)[:, 0].mean()
        for words in (said, [""] * len(grids), swapped)
    )
    assert right < none < wrong
    found = measure(trained.model, grids, said, trained.vocabulary, FAMILY)
    assert found["all_hidden"]["none_minus_right"][0][0] == pytest.approx(none - right, abs=0.01)
    assert len(found["integer_tables"]) == FAMILY.num_scales
    # Digits of these pictures are all alike: who knows some of them knows them all.
    assert found["one_by_one"]["none"][0][0] < found["all_hidden"]["none"][0][0]


def test_a_run_that_was_stopped_goes_on(learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]]) -> None:
    trained, folder, _, texts = learnt
    lines: list[str] = []
    again = train(
        replace(anchored_debug(), num_steps=62, batch=4, muon_lr=0.0, adam_lr=0.0),
        GridPool(folder / "grids"),
        texts,
        [],
        folder / "out",
        family=FAMILY.id,
        strides=FAMILY.strides,
        levels=FAMILY.levels,
        log=lines.append,
    )
    assert lines[0] == "resumed at step 60"
    assert again.words == trained.words


def test_a_run_can_begin_from_another(
    learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]], tmp_path: Path
) -> None:
    trained, folder, _, texts = learnt
    save_generator(tmp_path / "generator.pt", trained)
    begun = train(
        replace(anchored_debug(), num_steps=1, muon_lr=0.0, adam_lr=0.0),
        GridPool(folder / "grids"),
        texts,
        [],
        tmp_path / "next",
        family=7,
        strides=FAMILY.strides,
        levels=FAMILY.levels,
        init=tmp_path / "generator.pt",
        log=lambda line: None,
    )
    assert (begun.words, begun.family) == (trained.words, 7)
    for mine, theirs in zip(begun.model.parameters(), trained.model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_saved_generator_is_the_same(
    learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]], tmp_path: Path
) -> None:
    trained = learnt[0]
    save_generator(tmp_path / "generator.pt", trained)
    loaded = load_generator(tmp_path / "generator.pt")
    assert (loaded.words, loaded.family, loaded.strides) == (trained.words, trained.family, trained.strides)
    assert loaded.model.size == trained.model.size
    for mine, theirs in zip(loaded.model.parameters(), trained.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_the_package_says_at_run_time_what_the_network_says(
    learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]], tmp_path: Path
) -> None:
    trained, _, grids, _ = learnt
    export_generator(trained, CHOICES, tmp_path)
    nets = AnchoredNets(package_at(tmp_path).files, threads=1)
    assert nets.about.family == FAMILY.id
    assert nets.about.levels == FAMILY.levels
    prompt = nets.prompt("Snow, on grass")
    tokens, there = token_batch(["snow on grass", ""], trained.vocabulary, trained.model.size.max_words)
    np.testing.assert_array_equal(prompt.there_NL, there.numpy())
    state = None
    with torch.no_grad():
        memory = trained.model.words(tokens, there)
        theirs_state = None
        for at, (digits, scale) in enumerate(zip(grids[0].digits, trained.model.scales, strict=True)):
            edges = np.zeros((2, trained.model.size.parts[at] ** 2 + 1, *digits.shape[:2]), np.float32)
            mine, state = nets.log_odds(at, digits, state, edges, prompt)
            twice = torch.from_numpy(digits)[None].repeat(2, 1, 1, 1)
            if theirs_state is not None:
                theirs_state = theirs_state[:, :, : digits.shape[0], : digits.shape[1]]
            theirs = scale(twice, theirs_state, torch.from_numpy(edges), memory, there).numpy()
            theirs_state = scale.below(twice, theirs_state) if scale.has_below else None
            assert np.abs(mine - theirs).mean() < 0.05 * theirs.std()


def test_a_package_gives_the_network_back_to_go_on_from(
    learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]], tmp_path: Path
) -> None:
    trained, folder, _, texts = learnt
    export_generator(trained, CHOICES, tmp_path / "package")
    begun = train(
        replace(anchored_debug(), num_steps=1, muon_lr=0.0, adam_lr=0.0),
        GridPool(folder / "grids"),
        texts,
        [],
        tmp_path / "out",
        family=FAMILY.id,
        strides=FAMILY.strides,
        levels=FAMILY.levels,
        init=tmp_path / "package",
        log=lambda line: None,
    )
    assert begun.words == trained.words
    for mine, theirs in zip(begun.model.parameters(), trained.model.parameters(), strict=True):
        assert float((mine - theirs).abs().max()) < 0.01 * float(theirs.abs().max()) + 1e-3
    other = replace(trained.model.size, widths=(16, 16, 16, 16, 24))
    with pytest.raises(ValueError, match=r"scales\.3\..*: the package has the shape"):
        load_package(tmp_path / "package", other)


def test_the_fewest_bits_on_held_out_grids_are_kept(learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]]) -> None:
    trained, folder, grids, texts = learnt
    kept = load_generator(folder / "out" / BEST)
    assert kept.words == trained.words
    before = (folder / "out" / BEST).stat().st_mtime_ns
    # One more step, at a rate that spoils everything: what was best before an interruption stays.
    train(
        replace(anchored_debug(), num_steps=63, judge_every=1, batch=4, muon_lr=9.0, adam_lr=9.0, keep=0.0),
        GridPool(folder / "grids"),
        texts,
        [],
        folder / "out",
        family=FAMILY.id,
        strides=FAMILY.strides,
        levels=FAMILY.levels,
        held_out=grids[:2],
        log=lambda line: None,
    )
    assert (folder / "out" / BEST).stat().st_mtime_ns == before


def test_a_graph_that_says_something_else_is_refused(
    learnt: tuple[Trained, Path, list[Grid], dict[str, tuple]], tmp_path: Path
) -> None:
    trained = learnt[0]
    paths = export_generator(trained, CHOICES, tmp_path)
    other = a_model(seed=5, num_tokens=len(trained.words)).words
    with pytest.raises(ValueError, match=r"words\.onnx: ONNX Runtime and PyTorch differ"):
        check_parity("words.onnx", paths["words.onnx"], other, {"tokens_NL": torch.tensor([[2, 3]])})
