"""`semcodec clip`: video as key frames and motion in words."""

from __future__ import annotations

import typer

from semcodec.cli.clip_decode import decode
from semcodec.cli.clip_encode import encode
from semcodec.cli.clip_info import info

_HELP = {"help_option_names": ["-h", "--help"]}

clip = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_HELP,
)
clip.command("encode", context_settings=_HELP)(encode)
clip.command("decode", context_settings=_HELP)(decode)
clip.command("info", context_settings=_HELP)(info)


@clip.callback()
def about() -> None:
    """Video in few bytes: key frames as still files, and motion in words (.semv).

    Video files need PyAV: pip install 'semcodec[video]'
    """
