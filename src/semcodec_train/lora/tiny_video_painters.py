"""Video pipelines of diffusers that are real in all but size: built from configurations, with random weights.

For tests: they film noise, but through the same classes, files and calls as the large ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from semcodec_train.lora.tiny_painters import WIDTH, clip, clip_tokenizer, saved, unet, vae, word_tokenizer


def ltx(folder: Path, *, seed: int = 0) -> Path:
    """LTX-Video: flow matching, latents of 32 pixels and 8 frames; one model films from words and from a picture."""
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )

    torch.manual_seed(seed)
    tokenizer = word_tokenizer()
    autoencoder = AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
    )
    transformer = LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=WIDTH,
        num_layers=1,
        caption_channels=WIDTH,
    )
    pipeline = LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=autoencoder,
        text_encoder=_t5(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=transformer,
    )
    return saved(pipeline, folder)


def cogvideox(folder: Path, *, seed: int = 0, from_picture: bool = False) -> Path:
    """CogVideoX: a diffusion transformer, latents of 8 pixels and 4 frames, filming at the size it was made for."""
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXImageToVideoPipeline,
        CogVideoXPipeline,
        CogVideoXTransformer3DModel,
    )

    torch.manual_seed(seed)
    tokenizer = word_tokenizer()
    autoencoder = AutoencoderKLCogVideoX(
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2
    )
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=4,
        attention_head_dim=16,
        in_channels=8 if from_picture else 4,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=WIDTH,
        num_layers=1,
        sample_width=12,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=226,
        use_rotary_positional_embeddings=from_picture,
        use_learned_positional_embeddings=from_picture,
    )
    kind = CogVideoXImageToVideoPipeline if from_picture else CogVideoXPipeline
    pipeline = kind(
        tokenizer=tokenizer,
        text_encoder=_t5(len(tokenizer)),
        vae=autoencoder,
        transformer=transformer,
        scheduler=CogVideoXDDIMScheduler(),
    )
    return saved(pipeline, folder)


def cogvideox_from_picture(folder: Path, *, seed: int = 0) -> Path:
    """CogVideoX that goes on from a picture."""
    return cogvideox(folder, seed=seed, from_picture=True)


def wan(folder: Path, *, seed: int = 0, from_picture: bool = False) -> Path:
    """Wan 2.1: flow matching, latents of 8 pixels and 4 frames, UMT5 text."""
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanImageToVideoPipeline,
        WanPipeline,
        WanTransformer3DModel,
    )
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(seed)
    tokenizer = word_tokenizer()
    text = UMT5Config(vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=32, num_layers=1, num_heads=4)
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36 if from_picture else 16,
        out_channels=16,
        text_dim=WIDTH,
        freq_dim=16,
        ffn_dim=32,
        num_layers=1,
        rope_max_seq_len=64,
    )
    parts: dict[str, Any] = {
        "tokenizer": tokenizer,
        "text_encoder": UMT5EncoderModel(text),
        "vae": AutoencoderKLWan(base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "transformer": transformer,
    }
    if from_picture:
        return saved(WanImageToVideoPipeline(**parts, image_processor=None, image_encoder=None), folder)
    return saved(WanPipeline(**parts), folder)


def wan_from_picture(folder: Path, *, seed: int = 0) -> Path:
    """Wan that goes on from a picture, and may be told the last one."""
    return wan(folder, seed=seed, from_picture=True)


def animatediff(folder: Path, *, seed: int = 0) -> Path:
    """AnimateDiff: Stable Diffusion with layers that see along time."""
    from diffusers import AnimateDiffPipeline, DDIMScheduler, MotionAdapter

    torch.manual_seed(seed)
    adapter = MotionAdapter(
        block_out_channels=(16, 32), motion_layers_per_block=1, motion_num_attention_heads=2, motion_norm_num_groups=8
    )
    pipeline = AnimateDiffPipeline(
        vae=vae(latent_channels=4),
        text_encoder=clip(),
        tokenizer=clip_tokenizer(),
        unet=unet(),
        motion_adapter=adapter,
        scheduler=DDIMScheduler(beta_schedule="linear", clip_sample=False),
    )
    return saved(pipeline, folder)


VIDEO_PIPELINES: dict[str, Callable[..., Path]] = {
    "ltx": ltx,
    "cogvideox": cogvideox,
    "cogvideox-from-picture": cogvideox_from_picture,
    "wan": wan,
    "wan-from-picture": wan_from_picture,
    "animatediff": animatediff,
}


def _t5(num_words: int) -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=num_words, d_model=WIDTH, d_kv=8, d_ff=32, num_layers=1, num_heads=4))
