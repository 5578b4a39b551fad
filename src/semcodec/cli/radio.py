"""`semcodec radio`: pictures sent and heard over radios."""

from __future__ import annotations

import typer

from semcodec.cli.radio_listen import listen
from semcodec.cli.radio_send import send

_HELP = {"help_option_names": ["-h", "--help"]}

radio = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_HELP,
)
radio.command("send", context_settings=_HELP)(send)
radio.command("listen", context_settings=_HELP)(listen)


@radio.callback()
def about() -> None:
    """Send pictures over radios, and listen for them.

    --via says which radio: meshtastic:///dev/ttyUSB0 or meshtastic://HOST, meshcore: and kiss: in the same way, lxmf:,
    mqtt://HOST/TOPIC, and udp://:7000 to try it out. Their packages: pip install 'semcodec[radio]'
    """
