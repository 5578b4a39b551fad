"""What a describer says follows its grammar, whatever its network does."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcodec.nets.describer import DescriberNets, Vocabulary
from semcodec.nets.sayings import Grammar, Saying, chances_of_words, likeliest, likeliest_at, log_shares, surest
from semcodec.nets.writing import Writing


class MadNets(DescriberNets):
    """The debug network gone mad: any number for any token, drawn by `seed`; now and then none at all."""

    def __init__(self, package: dict[str, Path], seed: int) -> None:
        super().__init__(package)
        self._rng = np.random.default_rng(seed)

    def writing(self, features_1PF: np.ndarray) -> Writing:
        return self

    def next_log_odds(self, tokens_NT: np.ndarray, features_1PF: np.ndarray | None = None) -> np.ndarray:
        logits_NV = self._rng.normal(0, 4, (len(tokens_NT), len(self.vocabulary.words)))
        logits_NV[self._rng.random(logits_NV.shape) < 0.05] = self._rng.choice([np.nan, np.inf, -np.inf])
        return logits_NV


@pytest.fixture(scope="module")
def nets(debug_package: dict[str, Path]) -> DescriberNets:
    return DescriberNets(debug_package)


@pytest.fixture(scope="module")
def red_1PF(nets: DescriberNets, red_HWC: np.ndarray) -> np.ndarray:
    return nets.see(red_HWC[:32, :32])


def spelled(saying: Saying, vocabulary: Vocabulary) -> str:
    """A letter a token: w(ord), b(ox), x for whatever should not be said."""
    others = {vocabulary.end, *vocabulary.task.values(), *vocabulary.rates, *vocabulary.never}
    return "".join(
        "b" if vocabulary.box <= token < vocabulary.box + 64 else "x" if token in others else "w"
        for token in saying.tokens
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("task", "whole", "beginning"),
    [("caption", "w+", "w+"), ("keywords", "w+", "w+"), ("regions", "(b{4}w+)*", "(b{4}w+)*(b{1,4}w*)?")],
)
def test_a_network_gone_mad_still_follows_the_grammar_and_ends(
    debug_package: dict[str, Path], task: str, whole: str, beginning: str, seed: int
) -> None:
    nets = MadNets(debug_package, seed)
    nets.vocabulary = replace(nets.vocabulary, beam={task: 1 + seed % 4})
    saying = likeliest(nets, np.zeros((1, 4, 3), np.float32), task=task, rate=0)
    assert re.fullmatch(whole if saying.ended else beginning, spelled(saying, nets.vocabulary))
    assert len(saying.tokens) <= nets.vocabulary.max_tokens - 2
    assert len(saying.log_probabilities) == len(saying.tokens) + saying.ended
    assert all(np.isfinite(log) and log <= 0 for log in saying.log_probabilities)


def test_no_word_comes_twice_running_and_a_thing_is_named_once(nets: DescriberNets) -> None:
    cap, wall, red = (nets.vocabulary.words.index(word) for word in (" cap", " wall", " red"))
    grammar = Grammar(replace(nets.vocabulary, evidence={cap: 0, wall: 1}), "caption")
    allowed = grammar.allowed_behind([cap, red])
    assert not allowed[cap] and not allowed[red]
    assert allowed[wall] and grammar.allowed_behind([red, wall])[red]


def test_the_greedy_sequence_is_what_the_network_was_made_to_say(nets: DescriberNets, red_1PF: np.ndarray) -> None:
    saying = likeliest(nets, red_1PF, task="caption", rate=0)
    assert "".join(nets.vocabulary.words[token] for token in saying.tokens) == " a red cap on the wall"
    assert saying.ended and -0.01 < saying.score < 0


def test_the_cheaper_rate_says_it_in_fewer_words(nets: DescriberNets, red_1PF: np.ndarray) -> None:
    saying = likeliest(nets, red_1PF, task="caption", rate=1)
    assert [nets.vocabulary.words[token] for token in saying.tokens] == [" cap"]


def test_several_rates_together_say_what_each_says_alone(
    nets: DescriberNets, debug_package: dict[str, Path], red_1PF: np.ndarray, grey_HWC: np.ndarray
) -> None:
    wide = DescriberNets(debug_package)
    wide.vocabulary = replace(nets.vocabulary, beam={"caption": 3})
    for some, features_1PF in itertools.product((nets, wide), (red_1PF, nets.see(grey_HWC[:32, :32]))):
        together = likeliest_at(some, features_1PF, task="caption", rates=(1, 0))
        alone = [likeliest(some, features_1PF, task="caption", rate=rate) for rate in (1, 0)]
        assert [saying.tokens for saying in together] == [saying.tokens for saying in alone]
        assert [saying.score for saying in together] == pytest.approx([saying.score for saying in alone], abs=1e-4)


def test_what_is_surest_comes_first_and_what_never_ended_last(
    nets: DescriberNets, debug_package: dict[str, Path], red_1PF: np.ndarray
) -> None:
    found = surest(nets, red_1PF, task="caption")
    assert {len(saying.tokens) for saying, _ in found} == {1, 6}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    short = DescriberNets(debug_package)
    short.vocabulary = replace(nets.vocabulary, max_tokens=6)
    assert [saying.ended for saying, _ in surest(short, red_1PF, task="caption")] == [True, False]


def test_a_beam_never_finds_less_than_the_greedy_way_and_here_finds_the_best(
    nets: DescriberNets, debug_package: dict[str, Path], grey_HWC: np.ndarray
) -> None:
    wide = DescriberNets(debug_package)
    wide.vocabulary = replace(wide.vocabulary, max_tokens=5, beam={"caption": 400})
    greedy = DescriberNets(debug_package)
    greedy.vocabulary = replace(wide.vocabulary, beam={})
    features_1PF = nets.see(grey_HWC[:32, :32] - 20)
    scores = [likeliest(some, features_1PF, task="caption", rate=0) for some in (greedy, wide)]
    best = max(every_ended_caption(wide, features_1PF, num_words=2), key=lambda saying: saying.score)
    assert scores[1].ended and scores[1].score == pytest.approx(best.score)
    assert scores[1].tokens == best.tokens


def every_ended_caption(nets: DescriberNets, features_1PF: np.ndarray, *, num_words: int) -> list[Saying]:
    """All captions of up to so many words, one by one."""
    grammar = Grammar(nets.vocabulary, "caption")
    words = np.flatnonzero(grammar.allowed_behind([]))
    prompt = (nets.vocabulary.task["caption"], nets.vocabulary.rates[0])
    found = []
    for count in range(1, num_words + 1):
        for tokens in itertools.product(words.tolist(), repeat=count):
            logs = []
            for at in range(count + 1):
                odds_NV = nets.next_log_odds(np.array([[*prompt, *tokens[:at]]]), features_1PF)
                log_NV = log_shares(odds_NV, grammar.allowed_behind(tokens[:at])[None])
                logs.append(float(log_NV[0, tokens[at] if at < count else nets.vocabulary.end]))
            found.append(Saying(tokens, tuple(logs), ended=True))
    return found


def test_a_word_has_a_chance_if_any_likely_saying_uses_it(nets: DescriberNets, red_1PF: np.ndarray) -> None:
    chances_V = chances_of_words(nets, red_1PF)
    assert chances_V.shape == (len(nets.vocabulary.words),)
    assert np.all((chances_V >= 0) & (chances_V <= 1))
    said = likeliest(nets, red_1PF, task="caption", rate=nets.vocabulary.default_rate).tokens
    assert all(chances_V[token] > 0.5 for token in said)
    other = chances_V[nets.vocabulary.words.index(" leaf")]  # of a green picture
    assert 0 < other < 0.5
    assert chances_V[list(nets.vocabulary.task.values())].max() == 0


def test_shares_are_of_what_is_allowed_alone() -> None:
    log_NV = log_shares(np.array([[0.0, 5.0, 0.0, np.nan]]), np.array([[True, False, True, True]]))
    assert np.exp(log_NV[0, [0, 2]]) == pytest.approx([0.5, 0.5])
    assert log_NV[0, 1] == -np.inf
    assert log_NV[0, 3] < -1000
