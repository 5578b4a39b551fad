"""Whether words about a picture name an object that is not there, where boxes or a class say what is.

*COCO*: boxes of 80 classes. A word names one or several of them ("bike": bicycle, motorcycle); it is wrong if none of
them has a box. *ImageNet*: one class. Words are wrong that name something that a class of ImageNet shows, but nothing
of this one; what may stand beside anything (people, furniture, scenery) is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from semcodec_train.describer.class_words import names_of_classes
from semcodec_train.describer.data import Photo

_COCO = """
person: person people man men woman women boy boys girl girls child children kid kids lady ladies guy guys baby toddler
person: player players skier skiers snowboarder surfer skateboarder rider riders cyclist crowd couple boxer climber
bicycle: bicycle bicycles bike bikes
car: car cars taxi cab
motorcycle: motorcycle motorcycles motorbike bike bikes scooter
airplane: airplane airplanes plane planes jet
bus: bus buses
train: train trains
truck: truck trucks
boat: boat boats sailboat canoe kayak ship raft
fire hydrant: hydrant
bench: bench benches
bird: bird birds duck ducks parrot parrots seagull pigeon eagle owl penguin swan geese goose
cat: cat cats kitten kittens
dog: dog dogs puppy puppies poodle greyhound terrier husky bulldog
horse: horse horses pony
sheep: sheep goat goats
cow: cow cows bull bulls cattle
elephant: elephant elephants
bear: bear bears
zebra: zebra zebras
giraffe: giraffe giraffes
backpack: backpack backpacks
umbrella: umbrella umbrellas
handbag: purse handbag
tie: tie
suitcase: suitcase suitcases luggage
frisbee: frisbee
skis: ski skis
snowboard: snowboard
sports ball: ball balls
kite: kite kites
skateboard: skateboard
surfboard: surfboard surfboards
tennis racket: racket racquet
bottle: bottle bottles
cup: cup cups
fork: fork
knife: knife
spoon: spoon
bowl: bowl bowls
banana: banana bananas
apple: apple apples
sandwich: sandwich sandwiches burger
orange: oranges
broccoli: broccoli
carrot: carrots
pizza: pizza pizzas
donut: donut donuts doughnut doughnuts
cake: cake cakes
chair: chair chairs
couch: couch sofa
bed: bed
dining table: table tables
toilet: toilet toilets
tv: tv television
laptop: laptop laptops
mouse: mouse
remote: remote
keyboard: keyboard
cell phone: phone cellphone
microwave: microwave
oven: oven stove
sink: sink sinks
refrigerator: refrigerator
book: book books
clock: clock clocks
vase: vase vases
teddy bear: teddy bear bears
scissors: scissors
toothbrush: toothbrush
"""

_BESIDE = frozenset(
    "animal food house building store wall fence field snow ice beach ocean lake rocks mountain mountains cliff table "
    "chair desk plate bowl cup bag shirt hat tie sign pole bench yellow tower fruit vegetables player swimming hot "
    "wood pool car cars flower flowers coffee bread cart chain rugby fire stage suit mask helmet uniform sunglasses "
    "jeans light traffic screen book books tree plant swing flag shoe shoes sock socks bottle wine tea bubbles".split()
)


_PLACES = frozenset(
    "water grass sky tree trees street road sand rock rocks river lake building buildings house snow beach mountain "
    "mountains ocean wave waves flower flowers sign wall fence bridge tower field forest woods path window door statue "
    "pool stage castle church barn lighthouse".split()
)


@cache
def labels_of_words() -> dict[str, frozenset[str]]:
    """Of words that name one of COCO's 80 kinds or several: their labels."""
    found: dict[str, set[str]] = {}
    for line in _COCO.strip().splitlines():
        label, words = line.split(": ")
        for word in words.split():
            found.setdefault(word, set()).add(label)
    return {word: frozenset(labels) for word, labels in found.items()}


@cache
def people() -> frozenset[str]:
    """Words for nothing but persons."""
    return frozenset(word for word, labels in labels_of_words().items() if labels == {"person"})


@cache
def _things() -> frozenset[str]:
    animals = {word for word, labels in labels_of_words().items() if labels & {"giraffe", "dog", "bird", "cat"}}
    return frozenset(word for words in names_of_classes() for word in words) - _BESIDE - people() | animals


def is_thing(word: str) -> bool:
    """Whether it names a thing or a living being."""
    return word in labels_of_words() or word in _things()


def is_place(word: str) -> bool:
    """Whether it names what places are made of."""
    return word in _PLACES


def told_words(photo: Photo) -> set[str]:
    """Words that are true of a picture for its class's sake."""
    return {*photo.things, *photo.rare_names, *(photo.label or "").lower().split()}


def absent(words: Iterable[str], photo: Photo) -> set[str]:
    """Those of the words that name what is not in the picture."""
    words = set(words)
    if photo.boxes:
        there = {box.label for box in photo.boxes}
        known = labels_of_words()
        return {word for word in words if word in known and not known[word] & there}
    named = words & _things()
    return set() if words & told_words(photo) else named


def unheard(words: Iterable[str], people: Iterable[str]) -> set[str]:
    """Those of the words that name a thing or a living being, of a kind that none of the people's words names."""
    people, known = set(people), labels_of_words()
    kinds = {label for word in people for label in known.get(word, ())}
    named = {word for word in words if is_thing(word)}
    return {word for word in named - people if not known.get(word, frozenset()) & kinds}
