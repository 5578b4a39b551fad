"""What captions cost: bits a character of the text payload beside general compressors, and the time it takes.

    python benchmarks/text.py --captions val.jsonl.gz

Every third caption, at most 1,000, each alone, in its original case and punctuation. A payload counts whole, rounded up
to bytes, with its end. Writes `benchmarks/results/text.json`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import resource
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from semcodec.errors import LimitError, TruncatedError
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE, TABLE_FILES
from semcodec.types import Words

RESULTS_PATH = Path(__file__).resolve().parent / "results" / "text.json"

# The same sentence in other languages: what text costs that the table was not counted for.
OTHER_LANGUAGES = {
    "de": "Ein Mann mit einem roten Hemd reitet bei Sonnenuntergang auf einem Pferd am Strand entlang.",
    "es": "Un hombre con una camisa roja monta a caballo por la playa al atardecer.",
    "fr": "Un homme en chemise rouge monte à cheval sur la plage au coucher du soleil.",
    "pl": "Mężczyzna w czerwonej koszuli jedzie konno po plaży o zachodzie słońca.",
    "ru": "Мужчина в красной рубашке едет на лошади по пляжу на закате.",
    "ar": "رجل يرتدي قميصا أحمر يركب حصانا على الشاطئ عند غروب الشمس.",
    "zh": "一个穿红衬衫的男人在日落时骑马沿着海滩走。",
    "ja": "赤いシャツを着た男性が夕暮れの浜辺で馬に乗っている。",
}


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, -15)
    return coder.compress(data) + coder.flush()


def ours(text: str, *, language: str = "en") -> bytes:
    return pack_words(Words(text, language))[1]


def bits_a_character(texts: list[str], pack: Callable[[str], bytes]) -> float:
    return round(8 * sum(len(pack(text)) for text in texts) / sum(map(len, texts)), 4)


def load_ms() -> dict[str, float]:
    """Processor time, medians of 15 processes: a bare interpreter; one that loads the table and decodes a caption."""
    payload = ours("A man riding a wave on top of a surfboard.")
    program = (
        f"from semcodec.layers.text.decode import unpack_words; unpack_words({payload!r}, table_number={NEWEST_TABLE})"
    )
    timed: dict[str, list[float]] = {"bare_interpreter_ms": [], "interpreter_load_and_decode_ms": []}
    for _ in range(15):
        for name, source in zip(timed, ("pass", program), strict=True):
            start = _children_s()
            subprocess.run([sys.executable, "-c", source], check=True)
            timed[name].append(1000 * (_children_s() - start))
    return {name: round(sorted(values)[len(values) // 2], 1) for name, values in timed.items()}


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def flipped_bits(texts: list[str], *, num_trials: int = 2000) -> dict[str, float]:
    """One random bit of a caption's payload is flipped: what the decoder says ("ends early": words, and a warning)."""
    rng = random.Random(0)
    found = Counter[str]()
    for _ in range(num_trials):
        payload = bytearray(ours(rng.choice(texts)))
        bit = rng.randrange(8 * len(payload))
        payload[bit >> 3] ^= 128 >> (bit & 7)
        try:
            _, problem = unpack_words(bytes(payload), table_number=NEWEST_TABLE)
        except LimitError:
            found["refused"] += 1
            continue
        found[
            "unnoticed" if problem is None else "ends early" if isinstance(problem, TruncatedError) else "refused"
        ] += 1
    return {what: round(found[what] / num_trials, 4) for what in ("refused", "ends early", "unnoticed")}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--captions", type=Path, required=True, help='lines of {"text": caption}, gzipped')
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    with gzip.open(args.captions, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][::3][:1000]

    peers: dict[str, Callable[[str], bytes]] = {
        "semcodec": ours,
        "zlib -9": lambda text: zlib.compress(text.encode(), 9),
        "raw deflate -9": lambda text: raw_deflate(text.encode()),
        "utf-8": str.encode,
    }
    start = time.process_time()
    payloads = [ours(text) for text in texts]
    encode_ms = 1000 * (time.process_time() - start) / len(texts)
    start = time.process_time()
    read = [unpack_words(payload, table_number=NEWEST_TABLE) for payload in payloads]
    decode_ms = 1000 * (time.process_time() - start) / len(texts)
    assert all(words is not None and words.text == text for (words, _), text in zip(read, texts, strict=True))

    results = {
        "captions": f"every third of {args.captions.name}, {len(texts)} captions, {sum(map(len, texts))} characters",
        "text_table": NEWEST_TABLE,
        "text_table_bytes": TABLE_FILES[NEWEST_TABLE].num_bytes,
        "bits_a_character": {name: bits_a_character(texts, pack) for name, pack in peers.items()},
        "bytes_a_caption": round(sum(map(len, payloads)) / len(texts), 3),
        "bits_a_character_of_other_languages": {
            language: bits_a_character([text], lambda text, language=language: ours(text, language=language))  # type: ignore[misc]
            for language, text in OTHER_LANGUAGES.items()
        },
        "encode_ms_a_caption": round(encode_ms, 2),
        "decode_ms_a_caption": round(decode_ms, 2),
        "process": load_ms(),
        "flipped_bits": flipped_bits(texts),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
