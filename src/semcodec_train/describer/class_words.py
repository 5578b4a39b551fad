"""What captions call the things that labelled pictures show: words of classes of ImageNet, Caltech-101 and COCO.

A caption says "dog" of 118 classes of ImageNet. So what a network that tells those classes apart sees can be said with
words that captions use, and labels teach words without a caption.
"""

from __future__ import annotations

from functools import cache

from semcodec_train.describer.imagenet_words import IMAGENET

# Names of classes that captions hardly use, so the writer does not know them.
_RARE = """
salamander: 25-29
scorpion: 71
centipede: 79
slug: 114-115
shell: 112 117
crayfish: 124
abacus: 398
altar: 406
bassoon: 432
binoculars: 447
cardigan: 474
cello: 486
cloak: 501
crate: 519
crutch: 523
dishwasher: 534
drill: 740
envelope: 549
goblet: 572
gong: 577
gown: 578 400
harmonica: 593
hourglass: 604
joystick: 613
lipstick: 629
mittens: 658
missile: 657
obelisk: 682
oboe: 683
pajamas: 697
pitcher: 725 899
plow: 730
projector: 745
puzzle: 611 918
quilt: 750
radiator: 753
screwdriver: 784
speaker: 632
spatula: 813
submarine: 833
sundial: 835
syringe: 845
throne: 857
tray: 868
tripod: 872
trombone: 875
vacuum: 882
wallet: 893
wardrobe: 894
whistle: 902
wig: 903
wok: 909
yurt: 915
menu: 922
geyser: 974
acorn: 988
"""

# Words by label; of the other labels of Caltech-101 and COCO those of their own words that captions use.
_LABELS = {
    "motorbikes": "motorcycle",
    "airplanes": "airplane plane",
    "cougar body": "animal",
    "cougar face": "animal",
    "crocodile": "alligator",
    "crocodile head": "alligator",
    "cellphone": "phone",
    "dalmatian": "dog dalmatian",
    "elephant": "elephant",
    "emu": "bird",
    "ibis": "bird",
    "flamingo": "bird flamingo",
    "flamingo head": "bird flamingo",
    "rooster": "bird rooster chicken",
    "pigeon": "bird pigeon",
    "okapi": "animal",
    "gerenuk": "deer animal antelope",
    "hawksbill": "turtle",
    "bass": "fish",
    "ketch": "boat sailboat",
    "schooner": "boat ship",
    "ferry": "boat ferry ship",
    "inline skate": "skate",
    "joshua tree": "tree",
    "bonsai": "tree plant",
    "lotus": "flower",
    "sunflower": "flower sunflower",
    "water lilly": "flower",
    "minaret": "tower building",
    "pagoda": "building",
    "pyramid": "pyramid",
    "wild cat": "cat animal",
    "windsor chair": "chair",
    "grand piano": "piano",
    "electric guitar": "guitar",
    "soccer ball": "ball soccer",
    "stegosaurus": "dinosaur",
    "brontosaurus": "dinosaur",
    "ant": "insect",
    "mayfly": "insect",
    "dragonfly": "dragonfly insect",
    "tick": "insect",
    "dining table": "table",
    "potted plant": "plant",
    "sports ball": "ball",
    "wine glass": "glass wine",
    "cell phone": "phone",
    "baseball glove": "glove baseball",
    "baseball bat": "bat baseball",
    "tennis racket": "racket tennis",
    "traffic light": "traffic light",
    "stop sign": "sign",
    "fire hydrant": "hydrant",
    "parking meter": "meter",
    "hot dog": "hot",
    "hair drier": "dryer",
    "teddy bear": "teddy",
    "couch": "couch sofa",
    "tv": "tv television",
    "bicycle": "bicycle bike",
    "motorcycle": "motorcycle",
    "airplane": "airplane plane",
    "donut": "donut",
}


@cache
def words_of_classes() -> tuple[tuple[str, ...], ...]:
    """Of each class of ImageNet, the words that captions use for it; none, of some."""
    return _words_in(IMAGENET)


@cache
def names_of_classes() -> tuple[tuple[str, ...], ...]:
    """The same, and names that captions hardly use."""
    return _words_in(IMAGENET + _RARE)


def _words_in(lines: str) -> tuple[tuple[str, ...], ...]:
    words: list[list[str]] = [[] for _ in range(1000)]
    for line in filter(None, lines.splitlines()):
        names, numbers = line.split(": ")
        for number in numbers.split():
            first, _, last = number.partition("-")
            for at in range(int(first), int(last or first) + 1):
                words[at] += [name for name in names.split() if name not in words[at]]
    return tuple(map(tuple, words))


def words_of_label(label: str) -> tuple[str, ...]:
    """Of a label of Caltech-101 or COCO: those given here, else its own."""
    return tuple(_LABELS.get(label, label).split())
