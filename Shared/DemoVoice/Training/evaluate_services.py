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
  mos        predicted mean opinion of those that were spoken, 1 to 5
  failed     dialogues that the services did not speak
`--language zh` asks the same of Mandarin, by syllables, with the ear of `ear.py`. Starts a suite for itself unless one
runs (`--gateway` names another); `--model` measures another model than the embedded one. `--salad 1` takes words in no order
instead of held-out sentences. Writes WORK/services-evaluation-LANGUAGE.json.
"""
from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict

import numpy as np
import soundfile
from scipy.signal import resample_poly

import held_out
import stage
from ear import load_ear
from listening import recogniser
from scoring import Heard, Listener, Score, length_of, words_by_turn
from speech import SAMPLE_RATE, read_lines


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


def teachers_heard(dialogues, listener):
    """-> [Heard], one a dialogue; kept beside the set."""
    path = os.path.join(dialogues.folder, "teachers-heard.json")
    if not os.path.exists(path):
        kept = [asdict(listener.listen(dialogues.audio(each["teacher"]), each)[0]) for each in dialogues.dialogues]
        with stage.whole_file(path) as part, open(part, "w", encoding="utf-8") as handle:
            json.dump(kept, handle)
    with open(path, encoding="utf-8") as handle:
        return [Heard(**each) for each in json.load(handle)]


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
    listener = Listener(hear, dialogues)
    teachers = teachers_heard(dialogues, listener)
    records = speak(args, dialogues, os.path.join(folder, "spoken"))
    scores, samples = {}, []
    for dialogue, teacher, record in zip(dialogues.dialogues, teachers, records, strict=True):
        score = scores.setdefault(dialogue["group"], Score())
        if "error" in record:
            score.add(dialogue, teacher, None)
            continue
        audio = read_audio(record["path"])
        heard, words = listener.listen(audio, dialogue, cut=record["finish"] != "end_of_speech")
        score.add(dialogue, teacher, heard)
        samples.append(dict(want=" ".join(sum(words_by_turn(dialogue), [])), heard=" ".join(words),
                            length=round(length_of(audio, dialogue), 2)))
    report = {group: score.report() for group, score in scores.items()}
    print(json.dumps(report, indent=1))
    path = os.path.join(args.work, f"services-evaluation-{mark}.json")
    with stage.whole_file(path) as part, open(part, "w", encoding="utf-8") as handle:
        json.dump(dict(report, seed=args.seed, samples=samples[:8]), handle, indent=1)


if __name__ == "__main__":
    main()
