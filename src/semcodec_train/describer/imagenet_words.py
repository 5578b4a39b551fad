"""Words of captions, and the classes of ImageNet that show such a thing. Read by `class_words`."""

# Words -> classes of ImageNet (numbers from 0, first-last).
IMAGENET = """
fish: 0-6 389-397
shark: 2-4
chicken: 7-8
rooster: 7
bird birds: 7-24 80-100 127-146
ostrich: 9
eagle: 22
owl: 24
frog: 30-32
turtle: 33-37
lizard: 38-48
alligator: 49-50
dinosaur: 51
snake: 52-68
spider: 72-77
peacock: 84
parrot parrots: 87-90
macaw: 88
duck ducks: 97-98
goose geese: 99
swan: 100
elephant elephants: 101 385-386
kangaroo: 104
koala: 105
jellyfish: 107
snail: 113
crab: 118-121 125
lobster: 122-123
flamingo: 130
heron: 131-132
crane: 134
pelican: 144
penguin penguins: 145
whale: 147-148
seal: 150
dog dogs: 151-268
terrier: 179-203
poodle: 265-267
retriever: 205-209
greyhound: 171-172
bulldog: 245
dalmatian: 251
pug: 254
husky: 248-250
shepherd: 235
beagle: 162
wolf: 269-271
fox: 277-280
cat cats: 281-285
kitten: 281-285
lion: 291
tiger: 292
leopard: 288-289
cheetah: 293
bear bears: 294-297
polar: 296
bee: 309
insect: 300-319
ladybug: 301
grasshopper: 311
dragonfly: 319-320
butterfly: 321-326
starfish: 327
rabbit: 330-332
squirrel: 335
hamster: 333
beaver: 337
horse horses: 339
zebra zebras: 340
pig pigs: 341-343
hippo: 344
cow cows: 345
bull bulls: 345-347
ox: 345
buffalo: 346-347
bison: 347
ram: 348-349
sheep: 348-349
goat goats: 348-350
antelope: 351-353
deer: 351-353
camel camels: 354
llama: 355
monkey monkeys: 365-383
gorilla: 366
panda: 387-388
lemur: 383
accordion: 401
guitar: 402 546
ship: 403 510 724 780 913 628
airplane plane jet: 404 895
blimp: 405
ambulance: 407
clock: 409 892
watch: 531
apron: 411
trash: 412
gun: 413 763-764
backpack: 414
bakery: 415
balloon balloons: 417
banjo: 420
railing: 421
weights: 422 543
barber: 423-424
barn: 425
barrel: 427 756
wheelbarrow: 428
baseball: 429 981
basketball: 430
swimming: 433 639 638 842
bathtub tub: 435 876
car: 436 468 479 511 609 627 656 661 751 817
lighthouse tower: 437
hat: 439 515 667 715 808
beer: 440-441
bottle: 440 720 737 898 901 907
bikini: 445
bicycle bike bicycles: 444 671 870
boat boats: 449 472 484 554 576 625 814 780 871 914
book books: 454 453 624 917 921
bow: 456-457
tie: 457 906
broom: 462
bucket: 463
train: 466 547 705 820 565
taxi cab: 468
candle candles: 470
cannon: 471
canoe kayak: 472
carousel: 476
castle: 483
phone: 487 528 707
chain: 488-490
church: 497
building: 497 698 668 663 832 449 425 483
cliff: 500 972
cup coffee: 504 967-968
keyboard: 508 878
computer: 508 527 590 620 664 681
crane: 517
helmet: 518 560
crib: 516 520
desk: 526
laptop: 620 681
table: 532 736
food: 923-969 415 582
dam: 525
dock pier: 536 718
sled: 450 537
drum drums: 541
fountain: 562
fire: 555
truck: 555 569 717 864 867 675
flag: 557
flute: 558
chair: 559 765 423
pot: 505 738 521
football: 560
golf: 574-575
piano: 579 881
store: 582 788 509 453
hammer: 587
hay: 958
harp: 594
tractor: 595 866
house: 580 672 448 663
jeans: 608
jeep: 609
shirt: 610 841
kimono: 614
lamp: 619 846
mower: 621
boots: 514
fence: 489 716 912
mask: 643 570 796
microphone: 650
microwave: 651
uniform: 652
mailbox: 637
van: 654 656 675 734
scooter: 670 665
motorcycle motorcycles: 665 670
tent: 672
mouse: 673
bus: 654 779 874
necklace: 679
mosque: 668
horn: 566 513
paddle: 693
parachute: 701
bench: 703
meter: 704
patio: 706
pillow: 721
pirate: 724
bag: 728 748 636 790
pool: 736
pole: 733
printer: 742
racket: 752
radio: 754
refrigerator: 760
remote: 761
restaurant: 762
rugby: 768
shoe shoes: 770 788 502
sandals: 774
saxophone: 776
scoreboard: 781
screen: 782 664 851
shield: 787
cart: 791 603 690
shovel: 792
shower: 793-794
ski skis: 795
snow: 795 537 802-803 970
snowmobile: 802
soccer: 805
sock socks: 806
bowl: 809 659
spoon: 910 618
stage: 819
bridge: 821 839 888
stethoscope: 823
stove: 827
trolley: 829
couch: 831
suit: 834
sunglasses: 836-837
swing: 843
tank: 847
tea: 849
teddy: 850
television tv: 851
tennis: 852 752
toaster: 859
toilet: 861 999
umbrella: 879
unicycle: 880
vase: 883
violin: 889
volleyball: 890
sink: 896
wall: 825
sign: 919 916
traffic: 920
plate: 923
ice: 928-929 970
bagel: 931
pretzel: 932
burger: 933
hot: 934
pizza: 963
broccoli: 937
mushroom mushrooms: 947 991-996
apple apples: 948
strawberry strawberries: 949
orange oranges: 950
lemon: 951
fruit: 948-957
vegetables: 935-946
pineapple: 953
banana bananas: 954
bread: 930-932 415
corn: 987 998
pasta: 959
chocolate: 960
burrito: 965
wine: 966 907
bubble bubbles: 971
mountain mountains: 970 980 979
rocks: 972 976
lake: 975
beach: 978 977
ocean: 978 976
volcano: 980
player: 981
diver: 983
coral: 973 109
flower flowers: 985-986 738
yellow: 984
daisy: 985
field: 984
animal: 330-388 101-107 269-299
"""
