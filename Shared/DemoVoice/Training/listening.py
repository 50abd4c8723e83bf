"""What a listener would say: which words were spoken, and in whose voice."""
from __future__ import annotations

import os
import tempfile

import numpy as np
import torch
from pocketsphinx import Decoder


def recogniser(vocabulary):
    """Flat unigrams over a vocabulary -> hear(audio) -> words, and the words that it can know.

    pocketsphinx with its own English model. Equal probabilities: it gets no help from the sentence."""
    probe = Decoder(lm=None, loglevel="FATAL")
    known = [w for w in vocabulary if probe.lookup_word(w)]
    share = np.log10(0.95 / len(known))
    with tempfile.NamedTemporaryFile("w", suffix=".arpa", delete=False) as handle:
        handle.write(f"\\data\\\nngram 1={len(known) + 2}\n\n\\1-grams:\n-99 <s>\n"
                     f"{np.log10(0.05):.4f} </s>\n")
        handle.writelines(f"{share:.4f} {w}\n" for w in known)
        handle.write("\n\\end\\\n")
    decoder = Decoder(lm=handle.name, loglevel="FATAL")
    os.remove(handle.name)

    def hear(audio):
        pcm = (np.clip(audio, -1, 1) * 32767).astype(np.int16).tobytes()
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return [w.split("(")[0] for w in found.hypstr.split()] if found else []

    return hear, set(known)


def edits(a, b):
    """Fewest words to insert, delete or change."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


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
