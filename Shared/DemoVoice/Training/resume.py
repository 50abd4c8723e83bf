"""Fills an empty work folder from a model that was exported, to train on from there.

    python resume.py --preset cpu --work WORK --model ../Model --projection projection.safetensors

The weights come from MODEL: the language model rounded to bf16 once, the codec as it is stored. Optimisers begin anew.
The codebooks are in the codec; the projection in front of them is in no file of the published form, so the export
writes it apart (`--projection`). Another one would give codes that belong to no weight of the model.
"""
from __future__ import annotations

import json
import os
import shutil

from safetensors.torch import load_file
from tokenizers import Tokenizer

import stage
from codes import Analytic
from train_codec import PARTS
from train_lm import lm_config


def language_model(folder, preset):
    """The checkpoint of the stage `lm`; refuses weights of another size than the preset's."""
    config = lm_config(preset, Tokenizer.from_file(os.path.join(folder, "tokenizer.json")))
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as handle:
        stored = json.load(handle)
    sizes = dict(hidden="hidden_size", layers="num_hidden_layers", heads="num_attention_heads",
                 kv_heads="num_key_value_heads", head_dim="head_dim", ffn="intermediate_size")
    for ours, theirs in sizes.items():
        if config[ours] != stored[theirs]:
            raise SystemExit(f"{folder} has {theirs} {stored[theirs]}, the preset {config[ours]}: take its own preset")
    weights = {name: tensor.float() for name, tensor in load_file(os.path.join(folder, "model.safetensors")).items()}
    del weights["model.language_model.embed_tokens.weight"]  # a copy that the published form asks for
    return dict(model=weights, config=config, step=0, tokens=0, spent=0.0)


def codec_part(tensors, part):
    kept = {name: tensor.float() for name, tensor in tensors.items() if name.startswith(PARTS[part])}
    return dict(codec=kept, step=0, spent=0.0)


def codes(projection, tensors, preset):
    """The checkpoint of the stage `codes`: its projection, and the codebooks of the codec."""
    spec = preset["codec"]["params"]["quantizer_kwargs"]
    shape = (spec["rvq_dim"], spec["num_quantizers"], spec["codebook_size"])
    state = Analytic(*shape).state_dict()
    for name, value in state.items():
        stored = projection.get(name)
        if stored is None:
            stored = tensors[name.replace("books.", "quantizer.quantizers.")]
        if stored.shape != value.shape:
            raise SystemExit(f"{name} is {tuple(stored.shape)}, the preset's {tuple(value.shape)}: take its own preset")
        state[name] = stored.to(value.dtype)
    return dict(shape=shape, state=state)


def main():
    args = stage.arguments(__doc__, model="../Model", projection="projection.safetensors")
    if os.path.exists(os.path.join(args.work, "lm.pt")):
        raise SystemExit(f"{args.work} has a language model already: name an empty work folder")
    os.makedirs(args.work, exist_ok=True)
    lm = language_model(os.path.join(args.model, "lm"), args.config)
    tensors = load_file(os.path.join(args.model, "codec", "model.safetensors"))
    stage.save_checkpoint(codes(load_file(args.projection), tensors, args.config), os.path.join(args.work, "rvq.pt"))
    for part in ("enc", "joint"):
        stage.save_checkpoint(codec_part(tensors, part), os.path.join(args.work, f"codec-{part}.pt"))
    shutil.copyfile(os.path.join(args.model, "lm", "tokenizer.json"), os.path.join(args.work, "tokenizer.json"))
    stage.save_checkpoint(lm, os.path.join(args.work, "lm.pt"))
    print(f"{args.work} is ready: next corpus, codes, then lm or codec")


if __name__ == "__main__":
    main()
