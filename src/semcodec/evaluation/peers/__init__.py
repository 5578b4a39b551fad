"""The peers: real encoders and decoders, and all their settings in one place."""
