"""VVC, HEVC and AV1 stills as bare elementary streams: the strongest form of each, no container counted.

The encoders' advertising (SEI messages with their version and settings) is switched off.
"""

from __future__ import annotations

from semcodec.evaluation.peers.ffmpeg import decode_still, encode_still
from semcodec.evaluation.peers.peer import Peer

_VVC_PRESET = "medium"
# A lone intra picture needs no reference lists, clock or delimiters: 160 bytes less than the default headers.
_VVC_BARE = "intraperiod=1:gopsize=1:AccessUnitDelimiter=0:HrdParametersPresent=0:VuiParametersPresent=0"


def vvc() -> Peer:
    return Peer(
        "vvc",
        "VVC",
        f"imageio-ffmpeg, libvvenc: preset {_VVC_PRESET}, 10 bit 4:2:0, QP 63-10, intra only, bare stream",
        tuple(range(63, 9, -1)),
        lambda image, qp: encode_still(
            image,
            pixel_format="yuv420p10le",
            options=["-c:v", "libvvenc", "-preset", _VVC_PRESET, "-qp", str(int(qp))] + ["-vvenc-params", _VVC_BARE],
            muxer="vvc",
        ),
        lambda data, size: decode_still(data, size, demuxer="vvc"),
        slow=True,
    )


def hevc() -> Peer:
    return Peer(
        "hevc",
        "HEVC",
        "imageio-ffmpeg, x265: preset veryslow, 10 bit 4:2:0, QP 51-10, bare stream, no encoder information",
        tuple(range(51, 9, -1)),
        lambda image, qp: encode_still(
            image,
            pixel_format="yuv420p10le",
            options=["-c:v", "libx265", "-preset", "veryslow"]
            + ["-x265-params", f"info=0:qp={int(qp)}:keyint=1:pools=none:frame-threads=1:log-level=error"],
            muxer="hevc",
        ),
        lambda data, size: decode_still(data, size, demuxer="hevc"),
    )


def av1() -> Peer:
    return Peer(
        "av1",
        "AV1",
        "imageio-ffmpeg, libaom: still picture, cpu-used 4, 10 bit 4:2:0, CRF 63-5, bare OBU stream",
        tuple(range(63, 4, -1)),
        lambda image, crf: encode_still(
            image,
            pixel_format="yuv420p10le",
            options=["-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "4", "-usage", "allintra"]
            + ["-crf", str(int(crf)), "-b:v", "0"],
            muxer="obu",
        ),
        lambda data, size: decode_still(data, size, demuxer="obu"),
    )
