"""The command line is an interface: its flags are frozen here. Adding one is a line; removing one breaks somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer

import semcodec
from semcodec.cli.app import COMMANDS, load_command
from semcodec.cli.flags import with_groups

MANY = {"--output-dir", "-j/--jobs", "--overwrite", "-v/--verbose", "--quiet"}
PAINTER = {
    "--painter",
    "--strength",
    "--steps",
    "--guidance",
    "--scheduler",
    "--lora",
    "--control",
    "--device",
    "--dtype",
    "--trust-remote-code",
}
MODEM = {"--sf", "--bw", "--cr", "--preamble", "--implicit-header", "--duty-cycle"}
LINK = {
    *MODEM,
    "--for",
    "--mtu",
    "--text",
    "--repeat-first",
    "--preview",
    "--loss",
    "--seed",
}
JOBS = {
    "--engine",
    "--address",
    "-j/--workers",
    "--cpus",
    "--gpus",
    "--to",
    "--part",
    "--batch",
    "--retry-errors",
    "--failures",
    "--column",
    "--name-column",
    "--max-pixels",
    "--quiet",
}
FLAGS = {
    "encode": {
        *MANY,
        *PAINTER,
        *LINK,
        "--packets",
        "--repair",
        "--tries",
        "--distance",
        "--profile",
        "--bytes",
        "-q/--quality",
        "--bpp",
        "-e/--effort",
        "--picture",
        "--caption",
        "--language",
        "--origin",
        "--no-caption",
        "--regions",
        "--vector",
        "--structure",
        "--describer",
        "--task",
        "--caption-bits",
        "--captions",
        "--judge",
        "--prompt",
        "--boxed",
        "--strip",
        "--link",
        "--data-uri",
        "--max-pixels",
    },
    "decode": {
        *MANY,
        *PAINTER,
        "--format",
        "--seed",
        "--invent",
        "--restore",
        "--fast",
        "--roi",
        "--label",
        "--layers",
        "--report",
        "--progressive",
        "--strip",
        "--max-pixels",
    },
    "restore": {*MANY, "--format", "--strength", "--force", "--strip", "--max-pixels"},
    "view": {"--out", "--open", "--restorer", "--max-pixels", "--overwrite", "--quiet"},
    "describe": {"--keywords", "--regions", "--json", "--max-pixels"},
    "info": {"--json", "--alt", "--max-pixels"},
    "cut": {"--bytes", "--roi", "--strip", "--layers", "--max-pixels", "--overwrite", "--quiet"},
    "verify": set(),
    "scene": {"--max-pixels"},
    "structure": {"--max-pixels", "--overwrite", "--quiet"},
    "models": {"--download", "--trust-remote-code", "--json"},
    "split": {*LINK, "--repair", "--only", "-v/--verbose", "--max-pixels", "--overwrite", "--quiet"},
    "join": {"--file", "--missing", "--label", "--report", "-v/--verbose", "--max-pixels", "--overwrite", "--quiet"},
    "clip": set(),
    "clip encode": {
        "--bytes",
        "--kbps",
        "--bpp",
        "-e/--effort",
        "--picture",
        "--no-words",
        "--max-pixels",
        "--output-dir",
        "--overwrite",
        "-v/--verbose",
        "--quiet",
    },
    "clip decode": {
        *PAINTER,
        "--mode",
        "--interpolator",
        "--format",
        "--crf",
        "--seed",
        "--no-restore",
        "--report",
        "--max-pixels",
        "--output-dir",
        "--overwrite",
        "-v/--verbose",
        "--quiet",
    },
    "clip info": {"--json", "--max-pixels"},
    "radio": set(),
    "radio send": {
        *MODEM,
        "--via",
        "--all",
        "--mtu",
        "--repair",
        "--thumb",
        "--pause",
        "--wait",
        "--max-pixels",
        "--quiet",
    },
    "radio listen": {
        *MODEM,
        "--via",
        "--want",
        "--pictures",
        "--patience",
        "--limit",
        "--pause",
        "--wait",
        "--max-pixels",
        "--quiet",
    },
    "index": {"--db", "--vectors", "--pictures", "--quiet", "--max-pixels"},
    "search": {"--top", "--json", "--like", "--words", "--vectors", "--pictures", "--db", "--index"},
    "serve": {
        "--host",
        "-p/--port",
        "--token",
        "--allow-host",
        "--read-only",
        "-j/--jobs",
        "--timeout",
        "--max-mb",
        "--max-pixels",
        "-v/--verbose",
        "--quiet",
    },
    "jobs": set(),
    "jobs encode": {
        *JOBS,
        "--profile",
        "--bytes",
        "-q/--quality",
        "--bpp",
        "-e/--effort",
        "--picture",
        "--boxed",
        "--strip",
        "--link",
        "--no-caption",
        "--regions",
        "--vector",
        "--captions",
        "--describer",
    },
    "jobs describe": {*JOBS, "--regions"},
    "jobs index": JOBS - {"--to", "--retry-errors"},
    "jobs opensearch": {"--name", "--quiet"},
    "jobs verify": JOBS - {"--to", "--part", "--retry-errors"},
    "jobs decode": {*JOBS, "--format", "--restore"},
    "bench": {
        "--manifest",
        "--out",
        "--quick",
        "--video",
        "--frames",
        "--every",
        "--budgets",
        "--bpp",
        "--peers",
        "--first",
        "--mobilenet",
        "--judge2",
        "--lpips",
        "--dists",
        "--clip",
        "--fid",
        "--words-kept",
        *PAINTER,
        "--tries",
        "--captions",
        "--restore",
        "--no-vmaf",
        "-j/--jobs",
        "--report-only",
        "--times",
    },
}


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_the_flags_of_a_command_never_move(name: str):
    command, *inner = name.split()
    found = load_command(command)
    for each in inner:
        found = found.commands[each]
    options = [parameter for parameter in found.params if parameter.opts[0].startswith("-")]
    flags = {"/".join(sorted(option.opts, key=len)) for option in options}
    assert flags - {"-h/--help"} == FLAGS[name]


def test_the_commands_never_move():
    assert list(COMMANDS) == [
        "encode",
        "decode",
        "restore",
        "view",
        "describe",
        "info",
        "cut",
        "verify",
        "scene",
        "structure",
        "models",
        "split",
        "join",
        "radio",
        "clip",
        "index",
        "search",
        "serve",
        "jobs",
        "bench",
    ]


def test_defaults_never_move():
    defaults = {parameter.name: parameter.default for parameter in load_command("encode").params}
    assert defaults["effort"] == 5
    assert defaults["language"] == "und"
    assert getattr(defaults["origin"], "value", defaults["origin"]) == "human"
    assert defaults["num_jobs"] is None  # as many as there are cores


@dataclass(frozen=True)
class Colours:
    red: Annotated[int, typer.Option("--red")] = 1
    is_dark: Annotated[bool, typer.Option("--dark")] = False


def test_a_group_of_flags_stands_where_its_parameter_does_and_is_one_object():
    got = []

    @with_groups
    def command(name: str, *, colours: Colours, last: Annotated[int, typer.Option("--last")] = 3) -> None:
        got.append((name, colours, last))

    single = typer.Typer()
    single.command()(command)
    known = typer.main.get_command(single)
    assert [parameter.opts for parameter in known.params][:4] == [["name"], ["--red"], ["--dark"], ["--last"]]
    known(["x", "--red", "7"], standalone_mode=False)
    assert got == [("x", Colours(7), 3)]


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command(semcodec_command: Callable, flag: str):
    ended = semcodec_command(flag)
    assert ended.code == 0
    assert all(f"  {name} " in ended.out.decode() for name in COMMANDS)
    for name in COMMANDS:
        assert semcodec_command(name, flag).code == 0


def test_the_version_is_printed(semcodec_command: Callable):
    ended = semcodec_command("--version")
    assert (ended.code, ended.out.decode()) == (0, f"semcodec {semcodec.__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["encode"],
        ["info"],
        ["encode", "a.png", "b.semc", "--bytes", "0"],
        ["encode", "a.png", "b.semc", "--bytes", "many"],
        ["encode", "a.png", "b.semc", "-q", "101"],
        ["encode", "a.png", "b.semc", "--effort", "10"],
        ["encode", "a.png", "b.semc", "--bpp", "0"],
        ["encode", "a.png", "b.semc", "--bytes", "100", "-q", "50"],
        ["encode", "a.png", "b.semc", "--language", "en"],
        ["encode", "a.png", "b.semc", "--caption", "x", "--origin", "alien"],
        ["encode", "a.png", "b.png", "c.semc"],
        ["encode", "-", "a.png"],
        ["decode", "a.semc", "a.xyz"],
        ["decode", "a.semc", "--format", "xyz"],
        ["decode", "a.semc", "--nonsense"],
        ["decode", "a.semc", "--strength", "0.5"],
        ["decode", "a.semc", "--painter", "x", "--fast"],
        ["decode", "a.semc", "--painter", "x", "--no-invent"],
        ["decode", "a.semc", "--roi", "1,2,3"],
        ["decode", "a.semc", "-", "--progressive"],
        ["encode", "a.png", "b.semc", "--profile", "poem"],
        ["encode", "a.png", "b.semc", "--profile", "text", "-q", "50"],
        ["encode", "a.png", "b.semc", "--profile", "text", "--no-caption"],
        ["encode", "a.png", "b.semc", "--profile", "text", "--regions"],
        ["decode", "a.semc", "--painter", "x", "--control", "tile"],
        ["decode", "a.semc", "--painter", "x", "--control", "smoke=y"],
        ["encode", "a.png", "b.semc", "--tries", "4"],
        ["encode", "a.png", "b.semc", "--painter", "x", "--distance", "taste"],
        ["encode", "a.png", "b.semc", "--painter", "x", "--distance", "lpips=absent.safetensors"],
        ["cut", "a.semc", "b.semc"],
        ["cut", "a.semc", "", "--bytes", "100"],
        ["encode", ""],
        ["encode", "a.png", "--output-dir", ""],
        ["encode", "a.png", "a2.png"],
        ["decode", "", "a.png"],
        ["decode", "a.semc", "a2.semc"],
        ["split", "a.semc", "", "--mtu", "51"],
        ["join", "", "a.png"],
        ["index", ""],
        ["index", ".", "--db", ""],
        ["search", "dog", "--db", ""],
        ["info", ""],
        ["describe", ""],
        ["verify", "a.semc", ""],
        ["scene", ""],
        ["info", "--alt", "--json", "a.semc"],
        ["search"],
        ["search", "dog", "--top", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_why_on_stderr(semcodec_command: Callable, arguments: list[str]):
    ended = semcodec_command(*arguments)
    assert ended.code == 2
    assert "Usage:" in ended.err
    assert ended.out == b""
    assert "Traceback" not in ended.err
