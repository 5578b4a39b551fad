"""What captions cost: bits a character of the text payload beside general compressors, and the time it takes.

    python benchmarks/text.py --captions val.jsonl.gz --train train.jsonl.gz       (needs zstandard, brotli, pyppmd)

Every third caption, at most 1,000, each alone, in its original case and punctuation. A payload counts whole, rounded up
to bytes, with its end. The peers get what they can take of the captions that the table was counted from: a preset
dictionary, a trained one, a text to begin with; none has a header or a check that it can do without. Writes
`benchmarks/results/text.json`.
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
from semcodec.ids import LayerId
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.types import Section, Words

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


DEFLATE_WINDOW = 32 << 10  # bytes of a preset dictionary that are ever looked at
ZSTD_DICTIONARY = 112 << 10  # zstd's own default
PPMD_MEMORY, PPMD_ORDER = 16 << 20, 6


def peers_of(train: list[str]) -> dict[str, Callable[[str], bytes]]:
    """Compressors of one caption. `train` are captions to learn from."""
    import brotli
    import pyppmd
    import zstandard

    shuffled = random.Random(0).sample(train, len(train))
    preset = "\n".join(shuffled).encode()[:DEFLATE_WINDOW]
    trained = zstandard.train_dictionary(ZSTD_DICTIONARY, [text.encode() for text in shuffled], level=19)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        19,
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=False,
        write_checksum=False,
        write_dict_id=False,
    )
    zstd = zstandard.ZstdCompressor(compression_params=parameters)
    zstd_trained = zstandard.ZstdCompressor(dict_data=trained, compression_params=parameters)

    def raw_deflate(data: bytes, dictionary: bytes = b"") -> bytes:
        if not dictionary:
            coder = zlib.compressobj(9, zlib.DEFLATED, -15)
        else:
            coder = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=dictionary)
        return coder.compress(data) + coder.flush()

    def ppmd(data: bytes, before: bytes = b"") -> bytes:
        """What the data adds to what stood before it."""
        coder = pyppmd.Ppmd7Encoder(PPMD_ORDER, PPMD_MEMORY)
        whole = coder.encode(before + data) + coder.flush(endmark=True)
        return whole[num_ppmd_before[before] :]

    def num_ppmd_bytes(data: bytes) -> int:
        coder = pyppmd.Ppmd7Encoder(PPMD_ORDER, PPMD_MEMORY)
        return len(coder.encode(data) + coder.flush(endmark=False)) if data else 0

    num_ppmd_before = {before: num_ppmd_bytes(before) for before in (b"", preset)}
    return {
        "zlib -9": lambda text: zlib.compress(text.encode(), 9),
        "raw deflate -9": lambda text: raw_deflate(text.encode()),
        "raw deflate -9, preset dictionary of 32 KiB": lambda text: raw_deflate(text.encode(), preset),
        "zstd -19": lambda text: zstd.compress(text.encode()),
        "zstd -19, trained dictionary of 112 KiB": lambda text: zstd_trained.compress(text.encode()),
        "brotli -11": lambda text: brotli.compress(text.encode(), mode=brotli.MODE_TEXT, quality=11),
        "PPMd (7z's H, order 6)": lambda text: ppmd(text.encode()),
        "PPMd (7z's H, order 6), after 32 KiB of captions": lambda text: ppmd(text.encode(), preset),
        "utf-8": str.encode,
    }


def ours(text: str, *, language: str = "en") -> bytes:
    return pack_words(Words(text, language)).payload


def table_before(text: str) -> bytes:
    return pack_words(Words(text, "en"), table_number=NEWEST_TABLE - 1).payload


def bits_a_character(texts: list[str], pack: Callable[[str], bytes]) -> float:
    return round(8 * sum(len(pack(text)) for text in texts) / sum(map(len, texts)), 4)


def bytes_a_caption(texts: list[str], pack: Callable[[str], bytes]) -> float:
    return round(sum(len(pack(text)) for text in texts) / len(texts), 3)


def load_ms() -> dict[str, float]:
    """Processor time, medians of 15 processes: a bare interpreter; one that loads the table and decodes a caption."""
    payload = ours("A man riding a wave on top of a surfboard.")
    program = (
        "from semcodec.types import Section; from semcodec.layers.text.decode import unpack_words;"
        f"unpack_words(Section(1, {NEWEST_TABLE}, {payload!r}))"
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
            _, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, bytes(payload)))
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
    parser.add_argument("--train", type=Path, required=True, help="the captions that the table was counted from, alike")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    texts, train = (
        [json.loads(line)["text"] for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
        for path in (args.captions, args.train)
    )
    texts = texts[::3][:1000]
    peers = {"semcodec": ours, f"semcodec, table {NEWEST_TABLE - 1}": table_before, **peers_of(train)}
    start = time.process_time()
    payloads = [ours(text) for text in texts]
    encode_ms = 1000 * (time.process_time() - start) / len(texts)
    start = time.process_time()
    read = [unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload)) for payload in payloads]
    decode_ms = 1000 * (time.process_time() - start) / len(texts)
    assert all(words is not None and words.text == text for (words, _), text in zip(read, texts, strict=True))

    results = {
        "captions": f"every third of {args.captions.name}, {len(texts)} captions, {sum(map(len, texts))} characters",
        "text_table": NEWEST_TABLE,
        "text_table_bytes": sum(file.num_bytes for file in TEXT_TABLES.values()),
        "bits_a_character": {name: bits_a_character(texts, pack) for name, pack in peers.items()},
        "bytes_a_caption": {name: bytes_a_caption(texts, pack) for name, pack in peers.items()},
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
