"""Training for semcodec's embedded networks (PyTorch). Nothing in `semcodec` imports this package."""
