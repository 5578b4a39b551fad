"""diffusers' text-to-video and image-to-video pipelines as `contracts.VideoPainter`."""
