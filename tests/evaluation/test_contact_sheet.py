"""The contact sheets: what stands on them, in which bytes, and what they may cost themselves."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from semcodec.evaluation.files import FileStore
from semcodec.evaluation.peers.pillow_peers import webp
from semcodec.evaluation.results import Line


@pytest.fixture(scope="module")
def script(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("contact_sheet", root / "benchmarks" / "contact_sheet.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_kept_file_is_shown_at_the_size_of_the_original(script: ModuleType, photo_path: Path, tmp_path: Path) -> None:
    original_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((97, 65)))
    peer, store = webp(), FileStore(tmp_path)
    line = Line("webp", "macaws", "", "", (340,), (340,), scale=2, quality=60)
    with pytest.raises(SystemExit, match="is not among the kept files"):
        script.peers_picture(peer, line, store, original_HWC)
    store.put(line.file_name, peer.encode(script.shrink(original_HWC, 2), 60))
    shown_HWC = script.peers_picture(peer, line, store, original_HWC)
    assert shown_HWC.shape == original_HWC.shape
    assert np.abs(shown_HWC.astype(int) - original_HWC).mean() < 16


def test_pictures_of_one_shape_share_rows(script: ModuleType) -> None:
    wide, tall = (Image.new("RGB", size, "red") for size in ((96, 64), (64, 96)))
    rows = [[("label", picture)] * 4 for picture in (tall, wide, wide, tall, tall)]
    sheet = script.draw_sheet(rows)
    # (wide ones two a row, tall ones three)
    assert sheet.size == (script.WIDTH_PX, 256 + 384 + 2 * (script.LABEL_PX + script.GAP_PX))
    assert sheet.getpixel((10, 100)) == sheet.getpixel((3000, 250)) == sheet.getpixel((3000, 600)) == (255, 0, 0)


def test_a_sheet_has_no_more_bytes_than_it_may(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    sizes = []
    for most in (1_000_000, 14_000):
        monkeypatch.setattr(script, "MAX_BYTES", most)
        data = script.as_jpeg(Image.fromarray(noise))
        assert len(data) <= most and Image.open(io.BytesIO(data)).size == (128, 128)
        sizes.append(len(data))
    assert sizes[0] > sizes[1]
