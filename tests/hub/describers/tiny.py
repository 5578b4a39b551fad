"""Real models of transformers, tiny, with random weights: built from configurations, saved as folders, opened as any.

Their words mean nothing; everything else (files, processors, generation, formats) is what a model of full size has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

WORDS = """
a the two three red green blue yellow white small large old parrot macaw bird cap dog cat boat house tree leaf wall sea
sky beach street hill sits stands flies runs looks lies on in at under beside with and of before bright dark
""".split()
PIECES = [*WORDS, ",", ".", *"0123456789"]


def tokenizer(
    *special: str,
    pieces: Sequence[str] = PIECES,
    bos: str = "<s>",
    eos: str = "</s>",
    pad: str = "<pad>",
    **named: Any,
) -> Any:
    """A word a token, and the special tokens of a family."""
    all_special = list(dict.fromkeys([pad, bos, eos, "<unk>", *special]))
    vocabulary = {piece: number for number, piece in enumerate([*all_special, *pieces])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    backend.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        unk_token="<unk>",
        additional_special_tokens=list(special),
        **named,
    )


def save(folder: Path, model: Any, words: Any, *parts: Any) -> Path:
    """As a model's author saves it: config.json, model.safetensors, the processor's files."""
    liven(model)
    _speak(model, words)
    model.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)
    return folder


def liven(model: Any) -> None:
    """Fresh weights are so small (BLIP's picture network begins at 1e-10) that what goes in hardly shows in what comes
    out, and the rounding of a processor decides. These pass on as much as they are given.
    """
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() >= 2:
                weight.normal_(std=weight[0].numel() ** -0.5)


def _speak(model: Any, words: Any) -> None:
    """A large last layer says something definite, in words."""
    head = model.get_output_embeddings() or model.text_decoder.get_output_embeddings()
    marks = [number for token, number in words.get_vocab().items() if token[0] in "<[" and "loc_" not in token]
    with torch.no_grad():
        head.weight.normal_()
        head.weight[marks] = 0


def blip(folder: Path, pieces: Sequence[str] = PIECES) -> Path:
    torch.manual_seed(1)
    words = tokenizer(
        "[DEC]", "[ENC]", pieces=pieces, bos="[DEC]", eos="[SEP]", pad="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    text = {
        "vocab_size": len(words),
        "hidden_size": 32,
        "encoder_hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 128,
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "sep_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
        "projection_dim": 32,
    }
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision |= {"image_size": 32, "patch_size": 8}
    config = transformers.BlipConfig(text_config=text, vision_config=vision, projection_dim=32)
    model = transformers.BlipForConditionalGeneration(config)
    image_processor = transformers.BlipImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, model, words, transformers.BlipProcessor(image_processor, words))


def blip_2(folder: Path) -> Path:
    torch.manual_seed(2)
    words = tokenizer("<image>")
    text = {
        "model_type": "opt",
        "vocab_size": len(words),
        "hidden_size": 32,
        "ffn_dim": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "word_embed_proj_dim": 32,
        "max_position_embeddings": 256,
        "tie_word_embeddings": False,
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
    }
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision |= {"image_size": 32, "patch_size": 8}
    qformer = {"hidden_size": 32, "encoder_hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    qformer |= {"num_attention_heads": 2, "vocab_size": len(words), "cross_attention_frequency": 1}
    image_id = words.convert_tokens_to_ids("<image>")
    config = transformers.Blip2Config(
        text_config=text, vision_config=vision, qformer_config=qformer, num_query_tokens=4, image_token_index=image_id
    )
    model = transformers.Blip2ForConditionalGeneration(config)
    image_processor = transformers.BlipImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, model, words, transformers.Blip2Processor(image_processor, words, num_query_tokens=4))


CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }} {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% else %}{{ part['text'] }}{% endif %} {% endfor %}<|im_end|> {% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}"
)


def qwen2_5_vl(folder: Path) -> Path:
    torch.manual_seed(3)
    vision_tokens = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    words = tokenizer(*vision_tokens, "<|im_start|>", bos="<|endoftext|>", eos="<|im_end|>", pad="<|endoftext|>")
    words.chat_template = CHAT.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
    ids = {name: words.convert_tokens_to_ids(token) for name, token in zip("seiv", vision_tokens, strict=True)}
    text = {
        "vocab_size": len(words),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0},
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
    }
    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 32, "intermediate_size": 48, "num_heads": 2}
    vision |= {"patch_size": 14, "spatial_merge_size": 2, "window_size": 56, "fullatt_block_indexes": [1]}
    config = transformers.Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        vision_start_token_id=ids["s"],
        vision_end_token_id=ids["e"],
        image_token_id=ids["i"],
        video_token_id=ids["v"],
    )
    model = transformers.Qwen2_5_VLForConditionalGeneration(config)
    image_processor = transformers.Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 112 * 112})
    return save(folder, model, words, words, image_processor)


def smolvlm(folder: Path) -> Path:
    return _idefics_like(folder, transformers.SmolVLMConfig, transformers.SmolVLMForConditionalGeneration, "SmolVLM")


def idefics3(folder: Path) -> Path:
    return _idefics_like(folder, transformers.Idefics3Config, transformers.Idefics3ForConditionalGeneration, "Idefics3")


def _idefics_like(folder: Path, config_class: Any, model_class: Any, name: str) -> Path:
    torch.manual_seed(4)
    image_tokens = ("<image>", "<fake_token_around_image>", "<global-img>")
    places = [f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)]
    words = tokenizer(*image_tokens, *places, "<|im_start|>", "<|im_end|>", eos="<end_of_utterance>")
    text = {
        "model_type": "llama",
        "vocab_size": len(words),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 512,
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
    }
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision |= {"image_size": 32, "patch_size": 8}
    config = config_class(
        text_config=text,
        vision_config=vision,
        scale_factor=2,
        image_token_id=words.convert_tokens_to_ids("<image>"),
        pad_token_id=words.pad_token_id,
    )
    model = model_class(config)
    image_processor = getattr(transformers, f"{name}ImageProcessorPil")(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 32}
    )
    save(folder, model, words, words, image_processor)
    facts = {"processor_class": f"{name}Processor", "image_seq_len": 4}
    (folder / "processor_config.json").write_text(json.dumps(facts))
    (folder / "chat_template.jinja").write_text(CHAT.replace("IMAGE", "<image>"))
    return folder


def florence2(folder: Path) -> Path:
    torch.manual_seed(5)
    places = [f"<loc_{place}>" for place in range(1000)]
    words = tokenizer("<image>", *places, extra_special_tokens={"image_token": "<image>"})
    text = {
        "vocab_size": len(words),
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_ffn_dim": 48,
        "decoder_ffn_dim": 48,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "max_position_embeddings": 1100,
        "tie_word_embeddings": False,
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
        "decoder_start_token_id": words.eos_token_id,
        "forced_eos_token_id": words.eos_token_id,
    }
    stages = 4
    vision = {
        "embed_dim": [8, 8, 16, 16],
        "num_heads": [2] * stages,
        "num_groups": [2] * stages,
        "depths": [1] * stages,
        "window_size": 4,
        "projection_dim": 32,
    }
    config = transformers.Florence2Config(
        text_config=text,
        vision_config=vision,
        image_token_id=words.convert_tokens_to_ids("<image>"),
        tie_word_embeddings=False,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    model = transformers.Florence2ForConditionalGeneration(config)
    side = 64
    image_processor = transformers.CLIPImageProcessorPil(
        size={"height": side, "width": side}, do_center_crop=False, image_seq_length=(side // 32) ** 2 + 1
    )
    return save(folder, model, words, transformers.Florence2Processor(image_processor, words))


def clip(folder: Path) -> Path:
    torch.manual_seed(6)
    words = tokenizer()
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = tower | {"vocab_size": len(words), "max_position_embeddings": 32, "projection_dim": 16}
    text |= {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    vision = tower | {"image_size": 32, "patch_size": 8, "projection_dim": 16}
    model = transformers.CLIPModel(transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16))
    liven(model)
    size = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    transformers.CLIPImageProcessorPil(**size).save_pretrained(folder)
    return folder


def siglip(folder: Path) -> Path:
    torch.manual_seed(7)
    words = tokenizer()
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = tower | {"vocab_size": len(words), "max_position_embeddings": 32, "projection_size": 32}
    vision = tower | {"image_size": 32, "patch_size": 8}
    model = transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision))
    liven(model)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


DESCRIBERS: dict[str, Callable[[Path], Path]] = {
    "blip": blip,
    "blip-2": blip_2,
    "qwen2_5_vl": qwen2_5_vl,
    "smolvlm": smolvlm,
    "idefics3": idefics3,
    "florence2": florence2,
}
JUDGES: dict[str, Callable[[Path], Path]] = {"clip": clip, "siglip": siglip}
