"""Stage 8: measure through the running services.

    python evaluate_services.py --preset cpu --work WORK --colloquy .build/release/colloquy --count 50

Makes WORK/held-out-LANGUAGE-SEED-COUNT once (`held_out.py`) and listens to the teachers in it once, speaks all of it by
`colloquy speak --jsonl` with the settings of the model, and scores what comes out beside the teachers' speech of the
same dialogues:
  words      1 - edit distance / words, by Whisper tiny.en; of Mandarin, syllables
  voice      turns in the right one of the two voices, by long-term spectrum and pitch of their middle; where a turn
             lies is taken from the teachers' timing, stretched to the length of the dialogue
  truncated  turns with fewer than 0.6 as many words heard as there are in it
  looping    turns with more than 1.6 as many
  short      dialogues under 0.6 of the teachers' length
  long       dialogues over 1.6 of it, or cut at the limit
  failed     dialogues that the services did not speak
`--language zh` asks the same of Mandarin, by syllables, with the ear of `ear.py`. Starts a suite for itself unless one
runs (`--gateway` names another); `--model` measures another model than the embedded one. `--salad 1` takes words in no order
instead of held-out sentences. Writes WORK/services-evaluation-LANGUAGE.json.
"""
from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass, fields

import numpy as np
import soundfile
from scipy.signal import resample_poly

import held_out
import stage
from codec_mel import LogMel
from domain import is_chinese, words_of
from ear import load_ear, syllables
from listening import matched, recogniser, voice_print
from speech import SAMPLE_RATE, read_lines

SHORT, LONG = 0.6, 1.6  # of a turn's words, and of the teachers' length
TURN_MIDDLE = 0.6  # the share of a turn that is listened to for its voice
SECONDS_MIN = 0.3  # under this no voice can be told


def speak(args, dialogues, folder):
    """-> the manifest, a record a dialogue."""
    # far over any dialogue of the set: who reaches it does not know an end
    seconds_max = 10 + 3 * max(sum(turn["seconds"] for turn in each["turns"]) for each in dialogues.dialogues)
    command = [args.colloquy, "speak", "--jsonl", dialogues.script, "--output", folder, "--jobs", str(args.jobs),
               "--seed", str(args.seed), "--max-seconds", f"{seconds_max:.0f}"]
    for option in ("model", "gateway", "runtime_dir", "data_dir"):
        if getattr(args, option):
            command += ["--" + option.replace("_", "-"), getattr(args, option)]
    manifest = os.path.join(folder, "manifest.jsonl")
    if os.path.exists(manifest):
        os.remove(manifest)
    done = subprocess.run(command, check=False)
    if not os.path.exists(manifest):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode} and spoke nothing")
    return read_lines(manifest)


class Score:
    """Of one group of dialogues."""

    def __init__(self):
        self.dialogues = self.words = self.turns = self.failed = 0
        self.model, self.teachers = Heard(), Heard()

    def add(self, dialogue, teacher, heard):
        """`heard` of the model, None where the services did not speak"""
        self.dialogues += 1
        self.turns += len(dialogue["turns"])
        words = sum(map(len, words_by_turn(dialogue)))
        self.words += words
        self.teachers.add(teacher)
        self.model.add(heard or Heard(wrong=words, truncated=len(dialogue["turns"])))
        self.failed += heard is None

    def report(self):
        def share(part, whole):
            return round(part / whole, 3) if whole else None

        def report_of(heard, suffix=""):
            values = dict(word_accuracy=share(self.words - heard.wrong, self.words),
                          right_voice=share(heard.right_voice, self.turns),
                          truncated=share(heard.truncated, self.turns), looping=share(heard.looping, self.turns))
            return {key + suffix: value for key, value in values.items()}

        return dict(dialogues=self.dialogues, words=self.words, turns=self.turns, **report_of(self.model),
                    **report_of(self.teachers, "_of_teachers"), short=share(self.model.short, self.dialogues),
                    long=share(self.model.long, self.dialogues), failed=share(self.failed, self.dialogues))


@dataclass
class Heard:
    """One or more dialogues as they were heard: in words, in turns, and in dialogues."""
    wrong: int = 0
    truncated: int = 0
    looping: int = 0
    right_voice: int = 0
    short: int = 0
    long: int = 0

    def add(self, other):
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def listen(audio, heard, dialogue, prints, logmel, cut=False):
    """-> Heard, of (samples,) in which the words `heard` are; `cut`: it ended at a limit and not by itself."""
    turns = words_by_turn(dialogue)
    words = sum(turns, [])
    wrong, counts = matched(words, heard)
    length = length_of(audio, dialogue)
    result, at = Heard(wrong=min(len(words), wrong), short=int(length < SHORT), long=int(length > LONG or cut)), 0
    for turn in turns:
        spoken = sum(counts[at:at + len(turn)])
        at += len(turn)
        result.truncated += spoken < SHORT * len(turn)
        result.looping += spoken > LONG * len(turn)
    result.right_voice = right_voices(audio, dialogue, prints, logmel)
    return result


def length_of(audio, dialogue):
    """Of (samples,), as a multiple of the teachers' length."""
    return len(audio) / SAMPLE_RATE / sum(turn["seconds"] for turn in dialogue["turns"])


def right_voices(audio, dialogue, prints, logmel):
    """How many turns are in the right one of the two voices; one that is too short to tell counts as wrong."""
    lengths = np.array([turn["seconds"] for turn in dialogue["turns"]])
    bounds = np.concatenate([[0], np.cumsum(lengths)]) / lengths.sum() * len(audio)
    right = 0
    for turn, begin, end in zip(dialogue["turns"], bounds[:-1], bounds[1:]):
        margin = (end - begin) * (1 - TURN_MIDDLE) / 2
        part = audio[int(begin + margin):int(end - margin)]
        if len(part) < SECONDS_MIN * SAMPLE_RATE or not part.any():
            continue
        mark = voice_print(part, logmel)
        right += turn["voice"] == min(dialogue["pair"], key=lambda name: np.linalg.norm(mark - prints[name]))
    return right


def listen_to_teachers(dialogues, prints, hear):
    """-> [Heard], one a dialogue; kept beside the set."""
    path = os.path.join(dialogues.folder, "teachers-heard-by-turn.json")
    if not os.path.exists(path):
        logmel, kept = LogMel(), []
        for dialogue in dialogues.dialogues:
            audio = dialogues.audio(dialogue["teacher"])
            kept.append(asdict(listen(audio, hear(audio), dialogue, prints, logmel)))
        with stage.whole_file(path) as part, open(part, "w", encoding="utf-8") as handle:
            json.dump(kept, handle)
    with open(path, encoding="utf-8") as handle:
        return [Heard(**each) for each in json.load(handle)]


def words_by_turn(dialogue):
    """What is to be heard in each turn: English words, of Mandarin the syllables."""
    return [syllables(turn["text"]) if is_chinese(turn["text"]) else words_of(turn["text"])
            for turn in dialogue["turns"]]


def read_audio(path):
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE:
        audio = resample_poly(audio, SAMPLE_RATE, rate)
    return audio.mean(1).astype(np.float32)


def main():
    args = stage.arguments(__doc__, colloquy="../../../.build/release/colloquy", count=50, seed=4711, jobs=2, language="en",
                           salad=0.0, model=None, gateway=None, runtime_dir=None, data_dir=None)
    hear = load_ear(args.work).hear if args.language == "zh" else recogniser(args.threads)
    mark = args.language + ("-words" if args.salad else "")
    folder = os.path.join(args.work, f"held-out-{mark}-{args.seed}-{args.count}")
    dialogues = held_out.make(folder, args.config, args.count, args.seed, args.language, args.salad)
    logmel = LogMel()
    prints = {name: np.mean([voice_print(dialogues.audio(file), logmel) for file in files], 0)
              for name, files in dialogues.voices.items()}
    teachers = listen_to_teachers(dialogues, prints, hear)
    records = speak(args, dialogues, os.path.join(folder, "spoken"))
    scores, samples = {}, []
    for dialogue, teacher, record in zip(dialogues.dialogues, teachers, records, strict=True):
        score = scores.setdefault(dialogue["group"], Score())
        if "error" in record:
            score.add(dialogue, teacher, None)
            continue
        audio = read_audio(record["path"])
        words = hear(audio)
        score.add(dialogue, teacher,
                  listen(audio, words, dialogue, prints, logmel, cut=record["finish"] != "end_of_speech"))
        samples.append(dict(want=" ".join(sum(words_by_turn(dialogue), [])), heard=" ".join(words),
                            length=round(length_of(audio, dialogue), 2)))
    report = {group: score.report() for group, score in scores.items()}
    print(json.dumps(report, indent=1))
    path = os.path.join(args.work, f"services-evaluation-{mark}.json")
    with stage.whole_file(path) as part, open(part, "w", encoding="utf-8") as handle:
        json.dump(dict(report, seed=args.seed, samples=samples[:8]), handle, indent=1)


if __name__ == "__main__":
    main()
