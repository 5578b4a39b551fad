"""The token layer: a pyramid of small integer digits, sent block by block in the encoder's order."""
