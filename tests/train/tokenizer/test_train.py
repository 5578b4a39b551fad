"""The whole chain from photographs to a packed network, on the debug recipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from semcodec.ids import FamilyId
from semcodec.layers.tokens.family import parse_family
from semcodec.zoo.catalog import shipped
from semcodec_train.common.optim import orthogonalised
from semcodec_train.common.photos import CropStream, random_crop
from semcodec_train.tables.tokens import count_family
from semcodec_train.tokenizer.export import (
    GRAPHS,
    PAINTER,
    calibration_inputs,
    export_tokenizer,
    facts_of,
)
from semcodec_train.tokenizer.model import (
    MISSING,
    PyramidSpec,
    Tokenizer,
    Widths,
    digit_values,
    quantise,
    sample_masks,
)
from semcodec_train.tokenizer.recipes import tokenizer_debug, tokenizer_residues
from semcodec_train.tokenizer.train import train
from semcodec_train.tokenizer.transform import fit_residues, largest_eigenvectors
from semcodec_train.tokenizer.weights import load_tokenizer, take_over, weights_of_graphs


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads that share a busy core wait for each other: tiny steps then take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def photos(photo_path: Path, other_photo_path: Path) -> list[Image.Image]:
    return [Image.open(path).convert("RGB").resize((320, 213)) for path in (photo_path, other_photo_path)]


@pytest.fixture(scope="module")
def trained(photos: list[Image.Image], tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train(tokenizer_debug(), photos, None, tmp_path_factory.mktemp("debug"), log=lambda _: None)


def test_training_lowers_the_loss_and_a_run_resumes_where_it_stopped(photos: list[Image.Image], tmp_path: Path) -> None:
    lines: list[str] = []
    recipe = tokenizer_debug()
    first = replace(recipe.stages[0], num_steps=40, full=1.0)  # what is missing at random hides what is learned
    longer = replace(recipe, stages=(first, recipe.stages[1]), log_every=10)
    train(longer, photos, None, tmp_path, log=lines.append)
    losses = [float(line.split('"l1": ')[1].split(",")[0]) for line in lines if line.startswith("{")]
    assert losses[3] < losses[0]
    train(longer, photos, None, tmp_path, log=lines.append)
    assert lines[-1] == "resumed at stage 1, step 4"
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["steps"], run["crops"]) == (44, 88) and {"l1", "mse", "price0", "norm"} <= set(run["losses"])


def test_a_trained_tokenizer_is_opened_with_the_sizes_it_was_trained_with(
    photos: list[Image.Image], tmp_path: Path
) -> None:
    recipe = replace(tokenizer_debug(), stages=(replace(tokenizer_debug().stages[0], num_steps=1),))
    made = train(recipe, photos, None, tmp_path, log=lambda _: None)
    again = load_tokenizer(tmp_path / "model.pt")
    assert (again.spec, again.widths) == (recipe.spec, recipe.widths)
    assert all(torch.equal(value, made.state_dict()[name]) for name, value in again.state_dict().items())


def test_exported_graphs_agree_with_the_model_at_a_size_they_were_not_traced_at(
    trained: Tokenizer, tmp_path: Path, photos: list[Image.Image]
) -> None:
    paths = export_tokenizer(trained, tmp_path)
    assert tuple(paths) == (*GRAPHS, PAINTER, "about")
    image = torch.from_numpy(np.asarray(photos[0].resize((128, 384))).copy())[None]
    with torch.no_grad():
        wanted = trained.encoder.fine(image.permute(0, 3, 1, 2).float() / 127.5 - 1)
    session = onnxruntime.InferenceSession(str(paths["encoder-fine"]), providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"image": image.numpy()})
    assert got.shape == wanted.shape
    assert np.abs(got - wanted.numpy()).max() < 0.05 * wanted.std().item()


@pytest.mark.parametrize("near", [(1, 1), (2, 1), (0, 2)])
@pytest.mark.parametrize("deep", [(1, 0, 0, 0), (0, 1, 0, 2)])
def test_networks_see_as_far_as_the_facts_beside_them_say(near: tuple[int, int], deep: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    widths = Widths(4, 4, 4, encoder_blocks_8_4=near, decoder_blocks_8_4=near, decoder_blocks=deep)
    model = Tokenizer(widths=widths).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    facts = facts_of(widths, model.spec.strides)

    def seen(given: torch.Tensor, found: torch.Tensor) -> torch.Tensor:
        (gradient,) = torch.autograd.grad(found.sum(), given, retain_graph=True)
        return gradient.abs().sum(dim=(0, 1, 2)).nonzero().flatten()

    image = torch.rand(1, 3, 8, 256, dtype=torch.double, requires_grad=True)
    felt = seen(image, model.encoder.fine(image)[..., 16])
    assert (128 - int(felt[0]), int(felt[-1]) - 135) == (facts["encoder"]["reach_px"],) * 2
    features = torch.rand(1, 4 + 192, 1, 40, dtype=torch.double, requires_grad=True)
    painted = model.decoder.fine(features)
    reach = facts["decoder"]["reach_px"]  # a feature is felt so far beyond its own 8 pixels, and no farther
    felt = [seen(features, painted[..., at]) for at in (160 + 8 + reach - 1, 160 + 8 + reach)]
    assert 20 in felt[0] and 20 not in felt[1]
    num = 2 * facts["decoder"]["reach_tokens"] + 5
    tokens = [
        torch.rand(1, len(levels) + 1, 1 << scale, num << scale, dtype=torch.double, requires_grad=True)
        for scale, levels in enumerate(model.spec.levels)
    ]
    at = 16 * (num // 2)
    state = model.decoder.coarse(tokens)[..., at]
    far = [at // 2 ** (4 - scale) - int(seen(token, state)[0]) for scale, token in enumerate(tokens)]
    assert max(far) == facts["decoder"]["reach_tokens"]


def test_the_facts_beside_the_shipped_networks_are_those_of_the_recipe() -> None:
    about = shipped().find("encoder", family=FamilyId.NANO_1).files["about.json"]
    assert json.loads(about.read_text()) == facts_of(tokenizer_residues().widths, PyramidSpec().strides)


def test_training_can_begin_from_exported_graphs(trained: Tokenizer, tmp_path: Path) -> None:
    export_tokenizer(trained, tmp_path)
    weights = weights_of_graphs(tmp_path)
    assert set(weights) == set(trained.state_dict())
    for name, wanted in trained.state_dict().items():
        assert torch.allclose(weights[name], wanted, atol=0.01 * float(wanted.abs().max()) + 1e-6)
    again = Tokenizer(trained.spec, trained.widths)
    assert take_over(again, weights).endswith("new: nothing")


def test_the_painter_of_the_encoder_computes_in_integers_and_paints_nearly_the_same(
    trained: Tokenizer, tmp_path: Path, photos: list[Image.Image]
) -> None:
    crops = next(iter(CropStream(photos, size_px=128, batch=8, seed=0))).float() / 127.5 - 1
    paths = export_tokenizer(trained, tmp_path, [crops])
    kinds = {node.op_type for node in onnx.load(paths[PAINTER]).graph.node}
    assert "QuantizeLinear" in kinds
    features = calibration_inputs(trained, [crops], 8)["decoder-fine"]
    sessions = [onnxruntime.InferenceSession(str(paths[name])) for name in ("decoder-fine", PAINTER)]
    painted = [session.run(None, dict(features[0]))[0] for session in sessions]
    assert np.abs(painted[0].astype(int) - painted[1].astype(int)).mean() < 3
    weights = weights_of_graphs(tmp_path)
    for name, wanted in trained.state_dict().items():
        assert torch.allclose(weights[name], wanted, atol=0.02 * float(wanted.abs().max()) + 1e-6), name


def test_a_tokenizer_that_integers_cannot_hold_is_refused(
    trained: Tokenizer, tmp_path: Path, photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    crops = next(iter(CropStream(photos, size_px=128, batch=2, seed=0))).float() / 127.5 - 1
    monkeypatch.setattr("semcodec_train.tokenizer.export.LEAST_LIKENESS_DB", 90.0)
    with pytest.raises(ValueError, match="in integers only"):
        export_tokenizer(trained, tmp_path, [crops])


def test_tables_are_counted_the_same_every_time_and_parse(trained: Tokenizer, photos: list[Image.Image]) -> None:
    counted = [count_family(trained, photos, "debug", bf16=False, log=lambda _: None) for _ in range(2)]
    assert counted[0] == counted[1]
    family = parse_family(counted[0], 200)
    assert family.levels == trained.spec.levels


def test_block_transforms_begin_as_the_inverse_of_each_other(photos: list[Image.Image]) -> None:
    model = Tokenizer(tokenizer_debug().spec, tokenizer_debug().widths)
    crops = next(iter(CropStream(photos, size_px=256, batch=4, seed=0))).float() / 127.5 - 1
    fit_residues(model, [crops], bf16=False)
    digits = model.digits(crops)
    errors = []
    for known in range(2, 6):
        tokens = [
            digit_values(d if scale < known else torch.full_like(d, MISSING), levels)
            for scale, (d, levels) in enumerate(zip(digits, model.spec.levels, strict=True))
        ]
        with torch.no_grad():
            errors.append(float((model.decoder(tokens).clamp(-1, 1) - crops).square().mean()))
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.3 * errors[0]


def test_the_largest_eigenvectors_are_found() -> None:
    half = torch.randn(60, 200, generator=torch.Generator().manual_seed(0)) * torch.linspace(3, 0.1, 60)[:, None]
    values, vectors = largest_eigenvectors(half @ half.T, 5)
    wanted = torch.linalg.eigvalsh(half @ half.T).flip(0)[:5]
    assert torch.allclose(values, wanted, rtol=1e-2)
    assert torch.allclose(vectors.T @ vectors, torch.eye(5), atol=1e-4)


def test_residues_round_towards_nothing_and_stay_within_their_levels() -> None:
    residues = Tokenizer().encoder.residues
    with torch.no_grad():
        residues.analysis[2].weight.zero_()
        residues.analysis[2].weight[0, 0, 0, 0] = 1.0
    pixels = torch.zeros(1, 3, 8, 48)
    pixels[0, 0, 0, ::8] = torch.tensor([0.5, 0.6, -0.6, -1.5, 9.0, 0.0])
    values, digits = residues(pixels, 2)
    assert (digits[0, 0, 0] - 4).tolist() == [0, 1, -1, -1, 4, 0]
    assert torch.allclose(values, (2 * digits + 1) / torch.tensor(residues.levels[2]).view(1, -1, 1, 1) - 1)


def test_quantisation_uses_equal_bins_and_passes_gradients() -> None:
    x = torch.linspace(-6, 6, 1001).view(1, 1, 1, -1).requires_grad_()
    values, digits = quantise(x, (5,))
    assert digits.unique().tolist() == [0, 1, 2, 3, 4]
    assert torch.allclose(values, (2 * digits + 1) / 5 - 1)
    values.sum().backward()
    assert x.grad is not None and (x.grad > 0).float().mean() > 0.5


def test_missing_tokens_become_zeros_and_an_empty_mask() -> None:
    digits = torch.tensor([[0, 7], [MISSING, MISSING]], dtype=torch.uint8).T.reshape(1, 2, 2, 1)
    given = digit_values(digits, (8, 8))
    assert given.shape == (1, 3, 2, 1)
    assert given[0, :, 0, 0].tolist() == [-0.875, 0.875, 1.0] and given[0, :, 1, 0].tolist() == [0, 0, 0]


def test_no_token_is_sent_without_its_parent() -> None:
    masks = sample_masks(64, 2, 3, len(PyramidSpec().strides), torch.Generator().manual_seed(0))
    for coarse, fine in zip(masks, masks[1:], strict=False):
        assert (fine <= coarse.repeat_interleave(2, 2).repeat_interleave(2, 3)).all()
    assert 0.1 < float(masks[0].mean()) <= 1 and 0 < float(masks[-1].mean()) < 0.9


def test_orthogonalised_matrices_have_singular_values_near_one() -> None:
    for shape in ((40, 90), (90, 40)):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(shape, generator=torch.Generator().manual_seed(0)), 5))
        assert 0.5 < float(values.min()) and float(values.max()) < 1.5


def test_crops_have_the_size_that_is_asked_for(photos: list[Image.Image]) -> None:
    assert random_crop(photos[0], 64, np.random.default_rng(0)).shape == (64, 64, 3)
    batch = next(iter(CropStream(photos, size_px=48, batch=3, seed=0)))
    assert batch.shape == (3, 3, 48, 48) and batch.dtype == torch.uint8
