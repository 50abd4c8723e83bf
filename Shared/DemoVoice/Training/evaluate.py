"""Stage 7: measure, in one process.

    python evaluate.py --preset cpu --work WORK --model MODEL --count 24

For new dialogues (other random seed than the corpus; a single sentence may have occurred, the dialogue has not):
  teacher   the teacher's own audio
  codec     the teacher's audio through encoder, codes and decoder
  model     the language model, from two prompt turns and text, decoded
Each is recognised by Whisper tiny.en (word accuracy = 1 - edit distance / words) and its mean opinion predicted by
DistillMOS; each turn's voice is compared with the two speakers by long-term spectrum and pitch, and the codec's copy
with its original, by the mean difference of their log mels. English only: no recogniser of Mandarin is in
the package. `evaluate_services.py` asks the same of the services, with the model as they speak it.
"""
from __future__ import annotations

import json
import os
import random
import tempfile

import numpy as np
import torch

import stage
from codec_mel import LogMel
from corpus import render
from domain import Domain, words_of
from listening import edits, judge, recogniser, voice_print
from speak import Voice
from speech import Corpus


def mel_distance(logmel, one, other):
    """Mean difference of the log mels of two (samples,), over what both are long."""
    length = min(len(one), len(other))
    mels = [logmel(torch.from_numpy(np.asarray(wave[:length], np.float32))[None]) for wave in (one, other)]
    return float((mels[0] - mels[1]).abs().mean())


def main():
    args = stage.arguments(__doc__, model="export", count=24, seed=991, greedy=False)
    voice = Voice(args.model)
    hear, rate = recogniser(args.threads), judge()
    data = Corpus(args.work)
    trained = [n for n in args.config["measured"] if n in data.lines and data.lines[n][0]["lang"] == "en"]
    held = [s[0] for s in args.config["heldout"] if s[1] == "flite" and s[0] in data.lines]
    spec = {s[0]: s for s in args.config["speakers"] + args.config["heldout"]}
    logmel = LogMel()
    rng = random.Random(args.seed)

    def clip(name, count, source):
        picked = [source.randrange(len(data.lines[name])) for _ in range(count)]
        return (np.concatenate([data.sentence(name, i) for i in picked]),
                " ".join(data.lines[name][i]["text"] for i in picked))

    prints = {n: np.mean([voice_print(clip(n, 4, random.Random(i))[0], logmel) for i in range(4)], 0)
              for n in trained + held}
    report = {}
    for group, names in (("trained voices", trained), ("held-out voices", held)):
        if not names:
            continue
        score = {k: [0, 0] for k in ("teacher", "codec", "model")}
        opinions, distances = {k: [] for k in score}, []
        match, total, ended, salad, samples = 0, 0, 0, [0, 0], []
        for item in range(args.count if group == "trained voices" else args.count // 3):
            pair = rng.sample(names, 2)
            audio, text = [], ""
            for who, name in enumerate(pair, 1):
                a, t = clip(name, 2, rng)
                audio.append(a)
                text += f"[S{who}]" + t
            hard = item % 4 == 3  # every fourth: words in no order
            speaker = Domain(args.config["corpus"]["grammar"], 1.0 if hard else 0.0)
            target, truth = "", []
            with tempfile.TemporaryDirectory() as tmp:
                for who in (1, 2):
                    sentence = speaker.english(rng)
                    target += f"[S{who}]" + sentence
                    truth.append((sentence, render(*spec[pair[who - 1]][1:], sentence, 1.0,
                                                   os.path.join(tmp, "a.wav"))[0]))
            words = words_of(" ".join(s for s, _ in truth))
            made = voice.speak(text + target, np.concatenate(audio), args.greedy, seed=item, max_new=250)
            ended += int(made["output_ids"].shape[0] < made["input_ids"].shape[0] - 7 + 250)
            teacher = np.concatenate([a for _, a in truth])
            copied = voice.decode(voice.codec.encode(torch.from_numpy(teacher)))
            distances.append(mel_distance(logmel, teacher, copied))
            for key, wave in (("teacher", teacher), ("codec", copied), ("model", made["audio"])):
                heard = hear(wave)
                opinions[key].append(rate(wave))
                wrong = min(len(words), edits(words, heard))
                score[key][0] += wrong
                score[key][1] += len(words)
                if key == "model":
                    if hard:
                        salad[0] += wrong
                        salad[1] += len(words)
                    samples.append(dict(want=" ".join(words), heard=" ".join(heard)))
            # voice of each turn: cut where the teacher's share of the time ends
            cut = int(len(made["audio"]) * len(truth[0][1]) / max(1, len(teacher)))
            for who, part in enumerate((made["audio"][:cut], made["audio"][cut:])):
                if len(part) < 8000:
                    total += 1
                    continue
                mark = voice_print(part, logmel)
                near = min(pair, key=lambda n: np.linalg.norm(mark - prints[n]))
                match += near == pair[who]
                total += 1
        report[group] = dict(
            word_accuracy={k: round(1 - a / b, 3) for k, (a, b) in score.items()},
            word_accuracy_model_random_words=round(1 - salad[0] / salad[1], 3) if salad[1] else None,
            mos={k: round(float(np.mean(values)), 3) for k, values in opinions.items()},
            codec_mel_l1=round(float(np.mean(distances)), 4),
            words=score["model"][1], right_of_the_two_voices=round(match / max(1, total), 3),
            stopped_by_itself=ended, dialogues=len(samples), samples=samples[:8])
        print(json.dumps(report[group], indent=1), flush=True)
    path = os.path.join(args.work, "evaluation.json")
    with stage.whole_file(path) as part, open(part, "w", encoding="utf-8") as handle:
        json.dump(report, handle, indent=1)


if __name__ == "__main__":
    main()
