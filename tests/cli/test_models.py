"""`semcodec models` without a model: what is embedded."""

from __future__ import annotations

import json
from collections.abc import Callable

from semcodec.zoo.catalog import shipped


def test_every_network_is_listed_with_what_it_is_for(semcodec_command: Callable) -> None:
    listed = json.loads(semcodec_command("models", "--json").out)
    embedded = {entry["reference"]: entry["purpose"] for entry in listed if entry["use"] == "embedded"}
    assert embedded == {name: row["purpose"] for name, row in shipped().rows.items()}
    lines = semcodec_command("models").out.decode().splitlines()
    for name, purpose in embedded.items():
        assert any(line.split()[:2] == ["embedded", name] and f"{purpose}, Apache-2.0" in line for line in lines)
