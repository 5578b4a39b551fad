"""The measures by name: what a results line calls them, what the report says of them, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

LATTICE_PERIODS_PX = (2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Measure:
    """`needs` names the weights that the user gives; empty where none are needed. A `costly` measure is taken only
    of the files that a cheaper one finds best for a budget (`worker.py`): it takes long, or it jumps, so that the best
    of four scales would be a matter of luck. One that is not `ranked` is better at 1 than
    on either side, so no codec is the best by it."""

    name: str
    title: str
    higher_is_better: bool
    digits: int
    protocol: str
    needs: str = ""
    costly: bool = False
    ranked: bool = True

    @property
    def sense(self) -> str:
        if not self.ranked:
            return "1 is as much as the original has"
        return "higher is better" if self.higher_is_better else "lower is better"

    def better(self, a: float, b: float) -> bool:
        return a > b if self.higher_is_better else a < b


MEASURES = (
    Measure("psnr_db", "PSNR (dB)", True, 2, "RGB, 8 bit, full picture"),
    Measure("ms_ssim", "MS-SSIM", True, 4, "RGB channels averaged, 11x11 Gaussian of 1.5, five scales, no padding"),
    Measure("vmaf", "VMAF", True, 1, "libvmaf's default model, 4:2:0 BT.709, a still picture"),
    Measure(
        "mobilenet_distance",
        "MobileNetV2 distance",
        False,
        4,
        "unit-normalised features at six depths, unweighted, full resolution; the codec's own training judge",
        "mobilenet",
    ),
    Measure(
        "mobilenet_top1",
        "same top-1 class",
        True,
        3,
        "MobileNetV2's first class equals that of the original; short side to 256 px, central 224 px",
        "mobilenet",
    ),
    Measure(
        "judge2_distance",
        "second network's distance",
        False,
        4,
        "the same formula over a residual network trained on Tiny ImageNet, never used in a loss; full resolution",
        "judge2",
    ),
    Measure(
        "lpips", "LPIPS (Alex)", False, 4, "AlexNet, linear weights v0.1, inputs in -1..1, full resolution", "lpips"
    ),
    Measure(
        "dists",
        "DISTS",
        False,
        4,
        "VGG16 with L2 pooling, inputs in 0..1, full resolution as in papers on compression; taken of the file that is "
        "best by LPIPS and of the one that is best on the second network",
        "dists",
        costly=True,
    ),
    Measure(
        "clip_score", "CLIP picture cosine", True, 4, "CLIP ViT-B/32, central 224 px of the short side at 224", "clip"
    ),
    Measure(
        "words_kept",
        "words kept",
        True,
        3,
        "what a describer says of the decoded picture beside what it says of the original: CIDEr-D, over that of the "
        "original's words with themselves; rare n-grams are those of the caption coder's captions; taken of the files "
        "that DISTS is taken of",
        "words_kept",
        costly=True,
    ),
    *(
        Measure(
            f"lattice_{period}",
            f"lattice of {period} px",
            False,
            2,
            "in the flattest tenth of the original, energy of waves of this period above their neighbours, over the "
            "original's: 1 is as much of a grid as there was, smooth pictures are near 0",
            ranked=False,
        )
        for period in LATTICE_PERIODS_PX
    ),
)

_KID = "128 px patches side by side, deepest features averaged over a patch; standard error: jackknife over pictures"

SET_MEASURES = (
    Measure("kid_mobilenet", "KID, MobileNetV2", False, 4, _KID, "mobilenet"),
    Measure("kid_judge2", "KID, second network", False, 4, _KID, "judge2"),
    Measure("fid", "FID", False, 2, "Inception-v3, 256 px patches and once more shifted by 128 px, at 299 px", "fid"),
)

# Of clips, beside those of pictures that are means over frames.
CLIP_MEASURES = (
    Measure(
        "warping_error",
        "flicker (warping error)",
        False,
        3,
        "from frame to frame along the motion of the original (DIS), where it shows the same thing in both: root mean "
        "square, 8 bits; taken of the files that DISTS is taken of",
        costly=True,
    ),
    Measure(
        "flicker_share",
        "flicker over that of the original",
        False,
        2,
        "warping error of what is shown over that of the original itself, whose grain, light and fine motion change, "
        "too; a clip that is blurred flickers less than what it shows",
        costly=True,
        ranked=False,
    ),
    Measure(
        "change_error",
        "error of frame differences",
        False,
        3,
        "what changes from frame to frame beside what changes in the original: root mean square of the difference of "
        "the two, of luma in 8 bits, over all pairs of neighbours",
    ),
    Measure("encode_s", "encoding, seconds a frame", False, 3, "the encoder alone, one thread, this machine"),
    Measure("decode_s", "decoding, seconds a frame", False, 3, "to frames at display size, one thread, this machine"),
)


def find_measure(name: str) -> Measure:
    return next(m for m in (*MEASURES, *SET_MEASURES, *CLIP_MEASURES) if m.name == name)
