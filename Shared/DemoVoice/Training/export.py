"""Stage 6: write the model in the published form, as `Shared/DemoVoice/Model` holds it.

    python export.py --preset cpu --work WORK --to MODEL

MODEL/lm        config.json, generation_config.json, tokenizer files, model.safetensors (bf16)
MODEL/codec     config.yaml, model.safetensors (as the preset stores it, the codebooks in f32)
MODEL/prompts   a WAV a speaker (16 kHz), prompts.json
MODEL/script.jsonl

WORK/model-card.md gets the tables of MODEL_CARD.md: files with their SHA-256, sizes, speakers. WORK/projection.safetensors
is what `resume.py` needs beside the model, WORK/reference.safetensors what PyTorch makes of it, for the tests of others.
"""
from __future__ import annotations

import hashlib
import json
import os

import numpy as np
import soundfile
import torch
import yaml
from safetensors.torch import save_file
from tokenizers import Tokenizer

import domain
import stage
from codes import load_analytic
from lm_model import PAD_CODE
from speak import load_codec
from speech import SAMPLE_RATE, Corpus
from tokenizer import HEAD, SPEECH_TOKENS, TAIL
from train_codec import build
from train_lm import load_lm

# demo voices: (file, speaker of the corpus, language)
VOICES = (("anna", "slt-100", "en"), ("david", "rms-100", "en"), ("wei", "cmn-m3-100", "zh"),
          ("mei", "cmn-f2-100", "zh"))
PROMPT_SECONDS = (4.0, 5.5)
REFERENCE_FRAMES = 20

SCRIPT_EN = ("[S1]Hello, welcome to the show."
             "[S2]Thank you, it is good to be here."
             "[S1]Today we talk about music."
             "[S2]I really like music.")
SCRIPT_ZH = "[S1]你好，欢迎来到节目。[S2]谢谢你。[S1]你喜欢音乐吗？[S2]我喜欢音乐。"


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as handle:
        json.dump(value, handle, indent=2, ensure_ascii=False)
        handle.write("\n")


def export_lm(model, tok, folder, sampling):
    os.makedirs(folder, exist_ok=True)
    c = model.config
    config = {
        "architectures": ["AsteroidTTSInstruct"], "attention_bias": False,
        "attention_dropout": 0.0, "bos_token_id": c["pad_id"], "channels": 8,
        "eos_token_id": c["eos_id"], "head_dim": c["head_dim"], "hidden_act": "silu",
        "hidden_size": c["hidden"], "initializer_range": 0.02, "intermediate_size": c["ffn"],
        "max_position_embeddings": 8192, "max_window_layers": c["layers"], "model_type": "qwen3",
        "num_attention_heads": c["heads"], "num_hidden_layers": c["layers"],
        "num_key_value_heads": c["kv_heads"], "pad_token_id": c["pad_id"], "rms_norm_eps": 1e-6,
        "rope_scaling": None, "rope_theta": c["theta"], "sliding_window": None,
        "speech_pad_token": PAD_CODE,
        "speech_token_range": [c["speech_start"], c["speech_start"] + SPEECH_TOKENS],
        "speech_vocab_size": PAD_CODE + 1, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
        "transformers_version": "4.57.3", "use_cache": True, "use_sliding_window": False,
        "vocab_size": c["vocab_size"]}
    write_json(os.path.join(folder, "config.json"), config)
    write_json(os.path.join(folder, "generation_config.json"), dict(
        bos_token_id=c["pad_id"], do_sample=True, do_samples=sampling["do_samples"],
        eos_token_id=c["eos_id"], layers=sampling["layers"], max_new_tokens=1500,
        pad_token_id=c["pad_id"], transformers_version="4.57.3"))
    tensors = {}
    for name, value in model.state_dict().items():
        tensors[name] = value.to(torch.bfloat16).contiguous().cpu().clone()
    # the body's own (unused) token table, which the published checkpoint class also has
    tensors["model.language_model.embed_tokens.weight"] = tensors[
        "model.embedding_list.0.weight"].clone()
    path = os.path.join(folder, "model.safetensors")
    save_file(tensors, path, metadata={"format": "pt"})
    os.chmod(path, 0o644)

    tok.save(os.path.join(folder, "tokenizer.json"))
    stored = json.loads(tok.to_str())
    write_json(os.path.join(folder, "vocab.json"), stored["model"]["vocab"])
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as handle:
        handle.write("#version: 0.2\n")
        for merge in stored["model"]["merges"]:
            handle.write((merge if isinstance(merge, str) else " ".join(merge)) + "\n")
    added = {str(t["id"]): {k: t[k] for k in ("content", "lstrip", "normalized", "rstrip",
                                              "single_word", "special")}
             for t in stored["added_tokens"]}
    write_json(os.path.join(folder, "tokenizer_config.json"), dict(
        add_bos_token=False, add_prefix_space=False, added_tokens_decoder=added,
        additional_special_tokens=HEAD[1:] + TAIL, bos_token=None,
        clean_up_tokenization_spaces=False, eos_token="<|endoftext|>", errors="replace",
        model_max_length=8192, pad_token="<|endoftext|>", split_special_tokens=False,
        tokenizer_class="Qwen2Tokenizer", unk_token=None))
    write_json(os.path.join(folder, "special_tokens_map.json"), dict(
        additional_special_tokens=HEAD[1:] + TAIL, eos_token="<|endoftext|>",
        pad_token="<|endoftext|>"))


def export_codec(codec, params, folder, dtype):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as handle:
        yaml.safe_dump({"generator_params": params}, handle, sort_keys=False)
    # the codebooks stay as they are: the codes are defined by them
    tensors = {k: (v.to(dtype) if v.is_floating_point() and ".quantizers." not in k else v).detach().contiguous().cpu()
               .clone() for k, v in codec.state_dict().items()}
    tensors = {k: v.to(torch.uint8) if v.dtype == torch.bool else v for k, v in tensors.items()}
    path = os.path.join(folder, "model.safetensors")
    save_file(tensors, path)
    os.chmod(path, 0o644)


def prompt_sentences(corpus, speaker):
    """Different sentences of the grammar, 4 to 5.5 s together -> audio, texts"""
    audio, texts, samples = [], [], 0
    for index, line in enumerate(corpus.lines[speaker]):
        # the first five are left to other uses, so that a prompt stays what it was
        if index < 5 or line["text"] in texts or not domain.from_template(line["text"]):
            continue
        if samples + line["length"] <= PROMPT_SECONDS[1] * SAMPLE_RATE:
            audio.append(corpus.sentence(speaker, index))
            texts.append(line["text"])
            samples += line["length"]
        if samples >= PROMPT_SECONDS[0] * SAMPLE_RATE:
            return np.concatenate(audio), texts
    raise SystemExit(f"{speaker} has too few sentences for a prompt: raise corpus.sentences")


def export_prompts(corpus, folder):
    os.makedirs(folder, exist_ok=True)
    listed = []
    for label, speaker, language in VOICES:
        if speaker not in corpus.audio:
            continue
        audio, texts = prompt_sentences(corpus, speaker)
        soundfile.write(os.path.join(folder, label + ".wav"), audio, SAMPLE_RATE, subtype="PCM_16")
        listed.append(dict(voice=label, file=label + ".wav", language=language,
                           text=("" if language == "zh" else " ").join(texts)))
    write_json(os.path.join(folder, "prompts.json"), listed)
    return {prompt["voice"]: prompt for prompt in listed}


def export_scripts(prompts, folder):
    with open(os.path.join(folder, "script.jsonl"), "w", encoding="utf-8") as handle:
        for first, second, text in (("anna", "david", SCRIPT_EN), ("wei", "mei", SCRIPT_ZH)):
            if first in prompts and second in prompts:
                row = dict(base_path="prompts", text=text)
                for number, voice in ((1, first), (2, second)):
                    row[f"prompt_audio_speaker{number}"] = prompts[voice]["file"]
                    row[f"prompt_text_speaker{number}"] = prompts[voice]["text"]
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")


SAMPLING = dict(
    do_samples=[True] * 8,
    # so small a model has to be held to what it is sure of: at 0.7 it says fewer of the words and ends early more often
    layers=[dict(repetition_penalty=1.0, temperature=0.05, top_k=20, top_p=0.8) for _ in range(8)])


def reference(folder, path):
    """What the exported codec makes of a prompt: its codes (8, frames), and the sound (samples,) of the first of them."""
    prompt, _ = soundfile.read(os.path.join(folder, "prompts", VOICES[0][0] + ".wav"), dtype="float32")
    codec = load_codec(os.path.join(folder, "codec"))
    codes = codec.encode(torch.from_numpy(prompt))  # of whole frames, as all sentences of the corpus are
    part = codes[:, :REFERENCE_FRAMES].contiguous()
    save_file(dict(prompt_codes=codes.contiguous(), codes=part, audio=codec.decode(part).contiguous()), path)


def sha256(path):
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def card(model, params, folder):
    """The tables of MODEL_CARD.md that the files decide."""
    c = model.config
    paths = [os.path.join(base, name) for base, _, names in os.walk(folder) for name in names]
    total = sum(map(os.path.getsize, paths))
    lines = [f"`Model/` takes {total / 1e6:.1f} MB.", "", "| file | bytes | SHA-256 |", "| --- | --- | --- |"]
    for part in ("lm", "codec"):
        path = os.path.join(folder, part, "model.safetensors")
        lines.append(f"| `Model/{part}/model.safetensors` | {os.path.getsize(path):,} | `{sha256(path)}` |")
    quantizer, vocos = params["quantizer_kwargs"], params["vocos_kwargs"]
    weights = sum(p.numel() for p in model.parameters()) / 1e6
    lines += [
        "", "| part | what it is |", "| --- | --- |",
        f"| language model | {c['layers']} layers of width {c['hidden']}, {c['heads']} heads of {c['head_dim']}, "
        f"{weights:.1f} million parameters in bf16; {c['vocab_size']:,} ids in channel 0 |",
        f"| codec | encoders {params['acoustic_encoder_kwargs']['d_model']} wide, decoder "
        f"{params['acoustic_decoder_kwargs']['d_model']} wide, Vocos head {vocos['dim']} wide in "
        f"{vocos['num_layers']} layers |",
        f"| codes | {quantizer['num_quantizers']} codebooks of {quantizer['codebook_size']} codes |",
        "", "| name | language | teacher | prompt |", "| --- | --- | --- | --- |"]
    for label, speaker, language in VOICES:
        path = os.path.join(folder, "prompts", label + ".wav")
        if os.path.exists(path):
            lines.append(f"| {label} | {language} | {speaker} | {soundfile.info(path).duration:.1f} s |")
    return "\n".join(lines) + "\n"


def main():
    args = stage.arguments(__doc__, to="export")
    args.device = torch.device("cpu")
    params = args.config["codec"]["params"]
    codec, model = build(args).eval(), load_lm(args.work, args.device)
    tok = Tokenizer.from_file(os.path.join(args.work, "tokenizer.json"))
    prompts = export_prompts(Corpus(args.work), os.path.join(args.to, "prompts"))
    export_scripts(prompts, args.to)
    export_lm(model, tok, os.path.join(args.to, "lm"), SAMPLING)
    export_codec(codec, params, os.path.join(args.to, "codec"), getattr(torch, args.config["codec"]["store"]))
    fitted = load_analytic(args.work, "cpu")
    save_file(dict(mean=fitted.mean, basis=fitted.basis), os.path.join(args.work, "projection.safetensors"))
    reference(args.to, os.path.join(args.work, "reference.safetensors"))
    text = card(model, params, args.to)
    with open(os.path.join(args.work, "model-card.md"), "w", encoding="utf-8") as handle:
        handle.write(text)
    print(text, end="")


if __name__ == "__main__":
    main()
