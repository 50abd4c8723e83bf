"""Stage 1: speak the text domain with the teacher voices.

    python corpus.py --preset cpu --work WORK

Teachers: flite (voices slt, rms, awb, kal16; English) and espeak-ng
(Mandarin from pinyin).  Writes WORK/corpus/<speaker>.npy (int16 audio at
16 kHz, sentences one after the other, each padded to whole 80 ms code
frames) and WORK/corpus/<speaker>.jsonl (text, sample range, phone ends).
A speaker that is already there is left alone, so the stage can be resumed.
"""
from __future__ import annotations

import glob
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from fractions import Fraction
from multiprocessing import Pool

import numpy as np
import soundfile
from scipy.signal import resample_poly

import stage
from align import Aligner
from domain import Domain, words_of
from speech import FRAME_SAMPLES, SAMPLE_RATE, read_lines


def speak_flite(voice, text, stretch, path):
    done = subprocess.run(
        ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={stretch:.4f}",
         "-t", text, "-o", path], check=True, capture_output=True, text=True)
    return [(p, float(t)) for p, t in re.findall(r"([a-z]+):([0-9.]+)", done.stdout)]


def speak_espeak(variant, text, stretch, path):
    from pypinyin import Style, lazy_pinyin
    marks = {"，": ",", "。": ".", "？": "?"}
    parts = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True,
                        errors=lambda run: [marks.get(ch, ch) for ch in run])
    subprocess.run(
        ["espeak-ng", "-v", f"cmn-latn-pinyin+{variant}", "-s", str(int(round(165 / stretch))),
         "-w", path, " ".join(parts)], check=True, capture_output=True)
    return []


def render(engine, voice, warp, text, rate_jitter, path):
    """One sentence as float audio at 16 kHz and its phone end times."""
    stretch = warp * rate_jitter
    phones = (speak_flite if engine == "flite" else speak_espeak)(voice, text, stretch, path)
    audio, rate = soundfile.read(path, dtype="float32")
    ratio = Fraction(SAMPLE_RATE / (rate * warp)).limit_denominator(200)
    if ratio != 1:
        audio = resample_poly(audio, ratio.numerator, ratio.denominator).astype(np.float32)
    phones = [(p, t / warp) for p, t in phones]
    level = np.sqrt(np.convolve(audio ** 2, np.ones(400) / 400, "same"))
    loud = np.flatnonzero(level > 0.02 * level.max())
    begin = max(0, int(loud[0]) - int(0.05 * SAMPLE_RATE))
    end = min(len(audio), int(loud[-1]) + int(0.10 * SAMPLE_RATE))
    audio = audio[begin:end]
    phones = [(p, max(0.0, t - begin / SAMPLE_RATE)) for p, t in phones]
    audio = audio * (0.06 / (np.sqrt(np.mean(audio ** 2)) + 1e-9))
    peak = np.abs(audio).max()
    if peak > 0.95:
        audio = audio * (0.95 / peak)
    pad = -len(audio) % FRAME_SAMPLES
    return np.concatenate([audio, np.zeros(pad, np.float32)]), phones


def make_speaker(job):
    speaker, count, preset, out, held_out = job
    name, engine, voice, warp = speaker
    done = os.path.join(out, name + ".jsonl")
    if os.path.exists(done):
        return name, 0.0
    part, language = name.partition(".")[2], "zh" if engine == "espeak" else "en"
    count, salad, jitter = preset["parts"].get(part, (count, preset["salad"], 0.03))
    domain = Domain(preset["grammar"], salad)
    rng = random.Random(f"{preset['seed']}-{name}")
    audio, lines, at, seen = [], [], 0, set(held_out)
    with tempfile.TemporaryDirectory() as tmp:
        wav = os.path.join(tmp, "a.wav")
        for _ in range(count):
            text = domain.sentence(rng, language)
            for _ in range(40 if part else 4):
                if text not in seen:
                    break
                text = domain.sentence(rng, language)
            if text in held_out:
                continue
            seen.add(text)
            samples, phones = render(engine, voice, warp, text, rng.uniform(1 - jitter, 1 + jitter), wav)
            audio.append((samples * 32767).astype(np.int16))
            lines.append(dict(text=text, lang=language, start=at, length=len(samples),
                              phones=[[p, round(t, 3)] for p, t in phones]))
            at += len(samples)
    np.save(os.path.join(out, name + ".npy"), np.concatenate(audio))
    with stage.whole_file(done) as path, open(path, "w", encoding="utf-8") as handle:
        for line in lines:
            handle.write(json.dumps(line, ensure_ascii=False) + "\n")
    return name, at / SAMPLE_RATE


def held_out_texts():
    """Sentences of the tests and of the published figures: no speech made for training may hold them."""
    with open(os.path.join(os.path.dirname(__file__), "held-out.txt"), encoding="utf-8") as handle:
        return set(handle.read().splitlines())


def main():
    args = stage.arguments(__doc__)
    preset, corpus = args.config, args.config["corpus"]
    missing = [tool for tool in ("flite", "espeak-ng") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"the teachers {', '.join(missing)} are not installed: apt-get install {' '.join(missing)}")
    out = os.path.join(args.work, "corpus")
    os.makedirs(out, exist_ok=True)
    reserved = held_out_texts()
    jobs = [(speaker, corpus["sentences"], corpus, out, reserved) for speaker in preset["speakers"]]
    jobs += [(speaker, corpus["heldout_sentences"], corpus, out, reserved) for speaker in preset["heldout"]]
    total = 0.0
    with Pool(corpus["workers"]) as pool:
        for name, seconds in pool.imap_unordered(make_speaker, jobs):
            total += seconds
            made = f"{seconds / 60:.1f} min" if seconds else "already there"
            print(f"{name}: {made} (new: {total / 3600:.2f} h)", flush=True)
    words = set()
    for path in glob.glob(os.path.join(out, "*.jsonl")):
        words.update(word for line in read_lines(path) for word in words_of(line["text"]))
    Aligner(args.work).fill(words)


if __name__ == "__main__":
    main()
