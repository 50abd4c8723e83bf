"""Beside stage 8: an ear for the teachers' Mandarin, since no package has one that understands espeak-ng.

    python ear.py --preset cpu --work WORK

Small and trained by us on random syllables of the vocabulary, so that it hears sounds and cannot guess words; on other
variants of the voice than the model speaks with beside those, each also as the codec gives it back. It writes syllables
without tones. Connectionist temporal classification: Graves et al., 2006. Makes WORK/ear.pt and says what share of the
syllables it hears right in speech that it was not trained on.
"""
from __future__ import annotations

import os
import random
import tempfile

import torch
from pypinyin import lazy_pinyin
from torch import nn

import stage
from codec_mel import LogMel
from corpus import render
from domain import ZH_SLOTS, ZH_TEMPLATES, ZH_WORDS, is_chinese
from listening import edits
from train_codec import build

VOICES = [(variant, warp) for variant in ("m3", "f2") for warp in (0.97, 1.0, 1.03)] + [
    (variant, 1.0) for variant in ("m1", "m5", "m7", "f1", "f4")]
SENTENCES, TESTED = 130, 12  # a voice


def syllables(text):
    """Of the Chinese characters of a text, without tones."""
    return lazy_pinyin("".join(ch for ch in text if is_chinese(ch)))


def _words():
    words = ZH_WORDS + [word for slot in ZH_SLOTS.values() for word in slot]
    characters = sorted({ch for ch in "".join(words + [t for _, t in ZH_TEMPLATES]) if is_chinese(ch)})
    return words + characters


LOGMEL = LogMel()


def heard_features(audio):
    """(N,) at 16 kHz -> (frames, 80), without the level and the colour of the whole"""
    mel = LOGMEL(audio[None])[0].T
    return (mel - mel.mean(0)) / 0.3


class Ear(nn.Module):
    def __init__(self, names, width=128):
        super().__init__()
        self.names = list(names)
        self.near = nn.Sequential(nn.Conv1d(80, width, 5, stride=2, padding=2), nn.GELU(),
                                  nn.Conv1d(width, width, 5, padding=2), nn.GELU())
        self.wide = nn.GRU(width, width, 2, batch_first=True, bidirectional=True, dropout=0.1)
        self.out = nn.Linear(2 * width, len(self.names) + 1)  # 0: nothing new

    def forward(self, features):
        near = self.near(features.transpose(1, 2)).transpose(1, 2)
        return self.out(self.wide(near)[0]).log_softmax(-1)

    @torch.no_grad()
    def read(self, features):
        """(frames, 80) -> syllables"""
        runs = torch.unique_consecutive(self(features[None])[0].argmax(-1))
        return [self.names[at - 1] for at in runs.tolist() if at]

    def hear(self, audio):
        """(N,) float32 at 16 kHz -> syllables"""
        return self.read(heard_features(torch.from_numpy(audio)))


def load_ear(work):
    state = stage.checkpoint_of("ear", work, "ear.pt")
    ear = Ear(state["names"])
    ear.load_state_dict(state["weights"])
    return ear.eval()


def lessons(args):
    """[(features, syllables)] to learn from and to be asked, the latter as spoken and as the codec gives it back."""
    rng, words, codec = random.Random(7), _words(), build(args)
    learnt, asked = [], {"spoken": [], "through the codec": []}
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for variant, warp in VOICES:
            for number in range(SENTENCES):
                text = "".join(rng.choice(words) for _ in range(rng.randint(1, 5)))
                audio, _ = render("espeak", variant, warp, text + "。", rng.uniform(0.94, 1.06),
                                  os.path.join(folder, "a.wav"))
                audio = torch.from_numpy(audio)
                copied, said = codec.decode(codec.encode(audio)), syllables(text)
                pair = [(heard_features(audio), said), (heard_features(copied), said)]
                if number < TESTED:
                    asked["spoken"].append(pair[0])
                    asked["through the codec"].append(pair[1])
                else:
                    learnt += pair
    return learnt, asked


def batch(lessons, rng, ear, rows=16):
    """Two or three sentences a row, at changed levels of the bands, with noise: features, targets, lengths of both."""
    features, targets = [], []
    for _ in range(rows):
        picked = [rng.choice(lessons) for _ in range(rng.randint(1, 3))]
        row = torch.cat([part for part, _ in picked])
        row = row + 0.25 * torch.randn(80) + rng.uniform(0, 0.3) * torch.randn_like(row)
        features.append(row)
        targets.append([ear.names.index(name) + 1 for _, names in picked for name in names])
    steps = torch.tensor([(len(row) + 1) // 2 for row in features])
    padded = nn.utils.rnn.pad_sequence(features, batch_first=True)
    flat = torch.tensor([at for target in targets for at in target])
    return padded, flat, steps, torch.tensor([len(target) for target in targets])


def main():
    args = stage.arguments(__doc__, steps=1000)
    torch.manual_seed(7)
    learnt, asked = lessons(args)
    ear = Ear(sorted({syllable for _, said in learnt for syllable in said}))
    print(f"{len(learnt)} lessons, {len(ear.names)} syllables", flush=True)
    rng, opt = random.Random(11), torch.optim.AdamW(ear.parameters(), lr=2e-3)
    for step in range(args.steps):
        ear.train()
        for group in opt.param_groups:
            group["lr"] = 2e-3 * stage.schedule(step, 0, 1, 50, args.steps)
        features, target, steps, lengths = batch(learnt, rng, ear)
        loss = nn.functional.ctc_loss(ear(features).transpose(0, 1), target, steps, lengths, zero_infinity=True)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(ear.parameters(), 1.0)
        opt.step()
        if step % 50 == 49:
            print(f"step {step + 1} loss {loss.item():.3f}", flush=True)
    stage.save_checkpoint(dict(names=ear.names, weights=ear.state_dict()), os.path.join(args.work, "ear.pt"))
    ear.eval()
    for name, pairs in asked.items():
        wrong = sum(min(len(said), edits(said, ear.read(features))) for features, said in pairs)
        print(f"{name}: {1 - wrong / sum(len(said) for _, said in pairs):.3f} of the syllables")


if __name__ == "__main__":
    main()
