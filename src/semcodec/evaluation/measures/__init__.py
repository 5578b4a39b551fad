"""How good a picture is: one module per measure, a catalogue of their names, and `judges`, which runs the wanted
ones.
"""
