"""The corpus as it lies in the work folder: int16 audio at 16 kHz and the list of its sentences."""
from __future__ import annotations

import glob
import json
import os

import numpy as np

SAMPLE_RATE = 16000
FRAME_SAMPLES = 1280  # 80 ms, one code of each codebook
SYSTEM_PROMPT = ("You are a speech synthesizer that generates natural, realistic, and human-like "
                 "conversational audio from dialogue text.")


def read_lines(path):
    with open(path, encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def voice_of(name):
    """`slt-100.b@1` (a part, at another offset to the frame grid) -> `slt-100`."""
    return name.split("@")[0].split(".")[0]


class Corpus:
    """Memory-mapped audio and sentence lists, one entry a part of a speaker."""

    def __init__(self, work, names=None):
        self.audio, self.lines = {}, {}
        folder = os.path.join(work, "corpus")
        for path in sorted(glob.glob(os.path.join(folder, "*.jsonl"))):
            name = os.path.basename(path)[:-len(".jsonl")]
            if names is not None and name not in names:
                continue
            self.lines[name] = read_lines(path)
            self.audio[name] = np.load(os.path.join(folder, name + ".npy"), mmap_mode="r")
        if not self.audio:
            raise SystemExit(f"{folder} holds no speech: run the stage `corpus` first")
        self.names = sorted(self.audio)

    def sentence(self, name, index):
        """(samples,) float32 in -1...1"""
        line = self.lines[name][index]
        clip = self.audio[name][line["start"]:line["start"] + line["length"]]
        return clip.astype(np.float32) / 32767.0
