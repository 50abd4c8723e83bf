"""A held-out set: dialogues of sentences that no corpus has, in teachers' voices, as JSONL with prompts."""
from __future__ import annotations

import json
import os
import random
import tempfile

import numpy as np
import soundfile

import stage
from corpus import held_out_texts, render
from domain import Domain, is_chinese
from speech import SAMPLE_RATE

PROMPT_SECONDS = 4.0
VOICE_CLIPS = 4  # longer speech of each voice, to tell it by


class HeldOutSet:
    """`FOLDER/dialogues.jsonl` for `colloquy speak --jsonl`, and in `FOLDER/truth.json` what its scoring needs.

    Made once for a folder; the same seed makes the same set wherever the teachers are the same, whatever the corpus.
    """

    def __init__(self, folder):
        self.folder = folder
        self.script = os.path.join(folder, "dialogues.jsonl")
        with open(os.path.join(folder, "truth.json"), encoding="utf-8") as handle:
            stored = json.load(handle)
        self.dialogues, self.voices = stored["dialogues"], stored["voices"]

    def audio(self, file):
        """(samples,) float32 at 16 kHz"""
        return soundfile.read(os.path.join(self.folder, file), dtype="float32")[0]


def make(folder, preset, count, seed, language="en", salad=0.0):
    """`count` dialogues of 4 to 8 turns: two of three by trained voices, the third by voices never heard.

    Of sentences of the grammar that are held out of every corpus (held-out.txt), and a share `salad` of words in no order,
    of which the shortest may be in a corpus."""
    truth = os.path.join(folder, "truth.json")
    if os.path.exists(truth):
        return HeldOutSet(folder)
    os.makedirs(folder, exist_ok=True)
    maker = _Maker(folder, preset, seed, language, salad)
    rows, dialogues = [], []
    for number in range(count):
        row, dialogue = maker.dialogue(number)
        rows.append(row)
        dialogues.append(dialogue)
    with open(os.path.join(folder, "dialogues.jsonl"), "w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with stage.whole_file(truth) as part, open(part, "w", encoding="utf-8") as handle:
        json.dump(dict(dialogues=dialogues, voices=maker.clips), handle, indent=1)
    return HeldOutSet(folder)


class _Maker:
    def __init__(self, folder, preset, seed, language, salad):
        self.folder, self.language, self.salad = folder, language, salad
        self.rng = random.Random(seed)
        self.sentences = sorted(text for text in held_out_texts() if is_chinese(text) == (language == "zh"))
        self.words = Domain(preset["corpus"]["grammar"], 1.0)
        table = {speaker[0]: speaker[1:] for speaker in [*preset["speakers"], *preset["heldout"]]}
        engine = "espeak" if language == "zh" else "flite"
        self.table = {name: made for name, made in table.items() if made[0] == engine}
        self.groups = {"trained": [name for name in preset["measured"] if name in self.table],
                       "unheard": [speaker[0] for speaker in preset["heldout"] if speaker[0] in self.table]}
        self.clips = {}
        for name in sorted({*self.groups["trained"], *self.groups["unheard"]}):
            self.clips[name] = []
            for clip in range(VOICE_CLIPS):
                audio = np.concatenate([self.say(name, self.sentence()) for _ in range(4)])
                self.clips[name].append(self.write(f"voice-{name}-{clip}.wav", audio))

    def sentence(self):
        if self.rng.random() < self.salad:
            return self.words.sentence(self.rng, self.language)
        return self.rng.choice(self.sentences)

    def say(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            return render(*self.table[name], text, 1.0, os.path.join(folder, "a.wav"))[0]

    def write(self, file, audio):
        soundfile.write(os.path.join(self.folder, file), audio, SAMPLE_RATE, subtype="PCM_16")
        return file

    def prompt(self, name, file):
        audio, texts = [], []
        while sum(map(len, audio)) < PROMPT_SECONDS * SAMPLE_RATE:
            texts.append(self.sentence())
            audio.append(self.say(name, texts[-1]))
        return self.write(file, np.concatenate(audio)), ("" if self.language == "zh" else " ").join(texts)

    def dialogue(self, number):
        group = "unheard" if number % 3 == 2 and len(self.groups["unheard"]) > 1 else "trained"
        pair = self.rng.sample(self.groups[group], 2)
        row, turns, audio = dict(base_path="."), [], []
        for who, name in enumerate(pair, 1):
            file, text = self.prompt(name, f"{number:03d}-prompt{who}.wav")
            row[f"prompt_audio_speaker{who}"], row[f"prompt_text_speaker{who}"] = file, text
        for turn in range(self.rng.randint(4, 8)):
            text = self.sentence()
            audio.append(self.say(pair[turn % 2], text))
            turns.append(dict(voice=pair[turn % 2], text=text, seconds=len(audio[-1]) / SAMPLE_RATE))
        row["text"] = "".join(f"[S{turn % 2 + 1}]{said['text']}" for turn, said in enumerate(turns))
        teacher = self.write(f"{number:03d}-teacher.wav", np.concatenate(audio))
        return row, dict(group=group, pair=pair, turns=turns, teacher=teacher)
