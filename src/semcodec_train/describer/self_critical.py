"""Captions that are worth their bits: multi-step self-critical learning (Gao et al., CVPR 2019, arXiv 1904.06861).

    python -m semcodec_train.describer.self_critical RECIPE ... --describer RECIPE --data DIR --held-out MANIFEST ... \\
        --trained DIR --seeds 1 2 3 --out DIR [--decoded FOLDER]

A caption y is drawn and rewarded at its end alone: r(y) = CIDEr-D(y) - lambda * bits(y), where bits is what the
caption coder needs for it (`caption_bits.py`) and lambda belongs to the rate token the sequence began with. So the
value of a beginning is what it may be expected to lead to. It is estimated by going on from it: once with the
likeliest words, or several times with drawn ones, and taking the (mean) reward. With G(t) for the value of the first
t tokens, and G(T) = r(y),

    A_n(t) = Q(s_{t+n-1}, a_{t+n-1}) - Q(s_{t-1}, a_{t-1}) = G(t + n) - G(t)

is the advantage of the n tokens that follow the first t, shared by them. n = 1 judges each word; n = T leaves r(y) -
G(0), the reward above that of the greedy caption, which is self-critical sequence training (Rennie et al., 2017). The
loss is minus the sum of A_n log pi over the tokens, per sequence.

Shapes: N = pictures; M = sequences, equally many to each picture; T = tokens; V = vocabulary.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from semcodec_train.common.loop import Best, Log, Loop, say
from semcodec_train.common.run import RUN, Sources, device, save, write_run
from semcodec_train.describer.caption_bits import CaptionBits
from semcodec_train.describer.data import CAPTION, END, PAD, Vocabulary
from semcodec_train.describer.decoded import see_decoded
from semcodec_train.describer.model import Writer
from semcodec_train.describer.recipes import DESCRIBERS, SELF_CRITICAL, DescriberRecipe, SelfCriticalRecipe
from semcodec_train.describer.scores import Judge, memories
from semcodec_train.describer.train import Trained, train_describer
from semcodec_train.describer.writing import CaptionGrammar, write


def cuts(num_tokens: int, n: int | None) -> list[int]:
    """Where a sequence's values are taken: before its first token, behind every n-th, behind its last. None: n = T."""
    return [*range(0, num_tokens, n or num_tokens), num_tokens]


def advantages(values: Sequence[float], places: Sequence[int]) -> list[float]:
    """Of each token, from the values G at the `cuts`."""
    result: list[float] = []
    for first, last, before, after in zip(places, places[1:], values, values[1:], strict=False):
        result += [after - before] * (last - first)
    return result


def policy_loss(log_probs_MTV: Tensor, tokens_MT: Tensor, advantages_MT: Tensor) -> Tensor:
    """Minus the sum of advantage times log-probability, per sequence. Advantages of padding are 0."""
    chosen = log_probs_MTV.gather(2, tokens_MT[:, :, None])[:, :, 0]
    return -(advantages_MT * chosen).sum() / len(tokens_MT)


def lengths_of(tokens_MT: Tensor) -> list[int]:
    """Tokens of each row, `end` included."""
    return (tokens_MT != PAD).sum(1).tolist()


def values_by_rollouts(
    writer: Writer,
    memory_NPC: Tensor,
    rates_M: Tensor,
    tokens_MT: Tensor,
    places: Sequence[Sequence[int]],
    reward_of: Callable[[int, Sequence[int]], float],
    grammar: CaptionGrammar,
    *,
    max_words: int,
    num_samples: int,
    rng: torch.Generator,
) -> list[list[float]]:
    """G at each sequence's `places` (see `cuts`; at the last it is the sequence's own reward).

    `num_samples`: 0 goes on with the likeliest words, once; K goes on K times with drawn words.
    """
    num_pictures, num = len(memory_NPC), len(tokens_MT)
    repeats = max(1, num_samples)
    most = max(map(len, places)) - 1
    # As many rows for each sequence as the longest has places; what is too many begins with the whole sequence.
    begun = tokens_MT[:, None].repeat(1, most * repeats, 1)
    for m, at in enumerate(places):
        for k in range(most):
            begun[m, k * repeats : (k + 1) * repeats, at[min(k, len(at) - 1)] :] = PAD
    begun = begun.view(num * most * repeats, -1)
    gone_on = write(
        writer,
        memory_NPC,
        rates_M.repeat_interleave(most * repeats),
        grammar,
        max_words=max_words,
        rng=rng if num_samples else None,
        begun_MT=begun,
    )
    assert num % num_pictures == 0
    rows = gone_on.view(num, most, repeats, -1).tolist()
    values = []
    for m, at in enumerate(places):
        own = [sum(reward_of(m, row) for row in rows[m][k]) / repeats for k in range(len(at) - 1)]
        values.append([*own, reward_of(m, tokens_MT[m].tolist())])
    return values


def self_critical_loss(
    writer: Writer,
    memory_NPC: Tensor,
    rates_M: Tensor,
    reward_of: Callable[[int, Sequence[int]], float],
    grammar: CaptionGrammar,
    *,
    n: int | None,
    num_samples: int,
    max_words: int,
    rng: torch.Generator,
) -> tuple[Tensor, dict[str, float]]:
    """One drawn caption for each of `rates_M`, and the loss of its words. `reward_of` gets the sequence's number and
    its tokens, `end` and padding included.
    """
    tokens = write(writer, memory_NPC, rates_M, grammar, max_words=max_words, rng=rng)
    lengths = lengths_of(tokens)
    places = [cuts(length, n) for length in lengths]
    values = values_by_rollouts(
        writer,
        memory_NPC,
        rates_M,
        tokens,
        places,
        reward_of,
        grammar,
        max_words=max_words,
        num_samples=num_samples,
        rng=rng,
    )
    advantage = torch.zeros(tokens.shape, device=tokens.device)
    for m, (value, at) in enumerate(zip(values, places, strict=True)):
        advantage[m, : lengths[m]] = torch.tensor(advantages(value, at))
    log_probs = caption_log_probs(writer, memory_NPC, rates_M, tokens, grammar)
    loss = policy_loss(log_probs, tokens.clamp(min=0), advantage)
    drawn = sum(value[-1] for value in values) / len(values)
    greedy = sum(value[0] for value in values) / len(values)
    return loss, {"drawn": drawn, "begun": greedy, "advantage": float(advantage.abs().sum() / sum(lengths))}


def caption_log_probs(
    writer: Writer, memory_NPC: Tensor, rates_M: Tensor, tokens_MT: Tensor, grammar: CaptionGrammar
) -> Tensor:
    """(M, T, V): how likely each next token was, among those that the grammar allows; of these sequences, in one
    pass.
    """
    begin = torch.stack([torch.full_like(rates_M, CAPTION), rates_M], 1)
    logits = writer(torch.cat([begin, tokens_MT[:, :-1]], 1), memory_NPC)[:, 1:]
    first = grammar.log_probs(logits[:, :1], first=True)
    return torch.cat([first, grammar.log_probs(logits[:, 1:], first=False)], 1)


def words_in(tokens: Sequence[int]) -> tuple[int, ...]:
    """Without `end` and what stands behind."""
    tokens = list(tokens)
    return tuple(tokens[: tokens.index(END)] if END in tokens else [t for t in tokens if t != PAD])


@dataclass(slots=True)
class Rewards:
    """CIDEr-D - lambda * bits of captions of some pictures; each is worked out once."""

    judge: Judge
    prices: CaptionBits
    vocabulary: Vocabulary
    lambdas: tuple[float, ...]
    known: dict[tuple[int, tuple[int, ...]], tuple[float, float]] = field(default_factory=dict)

    def parts(self, row: int, words: tuple[int, ...]) -> tuple[float, float]:
        """CIDEr-D, and bits."""
        result = self.known.get((row, words))
        if result is None:
            result = self.judge.score(row, words), self.prices.bits(self.vocabulary.text_of(words))
            self.known[row, words] = result
        return result

    def __call__(self, row: int, rate: int, words: tuple[int, ...]) -> float:
        score, bits = self.parts(row, words)
        return score - self.lambdas[rate] * bits


def train_self_critical(
    trained: Trained,
    describer: DescriberRecipe,
    recipe: SelfCriticalRecipe,
    out: Path,
    *,
    seed: int,
    decoded: Trained | None = None,
    log: Log = say,
) -> tuple[Writer, Loop]:
    """Goes on from cross-entropy weights; only the writer learns. The weights kept are those whose greedy captions have
    the highest mean reward, over all rates, on the pictures for choosing.

    `decoded`: the same before decoded pictures (`describer.decoded`): every other step is about these, and both count
    where weights are chosen.
    """
    vocabulary, both = trained.language.vocabulary, [trained, *([decoded] if decoded else [])]
    prices = CaptionBits()
    rewards = Rewards(Judge.of_photos(trained.language, trained.photos("train")), prices, vocabulary, describer.lambdas)
    choosing = Rewards(
        Judge.of_photos(trained.language, trained.photos("choose")), prices, vocabulary, describer.lambdas
    )
    sides = [(side, view) for view in (0, 1) for side in both]
    views = [memories(side.model, side.seen, side.logits, side.rows["train"], view) for side, view in sides]
    chosen_ones = [
        (memories(side.model, side.seen, side.logits, side.rows["choose"]), side.grammar(side.rows["choose"]))
        for side in both
    ]

    def judged() -> float:
        rewarded = [mean_reward(writer, memory, choosing, describer, grammar) for memory, grammar in chosen_ones]
        return sum(rewarded) / len(rewarded)

    writer = deepcopy(trained.model.writer).eval()
    optimiser = torch.optim.AdamW(writer.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    best = Best(writer)
    loop = Loop(
        out,
        {"writer": writer, "optimiser": optimiser, "best": best},
        device=device(),
        log_every=recipe.judge_every,
        of_processor=True,
        log=log,
    )
    if not loop.step:
        best.take(judged(), writer)
        loop.say({"step": 0, "choose": round(best.score, 4)})
    rng = torch.Generator().manual_seed(seed + loop.step)
    num_rates = len(describer.lambdas)
    for progress in loop.through(recipe.minutes, recipe.num_steps):
        step = loop.step + 1
        rows = torch.randperm(len(views[0]), generator=rng)[: recipe.batch]
        (side, view), memory = sides[step % len(sides)], views[step % len(sides)][rows.to(views[0].device)]
        grammar = side.grammar([side.rows["train"][row] for row in rows.tolist()], view)
        rates = torch.randint(num_rates, (recipe.batch * recipe.samples,), generator=rng)

        def reward_of(m: int, tokens: Sequence[int], rows=rows, rates=rates) -> float:
            return rewards(int(rows[m // recipe.samples]), int(rates[m]), words_in(tokens))

        loss, parts = self_critical_loss(
            writer,
            memory,
            (vocabulary.first_rate + rates).to(memory.device),
            reward_of,
            grammar,
            n=recipe.n,
            num_samples=recipe.rollouts,
            max_words=describer.max_words,
            rng=rng,
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(writer.parameters(), 1.0)
        # In steps as the recipe has them, wherever time has got to.
        at = max(step, progress * recipe.num_steps)
        share = min(1.0, step / 10) * min(1.0, 2 - 2 * at / (recipe.num_steps + 1))
        optimiser.param_groups[0]["lr"] = recipe.lr * share
        optimiser.step()
        if step % recipe.judge_every == 0:
            parts["choose"] = judged()
            best.take(parts["choose"], writer)
        loop.add(parts, crops=len(rows))
    writer.load_state_dict(best.weights)
    return writer, loop


def mean_reward(
    writer: Writer, memory_NPC: Tensor, rewards: Rewards, describer: DescriberRecipe, grammar: CaptionGrammar
) -> float:
    """Of greedy captions, over pictures and rates."""
    num_rates = len(describer.lambdas)
    rates = torch.arange(num_rates, device=memory_NPC.device).repeat(len(memory_NPC))
    tokens = write(writer, memory_NPC, rewards.vocabulary.first_rate + rates, grammar, max_words=describer.max_words)
    values = [rewards(m // num_rates, m % num_rates, words_in(row)) for m, row in enumerate(tokens.tolist())]
    return sum(values) / len(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="+", choices=sorted(SELF_CRITICAL))
    parser.add_argument("--describer", choices=sorted(DESCRIBERS), required=True)
    parser.add_argument("--data", type=Path, required=True, help="holds photos and captions")
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--trained", type=Path, required=True, help="what describer.train left")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--minutes", type=float, help="of each training")
    parser.add_argument("--out", type=Path, required=True, help="folder for RECIPE-seed-N.pt and their run.json")
    parser.add_argument(
        "--decoded", type=Path, help="folder of describer.decoded: what is said of decoded pictures is rewarded, too"
    )
    args = parser.parse_args()
    describer = DESCRIBERS[args.describer]()
    trained = train_describer(describer, args.data, args.held_out, args.trained)
    decoded = None
    if args.decoded is not None:
        decoded = see_decoded(trained, args.decoded, describer, args.out)
    index = args.data / "photos" / "index.jsonl"
    sources = Sources.of(parents={"describer": args.trained / "describer.pt"}, data={"index": index})
    for seed in args.seeds:
        for name in args.recipes:
            out = args.out / f"{name}-seed-{seed}"
            print(out.name, flush=True)
            recipe = replace(SELF_CRITICAL[name](), minutes=args.minutes)
            writer, loop = train_self_critical(trained, describer, recipe, out, seed=seed, decoded=decoded)
            save(out.with_suffix(".pt"), writer.state_dict())
            write_run(out.with_suffix(f".{RUN}"), recipe, loop, sources, seed=seed)


if __name__ == "__main__":
    main()
