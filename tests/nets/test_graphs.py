"""Graphs are opened when they are first run, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcodec.errors import WeightsError
from semcodec.nets.graphs import Graphs
from semcodec.nets.session import Session
from semcodec.zoo.catalog import package_at


def test_nothing_is_opened_before_it_is_run(debug_restorer: Path) -> None:
    files = dict(package_at(debug_restorer).files)
    sessions: dict[Path, Session] = {}
    graphs = Graphs(files, threads=1, sessions=sessions)
    assert not sessions
    fine, coarse = graphs.run("head", image=np.zeros((1, 32, 16, 3), np.uint8), condition=np.zeros((1, 2), np.float32))
    assert fine.shape[2:] == (8, 4) and coarse.shape[2:] == (4, 2)
    assert set(sessions) == {files["head.onnx"]} and graphs.opened("head") is graphs.opened("head")


def test_networks_that_share_sessions_open_a_file_once(debug_restorer: Path) -> None:
    files = package_at(debug_restorer).files
    sessions: dict[Path, Session] = {}
    one, two = (Graphs(files, threads=1, sessions=sessions) for _ in range(2))
    assert one.opened("head") is two.opened("head") is not Graphs(files, threads=1).opened("head")


def test_a_graph_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsError, match=r"broken\.onnx cannot be opened"):
        Graphs(package_at(tmp_path).files).run("broken")
