"""Multi-step self-critical learning: advantages, gradients worked out by hand, and values by rollouts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from semcodec_train.describer.data import END, PAD, Vocabulary
from semcodec_train.describer.model import Writer, WriterSize
from semcodec_train.describer.self_critical import (
    advantages,
    caption_log_probs,
    cuts,
    policy_loss,
    self_critical_loss,
    values_by_rollouts,
    words_in,
)
from semcodec_train.describer.writing import CaptionGrammar, beam_search, finished, word_ids, write

# A caption of three tokens, the last of them `end`: values before the first token and behind each.
VALUES = (0.1, 0.4, 0.3, 0.9)
HAND_COMPUTED = {
    1: (0.3, -0.1, 0.6),  # 0.4 - 0.1, 0.3 - 0.4, 0.9 - 0.3
    2: (0.2, 0.2, 0.6),  # 0.3 - 0.1 for two tokens, 0.9 - 0.3 for the one that is left
    None: (0.8, 0.8, 0.8),  # 0.9 - 0.1: the reward above that of the greedy caption
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("n", HAND_COMPUTED)
def test_the_gradient_of_three_tokens_is_the_hand_computed_one(n: int | None) -> None:
    places = cuts(3, n)
    advantage = torch.tensor([advantages([VALUES[at] for at in places], places)])
    assert advantage[0].tolist() == pytest.approx(HAND_COMPUTED[n])
    # All of three words are equally likely, so d log pi(word) / d logit is 2/3 for the word and -1/3 for the others.
    logits = torch.zeros(1, 3, 3, requires_grad=True)
    policy_loss(logits.log_softmax(-1), torch.tensor([[0, 1, 2]]), advantage).backward()
    a, b, c = HAND_COMPUTED[n]
    by_hand = [
        [-a * 2 / 3, a / 3, a / 3],
        [b / 3, -b * 2 / 3, b / 3],
        [c / 3, c / 3, -c * 2 / 3],
    ]
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad[0], torch.tensor(by_hand))


def test_places_are_before_the_first_token_and_behind_every_nth_and_the_last() -> None:
    assert cuts(5, 1) == [0, 1, 2, 3, 4, 5]
    assert cuts(5, 2) == [0, 2, 4, 5]
    assert cuts(4, 2) == [0, 2, 4]
    assert cuts(5, 9) == cuts(5, None) == [0, 5]


VOCABULARY = Vocabulary([",", "a", "dog", "man", "runs", "sits", "red"], num_rates=2)
GRAMMAR = CaptionGrammar(VOCABULARY)
NUM_PICTURES, PER_PICTURE, MAX_WORDS = 3, 2, 6


@pytest.fixture(scope="module")
def writer() -> Writer:
    torch.manual_seed(3)
    size = WriterSize(width=16, heads=2, layers=2, hidden=16, max_tokens=12)
    writer = Writer(size, len(VOCABULARY)).eval()
    with torch.no_grad():
        writer.embed.weight.mul_(8)  # opinions, so that one word is far likelier than another
        for layer in writer.layers:
            layer.look.out.weight.mul_(20)
    return writer


@pytest.fixture(scope="module")
def memory() -> torch.Tensor:
    return torch.randn(NUM_PICTURES, 5, 16, generator=torch.Generator().manual_seed(1))


RATES = VOCABULARY.first_rate + torch.tensor([0, 1, 0, 1, 0, 1])


def reward_of(m: int, tokens: list[int]) -> float:
    """Made up: dogs are wanted, and words cost."""
    words = VOCABULARY.words_of(words_in(tokens))
    return words.count("dog") - 0.1 * (m + 1) * len(words) + 0.01 * sum(map(len, words))


def test_word_by_word_and_in_one_pass_give_the_same_chances(writer: Writer, memory: torch.Tensor) -> None:
    tokens = write(writer, memory, RATES, GRAMMAR, max_words=MAX_WORDS, rng=torch.Generator().manual_seed(0))
    together = caption_log_probs(writer, memory, RATES, tokens, GRAMMAR)
    written = writer.begin(memory)
    writer.step(torch.full((6,), 3), written)
    given = RATES
    for at in range(tokens.shape[1]):
        alone = GRAMMAR.log_probs(writer.step(given, written), first=at == 0)
        torch.testing.assert_close(alone, together[:, at], atol=1e-4, rtol=1e-4)
        given = tokens[:, at]


def test_a_value_is_the_reward_of_the_caption_gone_on_with(writer: Writer, memory: torch.Tensor) -> None:
    rng = torch.Generator().manual_seed(5)
    tokens = write(writer, memory, RATES, GRAMMAR, max_words=MAX_WORDS, rng=rng)
    lengths = (tokens != PAD).sum(1).tolist()
    places = [cuts(length, 2) for length in lengths]
    values = values_by_rollouts(
        writer, memory, RATES, tokens, places, reward_of, GRAMMAR, max_words=MAX_WORDS, num_samples=0, rng=rng
    )
    for m, at in enumerate(places):
        assert values[m][-1] == reward_of(m, tokens[m].tolist())
        picture = memory[m // PER_PICTURE :][:1]
        for place, value in zip(at[:-1], values[m][:-1], strict=True):
            begun = torch.cat([tokens[m : m + 1, :place], torch.full((1, MAX_WORDS + 1 - place), PAD)], 1)
            alone = write(writer, picture, RATES[m : m + 1], GRAMMAR, max_words=MAX_WORDS, begun_MT=begun)
            assert value == reward_of(m, alone[0].tolist())


def test_drawn_rollouts_of_an_end_that_is_certain_are_the_caption_itself(writer: Writer, memory: torch.Tensor) -> None:
    rng = torch.Generator().manual_seed(5)
    tokens = write(writer, memory, RATES, GRAMMAR, max_words=1, rng=rng)  # one word, then `end` is all there may be
    values = values_by_rollouts(
        writer, memory, RATES, tokens, [[0, 1, 2]] * 6, reward_of, GRAMMAR, max_words=1, num_samples=3, rng=rng
    )
    for _, behind_word, own in values:
        assert behind_word == pytest.approx(own)


@pytest.mark.parametrize(("n", "num_samples"), [(1, 0), (2, 0), (None, 0), (2, 3)])
def test_learning_raises_the_reward(writer: Writer, memory: torch.Tensor, n: int | None, num_samples: int) -> None:
    state = {name: value.clone() for name, value in writer.state_dict().items()}
    rng = torch.Generator().manual_seed(7)
    optimiser = torch.optim.Adam(writer.parameters(), lr=0.01)
    drawn = []
    for _ in range(40):
        loss, parts = self_critical_loss(
            writer, memory, RATES, reward_of, GRAMMAR, n=n, num_samples=num_samples, max_words=MAX_WORDS, rng=rng
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        drawn.append(parts["drawn"])
    writer.load_state_dict(state)
    assert sum(drawn[-5:]) > sum(drawn[:5]) + 1


def test_captions_hold_words_alone_and_at_least_one(writer: Writer, memory: torch.Tensor) -> None:
    drawn = write(writer, memory, RATES, GRAMMAR, max_words=MAX_WORDS, rng=torch.Generator().manual_seed(2))
    for ids in word_ids(drawn):
        assert 1 <= len(ids) <= MAX_WORDS
        assert all(token >= VOCABULARY.first_word and token != VOCABULARY.comma for token in ids)
    assert all(END in row for row in drawn.tolist())


def test_a_beam_of_one_takes_the_likeliest_words_and_a_wider_one_finds_no_worse(
    writer: Writer, memory: torch.Tensor
) -> None:
    rates = RATES[:NUM_PICTURES]
    greedy = word_ids(write(writer, memory, rates, GRAMMAR, max_words=MAX_WORDS))
    narrow = beam_search(writer, memory, rates, GRAMMAR, beam=1, max_words=MAX_WORDS)
    assert [list(found.ids) for found in narrow] == greedy
    every = beam_search(writer, memory, rates, GRAMMAR, beam=6**3, max_words=3)
    few = beam_search(writer, memory, rates, GRAMMAR, beam=1, max_words=3)
    assert all(wide.score >= thin.score - 1e-6 for wide, thin in zip(every, few, strict=True))


def test_all_that_a_beam_finishes_holds_what_it_would_have_picked_and_may_hold_cheaper_ones(
    writer: Writer, memory: torch.Tensor
) -> None:
    rates = RATES[:NUM_PICTURES]
    picked = beam_search(writer, memory, rates, GRAMMAR, beam=3, max_words=MAX_WORDS)
    found = finished(writer, memory, rates, GRAMMAR, beam=3, max_words=MAX_WORDS, all_of_them=True)
    for best, some in zip(picked, found, strict=True):
        assert max(one.score for one in some) == best.score and best in some
        assert len({one.ids for one in some}) == len(some) >= 3
        assert all(len(one.ids) <= MAX_WORDS for one in some)
