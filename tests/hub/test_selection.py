"""Of a repository's files those are taken that are needed, once, and none that runs code."""

from __future__ import annotations

from semcodec.hub.selection import select_files

SMALL = ["config.json", "tokenizer.json", "tokenizer_config.json", "merges.txt", "spiece.model", "chat_template.jinja"]


def test_a_model_is_its_weights_and_its_small_files():
    extra = [".gitattributes", "README.md", "pytorch_model.bin", "tf_model.h5", "onnx/model.onnx", "modeling_x.py"]
    chosen = select_files([*SMALL, *extra, "model.safetensors"])
    assert set(chosen.names) == {*SMALL, "model.safetensors"}
    assert chosen.has_pickles
    assert chosen.has_code


def test_python_comes_along_only_where_it_is_trusted():
    names = ["config.json", "model.safetensors", "modeling_x.py"]
    assert "modeling_x.py" not in select_files(names).names
    assert "modeling_x.py" in select_files(names, trust_remote_code=True).names


def test_pickles_never_come_along():
    names = ["config.json", "pytorch_model.bin", "model.ckpt"]
    chosen = select_files(names, trust_remote_code=True)
    assert chosen.names == ("config.json",)
    assert not chosen.has_weights


def test_shards_that_an_index_names_win_over_copies():
    shards = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    names = ["config.json", "model.safetensors.index.json", *shards, "consolidated.safetensors", "model.safetensors"]
    assert set(select_files(names).names) == {"config.json", "model.safetensors.index.json", *shards}


PIPELINE = ["model_index.json", "unet/config.json", "vae/config.json", "scheduler/scheduler_config.json"]
PLAIN = ["unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors"]
HALF = ["unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors"]


def test_a_pipeline_leaves_the_copies_at_its_top():
    chosen = select_files([*PIPELINE, *PLAIN, "sd_turbo.safetensors"])
    assert set(chosen.names) == {*PIPELINE, *PLAIN}
    assert chosen.variant is None


def test_one_variant_of_a_pipeline_is_fetched_by_what_is_wanted():
    other = ["unet/diffusion_pytorch_model.non_ema.safetensors"]
    everything = [*PIPELINE, *PLAIN, *HALF, *other]
    assert set(select_files(everything).names) == {*PIPELINE, *PLAIN}
    chosen = select_files(everything, half=True)
    assert set(chosen.names) == {*PIPELINE, *HALF}
    assert chosen.variant == "fp16"


def test_a_variant_that_not_all_folders_have_is_not_taken():
    chosen = select_files([*PIPELINE, *PLAIN, HALF[0]], half=True)
    assert (set(chosen.names), chosen.variant) == ({*PIPELINE, *PLAIN}, None)


def test_half_weights_are_taken_where_there_are_no_others():
    chosen = select_files([*PIPELINE, *HALF])
    assert (set(chosen.names), chosen.variant) == ({*PIPELINE, *HALF}, "fp16")


def test_sharded_variants_are_read_in_both_spellings():
    early = ["text/model.fp16-00001-of-00002.safetensors", "text/model.fp16-00002-of-00002.safetensors"]
    late = ["text/model-00001-of-00002.fp16.safetensors", "text/model-00002-of-00002.fp16.safetensors"]
    for shards in (early, late):
        chosen = select_files(["model_index.json", "text/model.safetensors", *shards], half=True)
        assert set(chosen.names) == {"model_index.json", *shards}
