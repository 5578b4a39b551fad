"""What the generator adds to what was sent: the same files, painted with it and by the decoder alone, in one run.

    python benchmarks/invention.py --kodak DIR --photos DIR --mobilenet FILE [--generator FOLDER]
    python benchmarks/invention.py ... --parts text words       # these anew, the others as they were
    python benchmarks/invention.py --parts                      # only the tables of the page

Four parts: `kodak` and `photos` measure files of several sizes (no words in them), painted with the generator and
without; `text` sends 100 pictures of photos/val as words, or words and outlines, and looks for the originals by the
paintings; `words` paints files with people's words about them, with none, and with another picture's. A picture's
files, and so the bytes, are the same on both sides of every comparison. Intervals are 95 %, bootstrap over pictures, in
pairs.

PHOTOS holds `val` and `index.jsonl`, with what people said of some pictures. Each part that is ready is written to
`benchmarks/results/invention.json`, so a run that was stopped can go on with the parts that are not there. The page
docs/fine-granularity.md gets its tables from there, and what words are worth in bits from
`benchmarks/results/anchored_bits.json` (made by `semcodec_train.generator.bits`). `--quick` takes a few of the
pictures, and never touches the page.

Shapes: H, W = pixels; Q = paintings; G = originals; D = features.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.bootstrap import mean_interval, ratio_interval
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.measures.judges import top1
from semcodec.evaluation.measures.kid import cut_patches, kid, kid_difference
from semcodec.evaluation.measures.pixels import psnr_db
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.sets import Picture, load_set
from semcodec.models import DEFAULT_FAMILY, default_models
from semcodec.nets.anchored import AnchoredNets
from semcodec.types import Scene, Words
from semcodec.zoo.catalog import Package

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels

HERE = Path(__file__).resolve().parent
RESULTS_PATH = HERE / "results" / "invention.json"
BITS_PATH = HERE / "results" / "anchored_bits.json"
PAGE = HERE.parent / "docs" / "fine-granularity.md"

OUTLINE_BYTES = 150
PARTS = ("kodak", "photos", "text", "words")
KODAK_BUDGETS, PHOTO_BUDGETS, WORD_BUDGETS = (340, 1000, 2000), (340, 1000), (100, 340)
WITHOUT, WITH = "without", "with"  # the decoder's own fill; the generator as it is. It, inventing finer: finer_way(16)
DISTANCES = ("mobilenet_distance", "judge2_distance")
CUTOFFS = (1, 5, 10)
AIMED_RATIO, AIMED_RECALL = 0.9, 0.2
WHO = {"words_of_people": "people", "words_of_describer": "the describer"}  # as `anchored_bits` calls them
NUM_TEXT_PICTURES = 100
SIGNATURE_PX = {"judge2": 64, "mobilenet": 224}  # squares of the side that each network learned from


# ---- what is painted, and what looks at it


@dataclass(frozen=True, slots=True)
class Bench:
    painters: Mapping[str, Painter]
    networks: Mapping[str, LayerNetwork]  # "mobilenet", "judge2"


def finer_way(stride: int) -> str:
    return f"with, down to {stride}"


def open_painters(package: Package) -> dict[str, Painter]:
    """The decoder; the generator as it is; and made to invent down to each stride that it leaves to the decoder."""
    nets, name, models = AnchoredNets(package.files), package.name, default_models()
    family = nets.about.family
    if family != DEFAULT_FAMILY:
        raise SystemExit(f"{name} is for token family {family}; files are written in family {DEFAULT_FAMILY:d}")
    painters: dict[str, Painter] = {WITHOUT: models.token_painter(family), WITH: models.anchored(nets, name)}
    for stride in nets.about.strides:
        if stride < nets.about.invents_down_to:
            finer = AnchoredNets(package.files)
            finer.about = replace(nets.about, invents_down_to=stride)
            painters[finer_way(stride)] = models.anchored(finer, name)
    return painters


class Against:
    """One original, and what is measured of a painting of it."""

    def __init__(self, networks: Mapping[str, LayerNetwork], original_HWC: Pixels) -> None:
        self._networks, self._original = networks, original_HWC
        self._features = {name: self._seen(name, original_HWC) for name in networks}
        self._class = top1(networks["mobilenet"], original_HWC)

    def distances(self, painted_HWC: Pixels) -> dict[str, float]:
        return {
            f"{name}_distance": unit_distance(features, self._seen(name, painted_HWC))
            for name, features in self._features.items()
        }

    def measure(self, painted_HWC: Pixels) -> dict[str, float]:
        same_class = top1(self._networks["mobilenet"], painted_HWC) == self._class
        return {
            "psnr_db": psnr_db(self._original, painted_HWC),
            **self.distances(painted_HWC),
            "same_class": float(same_class),
        }

    def _seen(self, name: str, image_HWC: Pixels) -> list[Any]:
        return unit_features(self._networks[name].features(to_network_range(image_HWC)))


def patch_features(networks: Mapping[str, LayerNetwork], image_HWC: Pixels) -> dict[str, np.ndarray]:
    """(patches, D) for KID, by network."""
    patches = cut_patches(to_network_range(image_HWC))
    return {name: network.pooled(patches) for name, network in networks.items()}


# ---- files of several sizes, painted with and without


def over_budgets(
    bench: Bench, pictures: Sequence[Picture], budgets: Sequence[int], ways: Sequence[str]
) -> dict[str, Any]:
    """By budget: measures of each way of painting, and what the others gain over `WITHOUT`, which is the first."""
    rows: dict[int, dict[str, list[dict[str, float]]]] = {at: {way: [] for way in ways} for at in budgets}
    patches: dict[int, dict[str, list[dict[str, np.ndarray]]]] = {at: {way: [] for way in ways} for at in budgets}
    real = []
    for number, picture in enumerate(pictures):
        image_HWC = picture.load()
        against = Against(bench.networks, image_HWC)
        real.append(patch_features(bench.networks, image_HWC))
        for budget in budgets:
            data = semcodec.encode(image_HWC, bytes=budget, picture="tokens").data
            known: dict[bytes, tuple[dict[str, float], dict[str, np.ndarray]]] = {}  # (often nothing is drawn at all)
            for way in ways:
                if not number:
                    semcodec.decode(data, painter=bench.painters[way])  # opens its networks
                wall, processor = time.perf_counter(), time.process_time()
                painted_HWC = semcodec.decode(data, painter=bench.painters[way])
                spent = {
                    "decode_s": time.perf_counter() - wall,
                    "decode_processor_s": time.process_time() - processor,
                }
                pixels = painted_HWC.tobytes()
                if pixels not in known:
                    known[pixels] = against.measure(painted_HWC), patch_features(bench.networks, painted_HWC)
                measured, features = known[pixels]
                rows[budget][way].append({"file_bytes": len(data), **measured, **spent})
                patches[budget][way].append(features)
    return {
        "pictures": len(pictures),
        "budgets": {str(at): summary(rows[at], real, patches[at]) for at in budgets},
    }


def summary(
    rows: Mapping[str, Sequence[Mapping[str, float]]],
    real: Sequence[Mapping[str, np.ndarray]],
    patches: Mapping[str, Sequence[Mapping[str, np.ndarray]]],
) -> dict[str, Any]:
    """Of one budget. `rows` and `patches` by way, an entry for each picture; `real` are the originals' patches."""
    told: dict[str, Any] = {}
    for way, measured in rows.items():
        told[way] = {name: round(statistics.mean(row[name] for row in measured), 4) for name in measured[0]}
        for name in ("decode_s", "decode_processor_s"):
            told[way][name] = round(statistics.median(row[name] for row in measured), 3)
        for network in real[0]:
            told[way][f"kid_{network}"] = rounded(kid(of(network, real), of(network, patches[way])))
    for way in rows:
        if way != WITHOUT:
            told[way]["over_without"] = {
                name: ratio(column(rows[way], name), column(rows[WITHOUT], name)) for name in DISTANCES
            }
            told[way]["less_without"] = {
                name: gain(column(rows[way], name), column(rows[WITHOUT], name)) for name in ("psnr_db", "same_class")
            }
            for network in real[0]:
                difference = kid_difference(*(of(network, side) for side in (real, patches[way], patches[WITHOUT])))
                told[way]["less_without"][f"kid_{network}"] = rounded(difference)
    return told


def of(network: str, seen: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
    return [features[network] for features in seen]


def column(rows: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [row[name] for row in rows]


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    low, high = ratio_interval(mine, theirs)
    return {"mean": round(float(np.mean(mine) / np.mean(theirs)), 4), "low": round(low, 4), "high": round(high, 4)}


def gain(mine: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """The mean of the differences, picture by picture."""
    differences = np.subtract(mine, theirs)
    low, high = mean_interval(differences.tolist())
    return {"mean": round(float(differences.mean()), 4), "low": round(low, 4), "high": round(high, 4)}


def rounded(pair: tuple[float, float]) -> list[float]:
    """(value, standard error)."""
    return [round(value, 5) for value in pair]


# ---- words alone: are originals found by what was painted from their words?


def from_words(bench: Bench, pictures: Sequence[Picture], captions: Mapping[str, str]) -> dict[str, Any]:
    """Originals are ranked by each painting. `captions`: what people said, of some of the pictures."""
    originals = {picture.name: picture.load() for picture in pictures}
    files = {
        "describer": {name: semcodec.encode(image, profile="text").data for name, image in originals.items()},
        "people": {
            name: semcodec.encode(originals[name], profile="text", caption=text, language="en").data
            for name, text in captions.items()
        },
        "outlines_150_bytes": {
            name: semcodec.encode(image, profile="structure", structure=OUTLINE_BYTES).data
            for name, image in originals.items()
        },
        "tokens_100_bytes": {
            name: semcodec.encode(image, bytes=100, picture="tokens").data for name, image in originals.items()
        },
    }
    painters = {**dict.fromkeys(files, bench.painters[WITH]), "tokens_100_bytes": bench.painters[WITHOUT]}
    painted = {
        said: {name: semcodec.decode(data, painter=painters[said]) for name, data in by_name.items()}
        for said, by_name in files.items()
    }
    painted["describer_where_people_spoke"] = {name: painted["describer"][name] for name in captions}
    files["describer_where_people_spoke"] = {name: files["describer"][name] for name in captions}
    told: dict[str, Any] = {
        "originals": len(originals),
        "chance": {f"recall@{cutoff}": cutoff / len(originals) for cutoff in CUTOFFS},
    }
    names = list(originals)
    for said, by_name in painted.items():
        told[said] = {
            "paintings": len(by_name),
            "mean_file_bytes": round(statistics.mean(map(len, files[said].values())), 1),
        }
        own = [names.index(name) for name in by_name]
        for network in ("judge2", "mobilenet"):
            seen_GD = signatures(bench.networks[network], originals.values(), SIGNATURE_PX[network])
            seen_QD = signatures(bench.networks[network], by_name.values(), SIGNATURE_PX[network])
            told[said][network] = recalls(ranks(cosines(seen_QD, seen_GD), own))
        likeness_QG = -distances(bench.networks["judge2"], by_name.values(), originals.values())
        told[said]["judge2_distance"] = recalls(ranks(likeness_QG, own))
    return told


def squeezed(image_HWC: Pixels, side_px: int) -> np.ndarray:
    """As networks take it, a square: no shape gives a picture away."""
    small = Image.fromarray(image_HWC).resize((side_px, side_px), Image.Resampling.LANCZOS)
    return to_network_range(np.asarray(small))


def signatures(network: LayerNetwork, images: Iterable[Pixels], side_px: int) -> np.ndarray:
    """(pictures, D): the deepest features, averaged over the picture: words do not say what is where."""
    return np.stack([network.pooled(squeezed(image, side_px))[0] for image in images]).astype(np.float64)


def cosines(seen_QD: np.ndarray, seen_GD: np.ndarray) -> np.ndarray:
    """(Q, G): how like each other they are, after the originals' mean is taken away."""
    centre_D = seen_GD.mean(axis=0)
    unit_QD, unit_GD = (_unit(seen - centre_D) for seen in (seen_QD, seen_GD))
    return np.asarray(unit_QD @ unit_GD.T)


def distances(network: LayerNetwork, painted: Iterable[Pixels], originals: Iterable[Pixels]) -> np.ndarray:
    """(Q, G): of the features of all depths, place by place."""
    side_px = SIGNATURE_PX["judge2"]
    seen_Q, seen_G = (
        [unit_features(network.features(squeezed(image, side_px))) for image in side] for side in (painted, originals)
    )
    return np.array([[unit_distance(one, other) for other in seen_G] for one in seen_Q])


def ranks(likeness_QG: np.ndarray, own: Sequence[int]) -> list[float]:
    """How many originals are more like the painting than its own, whose row is `own[q]`; those as like count half."""
    own_Q1 = likeness_QG[np.arange(len(own)), list(own)][:, None]
    more, same = (likeness_QG > own_Q1).sum(axis=1), (likeness_QG == own_Q1).sum(axis=1) - 1
    return [float(rank) for rank in more + same / 2]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def recalls(found: Sequence[float]) -> dict[str, Any]:
    """Share of the paintings whose original is among the first k, by k."""
    told = {}
    for cutoff in CUTOFFS:
        hits = [float(rank < cutoff) for rank in found]
        low, high = mean_interval(hits)
        told[f"recall@{cutoff}"] = {
            "mean": round(statistics.mean(hits), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return told


# ---- do words help to complete what was sent?


def beside_words(
    bench: Bench, pictures: Sequence[Picture], captions: Mapping[str, str], budgets: Sequence[int]
) -> dict[str, Any]:
    """Distances of the same tokens, completed with the right words, none, and another picture's; and differences."""
    names = [picture.name for picture in pictures]
    half = len(names) // 2
    others = dict(zip(names, names[half:] + names[:half], strict=True))
    rows: dict[int, dict[str, list[dict[str, float]]]] = {at: {} for at in budgets}
    for picture in pictures:
        image_HWC = picture.load()
        against = Against(bench.networks, image_HWC)
        for budget in budgets:
            scene = semcodec.read(semcodec.encode(image_HWC, bytes=budget, picture="tokens").data).scene
            choices = {"right": captions[picture.name], "none": None, "wrong": captions[others[picture.name]]}
            for said, text in choices.items():
                painted_HWC = bench.painters[WITH].render(with_words(scene, text))
                rows[budget].setdefault(said, []).append(against.distances(painted_HWC))
    told: dict[str, Any] = {"pictures": len(pictures), "budgets": {}}
    for budget, by_words in rows.items():
        found: dict[str, Any] = {
            said: {name: round(statistics.mean(column(measured, name)), 4) for name in DISTANCES}
            for said, measured in by_words.items()
        }
        for said in ("none", "wrong"):
            found[f"{said}_less_right"] = {
                name: gain(column(by_words[said], name), column(by_words["right"], name)) for name in DISTANCES
            }
        told["budgets"][str(budget)] = found
    return told


def with_words(scene: Scene, text: str | None) -> Scene:
    return replace(scene, words=None if text is None else Words(text, "en"))


# ---- pictures


def spoken_of(photos: Path) -> dict[str, str]:
    """Name of a picture -> what the first of the people who were asked said of it."""
    lines = (json.loads(line) for line in (photos / "index.jsonl").read_text("utf-8").splitlines())
    return {Path(about["file"]).stem: about["captions"][0].strip() for about in lines if about.get("captions")}


def spread(pictures: Sequence[Picture], count: int) -> list[Picture]:
    """So many of them, evenly spaced; all, if there are no more."""
    count = min(count, len(pictures))
    return [pictures[at * len(pictures) // count] for at in range(count)]


def for_text(pictures: Sequence[Picture], captions: Mapping[str, str], count: int) -> list[Picture]:
    """All that people spoke of, as far as there is room, and of the others evenly spaced ones."""
    spoken = spread([picture for picture in pictures if picture.name in captions], count)
    silent = spread([picture for picture in pictures if picture.name not in captions], count - len(spoken))
    return sorted([*spoken, *silent], key=lambda picture: picture.name)


# ---- the page


def tables(results: Mapping[str, Any], bits: Mapping[str, Any] | None) -> dict[str, str]:
    """Markdown, by the name that the page calls it."""
    told = {"aims": aims_table(results, bits)}
    told |= {name: budget_table(results[name]) for name in ("kodak", "photos") if name in results}
    if "text" in results:
        told["text"] = text_table(results["text"])
    if "words" in results:
        told["words"] = words_table(results["words"])
    if bits is not None:
        told["bits"] = bits_table(bits)
    return told


def aims_table(results: Mapping[str, Any], bits: Mapping[str, Any] | None = None) -> str:
    """What was aimed at, what came out, and whether that is enough."""
    rows: list[tuple[str, str, str, bool | None]] = []
    for budget, found in results.get("kodak", {"budgets": {}})["budgets"].items():
        ratios = [found[WITH]["over_without"][name] for name in DISTANCES]
        kids = [found[WITH]["less_without"][name] for name in ("kid_mobilenet", "kid_judge2")]
        rows += [
            (
                f"Kodak, {int(budget):,} bytes: distances, generator over decoder (MobileNetV2; second network)",
                f"both at most {AIMED_RATIO:.2f}",
                "; ".join(map(_ratio, ratios)),
                all(ratio["mean"] <= AIMED_RATIO for ratio in ratios),
            ),
            (
                f"Kodak, {int(budget):,} bytes: KID, generator less decoder (MobileNetV2; second network)",
                "both below 0 by two standard errors",
                "; ".join(f"{value:+.3f} ± {error:.3f}" for value, error in kids),
                all(value < -2 * error for value, error in kids),
            ),
        ]
    for budget, found in results.get("photos", {"budgets": {}})["budgets"].items():
        gained = found[WITH]["less_without"]["same_class"]
        aim = "interval above 0"
        title = f"photos/val, {int(budget):,} bytes: same first class, generator less decoder"
        rows.append((title, aim, _signed(gained, ".1%"), gained["low"] > 0))
    if "text" in results:
        found = results["text"]["describer"]["judge2"]["recall@5"]
        chance = results["text"]["chance"]["recall@5"]
        title = f"words alone: originals among the first five (chance: {chance:.0%})"
        rows.append((title, f"{AIMED_RECALL:.0%}", _share(found), found["mean"] >= AIMED_RECALL))
    for who, found in (bits or {}).items():
        scale = found["strides"].index(16)
        tables, generator = found["integer_tables"][scale][0], found["one_by_one"]["none"][scale][0]
        title = f"bits of a token at stride 16, generator over integer tables (pictures that {WHO[who]} spoke of)"
        rows.append((title, "to be told", f"{generator:.2f} / {tables:.2f} = **{generator / tables:.3f}**", None))
    verdicts = {True: "yes", False: "no", None: ""}
    lines = ["| what | aim | measured | reached |", "|---|---|---|---|"]
    lines += [f"| {what} | {aim} | {measured} | {verdicts[done]} |" for what, aim, measured, done in rows]
    return "\n".join(lines) + "\n"


def budget_table(part: Mapping[str, Any]) -> str:
    lines = [
        "| bytes | painted | MobileNetV2 distance | second network's | PSNR | same class | KID, MobileNetV2 "
        "| KID, second network | decode |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for budget, found in part["budgets"].items():
        for way, row in found.items():
            title = "decoder's own fill" if way == WITHOUT else way.replace(WITH, "generator", 1)
            kids = [f"{row[name][0]:.3f} ± {row[name][1]:.3f}" for name in ("kid_mobilenet", "kid_judge2")]
            distances = [f"{row[name]:.3f}" for name in DISTANCES]
            cells = [f"{row['psnr_db']:.2f} dB", f"{row['same_class']:.1%}", *kids, f"{row['decode_s']:.2f} s"]
            lines.append(f"| {int(budget):,} | {title} | {' | '.join([*distances, *cells])} |")
            if way != WITHOUT:
                less = row["less_without"]
                ratios = [_ratio(row["over_without"][name]) for name in DISTANCES]
                kids = [f"{less[name][0]:+.3f} ± {less[name][1]:.3f}" for name in ("kid_mobilenet", "kid_judge2")]
                cells = [_signed(less["psnr_db"], ".2f"), _signed(less["same_class"], ".1%"), *kids, ""]
                lines.append(f"| | *beside the decoder's* | {' | '.join([*ratios, *cells])} |")
    return "\n".join(lines) + "\n"


def text_table(part: Mapping[str, Any]) -> str:
    columns = [*(("judge2", cutoff) for cutoff in CUTOFFS), ("judge2_distance", 5), ("mobilenet", 5)]
    chances = " | ".join(f"{part['chance'][f'recall@{cutoff}']:.0%}" for _, cutoff in columns)
    lines = [
        f"| what was sent | bytes | paintings | recall@1 of {part['originals']} | @5 | @10 "
        "| @5 by its distance | @5 by MobileNetV2 |",
        "|---|---|---|---|---|---|---|---|",
        f"| nothing (chance) | | | {chances} |",
    ]
    titles = {
        "describer": "the describer's words",
        "describer_where_people_spoke": "the same, of pictures with a person's words",
        "people": "a person's words",
        "outlines_150_bytes": "the describer's words and 150 bytes of outlines",
        "tokens_100_bytes": "no words, tokens (decoder's own fill)",
    }
    for said, title in titles.items():
        if said in part:
            row = part[said]
            cells = [_share(row[by][f"recall@{cutoff}"]) for by, cutoff in columns]
            lines.append(f"| {title} | {row['mean_file_bytes']} | {row['paintings']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def words_table(part: Mapping[str, Any]) -> str:
    lines = [
        "| bytes | distance | right words | none | another picture's | none less right | another's less right |",
        "|---|---|---|---|---|---|---|",
    ]
    titles = dict(zip(DISTANCES, ("MobileNetV2", "second network"), strict=True))
    for budget, found in part["budgets"].items():
        for name, title in titles.items():
            cells = [f"{found[said][name]:.4f}" for said in ("right", "none", "wrong")]
            cells += [_signed(found[f"{said}_less_right"][name], ".4f") for said in ("none", "wrong")]
            lines.append(f"| {budget} | {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def bits_table(bits: Mapping[str, Any]) -> str:
    """Of `semcodec_train.generator.bits`: bits of a token, by scale, and what words are worth."""
    lines = [
        "| words of | told | stride | integer tables | right words | none | another picture's | none less right | "
        "another's less right |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    told = {
        "all_hidden": "the whole scale, at once",
        "one_by_one": "digit by digit, after those before",
    }
    for who, found in bits.items():
        for masking, title in told.items():
            for scale, stride in enumerate(found["strides"]):
                cells = [f"{found['integer_tables'][scale][0]:.2f}"]
                cells += [f"{found[masking][said][scale][0]:.2f}" for said in ("right", "none", "wrong")]
                differences = (found[masking][f"{said}_minus_right"][scale] for said in ("none", "wrong"))
                cells += [f"{mean:+.3f} ± {error:.3f}" for mean, error in differences]
                lines.append(f"| {WHO[who]} | {title} | {stride} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _ratio(figure: Mapping[str, float]) -> str:
    return f"**{figure['mean']:.3f}** ({figure['low']:.3f} to {figure['high']:.3f})"


def _signed(figure: Mapping[str, float], form: str) -> str:
    mean, low, high = (format(figure[name], "+" + form) for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"


def _share(figure: Mapping[str, float]) -> str:
    return f"{figure['mean']:.0%} ({figure['low']:.0%} to {figure['high']:.0%})"


def with_tables(page: str, told: Mapping[str, str]) -> str:
    """The page with these tables between their marks; marks of others stay as they are."""
    for name, table in told.items():
        begins, ends = marks(name)
        before, rest = page.split(begins)
        page = f"{before}{begins}{table}{ends}{rest.split(ends)[1]}"
    return page


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: made by benchmarks/invention.py -->\n", f"<!-- /{name} -->"


# ---- one run


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kodak", type=Path, help="the 24 Kodak pictures")
    parser.add_argument("--photos", type=Path, help="a folder with val and index.jsonl")
    parser.add_argument("--mobilenet", type=Path, help="MobileNetV2 as safetensors with its layer list")
    parser.add_argument("--generator", help="its name or folder; the embedded one")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="what to measure; all")
    parser.add_argument("--quick", action="store_true", help="a few pictures, to see that it works")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    if args.quick and args.out == RESULTS_PATH:
        parser.error("a quick run is no result: give --out")
    if args.parts:
        if not (args.kodak and args.photos and args.mobilenet):
            parser.error("to measure, give --kodak, --photos and --mobilenet")
        measure(args)
    results = json.loads(args.out.read_text("utf-8"))
    bits = json.loads(BITS_PATH.read_text("utf-8")) if BITS_PATH.exists() else None
    told = tables(results, bits)
    print("\n".join(f"{name}\n\n{table}" for name, table in told.items()))
    if args.out == RESULTS_PATH:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8"), told), "utf-8")


def measure(args: argparse.Namespace) -> None:
    """Writes each part as it is ready."""
    models = default_models()
    package = models.package_of("generator", args.generator) if args.generator else models.package("generator")
    if package is None:
        raise SystemExit(f"{args.generator or 'this build'}: no generator of semcodec here; give --generator")
    mobilenet, judge2 = args.mobilenet, HERE / "judges" / "judge2.safetensors"
    bench = Bench(open_painters(package), {"mobilenet": LayerNetwork(mobilenet), "judge2": LayerNetwork(judge2)})
    kodak = load_set(args.kodak, manifest=HERE / "manifests" / "kodak.json").pictures
    photos = load_set(args.photos / "val", manifest=HERE / "manifests" / "photos-val.json").pictures
    spoken = spoken_of(args.photos)
    text_pictures = for_text(photos, spoken, 16 if args.quick else NUM_TEXT_PICTURES)
    captioned = [picture for picture in photos if picture.name in spoken]
    kodak, photos = (spread(some, 4 if args.quick else len(some)) for some in (kodak, photos))
    captioned = spread(captioned, 4 if args.quick else len(captioned))
    captions = {picture.name: spoken[picture.name] for picture in text_pictures if picture.name in spoken}
    parts = {
        "kodak": lambda: over_budgets(bench, kodak, KODAK_BUDGETS, tuple(bench.painters)),
        "photos": lambda: over_budgets(bench, photos, PHOTO_BUDGETS, (WITHOUT, WITH)),
        "text": lambda: from_words(bench, text_pictures, captions),
        "words": lambda: beside_words(bench, captioned, spoken, WORD_BUDGETS),
    }
    made_with = {"generator": package.name, "files_sha256": hash_of(package.files), "family": int(DEFAULT_FAMILY)}
    for part in args.parts:
        began = time.perf_counter()
        found = parts[part]()
        machine = {"cores": len(os.sched_getaffinity(0)), "onnxruntime": __import__("onnxruntime").__version__}
        results = json.loads(args.out.read_text("utf-8")) if args.out.exists() else {}
        results[part] = {"made_with": made_with, "machine": machine, **found}
        ordered = {name: results[name] for name in PARTS if name in results}
        args.out.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
        print(f"{part}: {time.perf_counter() - began:.0f} s", flush=True)


def hash_of(files: Mapping[str, Path]) -> str:
    """Twelve digits that name these files."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(name.encode() + hashlib.sha256(files[name].read_bytes()).digest())
    return whole.hexdigest()[:12]


if __name__ == "__main__":
    main()
