"""Training examples of the language model: dialogues put together on the fly from single sentences.

Two speakers of one language, a prompt turn each, then the turns to be spoken. Labels on all speech and on the end mark,
as in the published fine-tuning.
"""
from __future__ import annotations

import glob
import os
import random

import numpy as np
import torch
from tokenizers import Tokenizer

from align import Aligner
from domain import is_chinese
from lm_model import CHANNELS, PAD_CODE, delay
from speech import SYSTEM_PROMPT, read_lines, voice_of

# shares of the dialogues: both languages in one; Mandarin alone; with prompts; of sentences that begin alike
MIXED, CHINESE, PROMPTED, ALIKE = 0.05, 0.25, 0.9, 0.15
# how much oftener a voice with more speech speaks: 1 would make the others rare, and unknown prompts be drawn to the
# main voices; 0 would have the small parts learnt by heart
SIZE_POWER = 0.2


def head_text(text):
    return (f"<|begin_of_style|>{SYSTEM_PROMPT}<|end_of_style|>\n"
            f"<|begin_of_text|>{text}<|end_of_text|>\n<|begin_of_speech|>")


def rounded(steps, multiple=64):
    """Of few lengths (`lm_model.kept`); the last step is only a label."""
    return -(-(steps - 1) // multiple) * multiple + 1


def beginning_of(text):
    """The first two words, or the first two characters of Mandarin."""
    return text[:2] if is_chinese(text) else " ".join(text.split(" ", 2)[:2])


def beginnings(lines):
    """-> {beginning: which sentences have it}, of those that several share"""
    found = {}
    for index, line in enumerate(lines):
        found.setdefault(beginning_of(line["text"]), []).append(index)
    return {beginning: indices for beginning, indices in found.items() if len(indices) > 1}


class Dialogues:
    def __init__(self, work, names, seed, tokenizer):
        self.tok = tokenizer
        self.rng = random.Random(seed)
        self.align = Aligner(work)
        self.speech_start = tokenizer.token_to_id("<|speech_0|>")
        self.eos = tokenizer.token_to_id("<|end_of_speech|>")
        self.pad = tokenizer.token_to_id("<|endoftext|>")
        self.numbers = {voice: number for number, voice in enumerate(names)}
        self.codes, self.lines, self.starts = {}, {}, {}
        for path in sorted(glob.glob(os.path.join(work, "codes", "*.npz"))):
            name = os.path.basename(path)[:-4]
            if voice_of(name) not in names:
                continue
            stored = np.load(path)
            self.codes[name], self.starts[name] = stored["codes"].astype(np.int64), stored["starts"]
            source = os.path.join(work, "corpus", name.split("@")[0] + ".jsonl")
            self.lines[name] = read_lines(source)
        if not self.codes:
            raise SystemExit(f"{work}/codes holds none of {', '.join(names)}: run the stage `codes` first")
        self.by_beginning = {name: beginnings(lines) for name, lines in self.lines.items()}
        self.by_language = {}
        self.parts = {}  # voice -> its corpus parts
        for name in self.codes:
            self.parts.setdefault(voice_of(name), []).append(name)
        for voice, parts in self.parts.items():
            self.by_language.setdefault(self.lines[parts[0]][0]["lang"], []).append(voice)

    def speech(self, name, index):
        begin, end = self.starts[name][index:index + 2]
        return self.codes[name][begin:end]

    def pair(self):
        """Two voices, mostly of one language and mostly different ones."""
        draw = self.rng.random()
        if draw < MIXED:
            pool = list(self.parts)
        else:
            pool = self.by_language.get("zh" if draw < MIXED + CHINESE else "en") or list(self.parts)
        sizes = [sum(len(self.lines[name]) for name in self.parts[voice]) ** SIZE_POWER for voice in pool]
        first, second = self.rng.choices(pool, sizes, k=2)
        while first == second and len(pool) > 1 and self.rng.random() < 0.9:
            second = self.rng.choices(pool, sizes)[0]
        return first, second

    def plan(self, turns, prompted):
        """Who says how many sentences: a prompt of each speaker first, as in a request, then `turns`."""
        rng, plan = self.rng, []
        if rng.random() < prompted:
            plan += [(who, rng.choices((1, 2, 3), (3, 5, 2))[0]) for who in (0, 1)]
        return plan + [(turn % 2, rng.choices((1, 2, 3), (7, 2, 1))[0]) for turn in range(turns)]

    def sentence(self, voice, beginning):
        """-> (corpus part, index) of a sentence of the voice, of one that begins like that where its part has one."""
        parts, rng = self.parts[voice], self.rng
        name = rng.choices(parts, [len(self.lines[part]) for part in parts])[0]
        alike = self.by_beginning[name].get(beginning)
        return name, rng.choice(alike) if alike else rng.randrange(len(self.lines[name]))

    def example(self, turns, prompted):
        """`turns`: how many after the prompts; `prompted`: how probable those are.

        Returns (ids, labels), both (T + 7, 8), and focus and voice, both (T + 7,)."""
        pair = self.pair()
        text, speech, spots, voices = "", [], [], []
        alike, beginning = self.rng.random() < ALIKE, None
        for who, count in self.plan(turns, prompted):
            text += f"<speaker{who + 1}>"
            for number in range(count):
                name, index = self.sentence(pair[who], beginning)
                line, codes = self.lines[name][index], self.speech(name, index)
                text += " " if number and line["lang"] == "en" else ""
                # where in the text each frame is: character offsets
                spots += [len(text) + at for at in self.align(line, len(codes))]
                text += line["text"]
                speech.append(codes)
                voices += [self.numbers[pair[who]]] * len(codes)
                beginning = beginning_of(line["text"]) if alike else None
        return self.rows(text, np.concatenate(speech), spots, voices)

    def rows(self, text, speech, spots, voices):
        """`spots`: a frame's place in the text; `voices`: the number of its voice"""
        whole = self.tok.encode(head_text(text))
        head = whole.ids
        rows = np.full((len(head) + len(speech) + 1, CHANNELS), PAD_CODE)
        rows[:len(head), 0] = head
        rows[len(head):-1] = speech
        rows[len(head):-1, 0] += self.speech_start
        rows[-1, 0] = self.eos
        labels = np.full(rows.shape, -100)
        labels[len(head):-1] = rows[len(head):-1]
        labels[-1, 0] = self.eos
        ids = delay(torch.from_numpy(rows), self.pad)
        ids[len(rows):, 0] = self.eos  # what the sampler feeds while the channels run out
        shifted = torch.full(ids.shape, -100, dtype=torch.long)
        for channel in range(CHANNELS):
            shifted[channel:len(rows) + channel, channel] = torch.from_numpy(labels[:, channel])
        # each at the step that has to say the frame
        said = slice(len(head) - 1, len(head) - 1 + len(spots))
        focus, voice = torch.full((2, len(ids)), -1, dtype=torch.long)
        before = head_text(text).index(text)
        token_at = {}
        for token, (begin, end) in enumerate(whole.offsets):
            for char in range(begin, end):
                token_at.setdefault(char, token)
        focus[said] = torch.tensor([token_at[before + spot] for spot in spots])
        voice[said] = torch.tensor(voices)
        return ids, shifted, focus, voice

    def blank(self, ids, most):
        """Blank out short spans of the speech that the model looks back on.

        Speech can be continued from speech alone for a word or so, and a small corpus can be
        learned by heart; with holes in the history, reading the text is what pays."""
        holes = torch.rand(ids.shape[0], 1) * most
        start = torch.rand(ids.shape[:2]) < holes / 2.5
        hole = start.clone()
        for reach in (1, 2, 3):
            hole[:, reach:] |= start[:, :-reach] & (torch.rand(start[:, reach:].shape) < 0.5)
        speech = (ids[..., 0] >= self.speech_start) & (ids[..., 0] < self.speech_start + 1024)
        hole &= speech
        out = ids.clone()
        out[..., 0][hole] = self.pad
        out[..., 1:][hole] = PAD_CODE
        return out

    def batch(self, budget, turns, prompted=PROMPTED):
        rows, most = [], 0
        while True:
            item = self.example(turns, prompted)
            most = max(most, len(item[0]))
            if rows and rounded(most) * (len(rows) + 1) > budget:
                break
            rows.append(item)
        most = rounded(max(len(r[0]) for r in rows))
        ids = torch.full((len(rows), most, CHANNELS), PAD_CODE, dtype=torch.long)
        ids[..., 0] = self.pad
        labels = torch.full(ids.shape, -100, dtype=torch.long)
        focus, voice = torch.full((2, *ids.shape[:2]), -1, dtype=torch.long)
        for index, (a, b, c, d) in enumerate(rows):
            ids[index, :len(a)], labels[index, :len(b)], focus[index, :len(c)], voice[index, :len(d)] = a, b, c, d
        return ids, labels, focus, voice


class Stream(torch.utils.data.IterableDataset):
    """Endless batches; on a GPU machine made by several worker processes."""

    def __init__(self, args, names, clock, step, rank):
        self.args, self.names, self.clock, self.step, self.rank = args, names, clock, step, rank

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        # another seed for each worker and each process, and after each stop
        seed = (self.args.config["corpus"]["seed"] + 7919 * (worker.id if worker else 0) + 15485863 * self.rank
                + 104729 * self.step)
        torch.manual_seed(seed % 2 ** 31)
        tok = Tokenizer.from_file(os.path.join(self.args.work, "tokenizer.json"))
        data, cfg = Dialogues(self.args.work, self.names, seed, tok), self.args.config["lm"]
        while True:
            # one number for all rows of a batch, so that they are of about one length
            if self.clock.seconds < 60 * cfg["curriculum_minutes"]:
                ids, *taught = data.batch(cfg["batch_tokens"], 2, prompted=0)
            else:
                ids, *taught = data.batch(cfg["batch_tokens"], data.rng.randint(1, cfg["max_turns"]))
            yield data.blank(ids, cfg["blank"]), *taught
