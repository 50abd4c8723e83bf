"""Speak a script from an exported checkpoint (f32 compute), and record what was done.

    python speak.py --model MODEL --line 0 --greedy --record FOLDER

FOLDER gets trace.safetensors (input ids, generated ids, prompt codes, speech
codes, first-step logits), trace.json (text and settings) and the WAV: the
comparison values for other implementations.
"""
from __future__ import annotations

import argparse
import json
import os
import time

import numpy as np
import soundfile
import torch
import yaml
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from codec_model import Codec
from dialogues import head_text
from lm_model import CHANNELS, PAD_CODE, DialogueLM, delay, sampler, undelay
from speech import FRAME_SAMPLES, SAMPLE_RATE


def load_codec(folder):
    """An exported codec, from its files alone."""
    with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as handle:
        codec = Codec(yaml.safe_load(handle)["generator_params"]).eval()
    weights = load_file(os.path.join(folder, "model.safetensors"))
    codec.load_state_dict({k: v.bool() if k.endswith("inited") else v for k, v in weights.items()})
    return codec


class Voice:
    """An exported checkpoint, loaded from files alone."""

    def __init__(self, folder):
        self.codec = load_codec(os.path.join(folder, "codec"))
        with open(os.path.join(folder, "lm", "config.json"), encoding="utf-8") as handle:
            c = json.load(handle)
        self.tok = Tokenizer.from_file(os.path.join(folder, "lm", "tokenizer.json"))
        self.lm = DialogueLM(dict(
            hidden=c["hidden_size"], layers=c["num_hidden_layers"], heads=c["num_attention_heads"],
            kv_heads=c["num_key_value_heads"], head_dim=c["head_dim"], ffn=c["intermediate_size"],
            vocab_size=c["vocab_size"], pad_id=c["pad_token_id"], eos_id=c["eos_token_id"],
            speech_start=c["speech_token_range"][0], theta=c["rope_theta"])).eval()
        weights = load_file(os.path.join(folder, "lm", "model.safetensors"))
        weights.pop("model.language_model.embed_tokens.weight", None)
        self.lm.load_state_dict({k: v.float() for k, v in weights.items()})
        with open(os.path.join(folder, "lm", "generation_config.json"), encoding="utf-8") as handle:
            self.generation = json.load(handle)

    def prompt_ids(self, text, prompt_audio):
        """text with [S1]/[S2]; prompt audio (N,) at 16 kHz -> ids (T + 7, 8), codes."""
        text = text.replace("[S1]", "<speaker1>").replace("[S2]", "<speaker2>")
        head = torch.tensor(self.tok.encode(head_text(text)).ids)
        rows = torch.full((len(head), CHANNELS), PAD_CODE)
        rows[:, 0] = head
        usable = prompt_audio[:len(prompt_audio) // FRAME_SAMPLES * FRAME_SAMPLES]
        codes = self.codec.encode(torch.from_numpy(usable))
        speech = codes.T.clone()
        speech[:, 0] += self.lm.config["speech_start"]
        return delay(torch.cat([rows, speech]), self.lm.config["pad_id"]), codes

    def speak(self, text, prompt_audio, greedy=False, seed=1, max_new=1500):
        ids, prompt_codes = self.prompt_ids(text, prompt_audio)
        pick = None
        if not greedy:
            pick = sampler(self.generation["layers"], self.generation["do_samples"],
                           torch.Generator().manual_seed(seed))
        began = time.time()
        full = self.lm.generate(ids, max_new, pick)
        seconds = time.time() - began
        codes = undelay(full, ids.shape[0] - CHANNELS + 1, self.lm.config["speech_start"])
        codes = codes.clamp(min=0, max=self.codec.quantizer.quantizers[0].codebook.shape[0] - 1)
        audio = self.decode(codes)
        return dict(input_ids=ids, output_ids=full, prompt_codes=prompt_codes, codes=codes,
                    audio=audio, seconds=seconds)

    def decode(self, codes):
        """Plain windowed decoding: 30 s windows, 20 s kept of each."""
        pieces = []
        for begin in range(0, codes.shape[1], 250):
            window = codes[:, begin:begin + 375]
            pieces.append(self.codec.decode(window)[:250 * FRAME_SAMPLES])
        if not pieces:
            return np.zeros(0, np.float32)
        return torch.cat(pieces).numpy()[:codes.shape[1] * FRAME_SAMPLES]


def load_script(folder, number):
    with open(os.path.join(folder, "script.jsonl"), encoding="utf-8") as handle:
        item = json.loads(handle.readlines()[number])
    audio, text = [], ""
    for who in (1, 2):
        path = os.path.join(folder, item["base_path"], item[f"prompt_audio_speaker{who}"])
        audio.append(soundfile.read(path, dtype="float32")[0])
        text += f"[S{who}]" + item[f"prompt_text_speaker{who}"]
    return text + item["text"], np.concatenate(audio)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--model", required=True)
    ap.add_argument("--line", type=int, default=0)
    ap.add_argument("--greedy", action="store_true")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--record", required=True)
    ap.add_argument("--name", default="sample")
    ap.add_argument("--max-new", type=int, default=600)
    args = ap.parse_args()
    torch.set_num_threads(2)
    voice = Voice(args.model)
    text, audio = load_script(args.model, args.line)
    made = voice.speak(text, audio, args.greedy, args.seed, args.max_new)
    os.makedirs(args.record, exist_ok=True)
    stem = os.path.join(args.record, args.name)
    soundfile.write(stem + ".wav", made["audio"], SAMPLE_RATE, subtype="PCM_16")
    with torch.no_grad():
        hidden = voice.lm.hidden(made["input_ids"][None, :-(CHANNELS - 1)])[0, -1]
        logits = {f"first_logits_{c}": voice.lm.logits(hidden, c) for c in range(CHANNELS)}
    save_file(dict(input_ids=made["input_ids"].contiguous(),
                   output_ids=made["output_ids"].contiguous(),
                   prompt_codes=made["prompt_codes"].contiguous(),
                   codes=made["codes"].contiguous(),
                   audio=torch.from_numpy(made["audio"]),
                   **{k: v.contiguous() for k, v in logits.items()}), stem + ".safetensors")
    with open(stem + ".json", "w", encoding="utf-8") as handle:
        json.dump(dict(text=text, greedy=args.greedy, seed=args.seed, max_new_tokens=args.max_new,
                       prompt_frames=made["prompt_codes"].shape[1],
                       generated_frames=made["codes"].shape[1],
                       compute="float32 on the stored bf16/f32 weights",
                       decode="plain (no prompt in front), 30 s windows"),
                  handle, indent=2, ensure_ascii=False)
        handle.write("\n")
    print(f"{made['codes'].shape[1] / 12.5:.1f} s of speech, language model took "
          f"{made['seconds']:.1f} s")


if __name__ == "__main__":
    main()
