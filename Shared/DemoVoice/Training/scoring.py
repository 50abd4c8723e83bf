"""What spoken dialogues of a held-out set are worth, one beside the other and summed up."""
from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from codec_mel import LogMel
from domain import is_chinese, words_of
from ear import syllables
from listening import judge, matched, voice_print
from speech import SAMPLE_RATE

SHORT, LONG = 0.6, 1.6  # of a turn's words, and of the teachers' length
TURN_MIDDLE = 0.6  # the share of a turn that is listened to for its voice
SECONDS_MIN = 0.3  # under this no voice can be told


@dataclass
class Heard:
    """One or more dialogues as they were heard: in words, in turns, and in dialogues."""
    spoken: int = 1
    wrong: int = 0
    truncated: int = 0
    looping: int = 0
    right_voice: int = 0
    short: int = 0
    long: int = 0
    mos: float = 0.0

    def add(self, other):
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class Score:
    """Of one group of dialogues."""

    def __init__(self):
        self.dialogues = self.words = self.turns = 0
        self.model, self.teachers = Heard(spoken=0), Heard(spoken=0)

    def add(self, dialogue, teacher, heard):
        """`heard` of the model, None where the services did not speak"""
        self.dialogues += 1
        self.turns += len(dialogue["turns"])
        words = sum(map(len, words_by_turn(dialogue)))
        self.words += words
        self.teachers.add(teacher)
        self.model.add(heard or Heard(spoken=0, wrong=words, truncated=len(dialogue["turns"])))

    def report(self):
        def share(part, whole):
            return round(part / whole, 3) if whole else None

        def report_of(heard, suffix=""):
            values = dict(word_accuracy=share(self.words - heard.wrong, self.words),
                          right_voice=share(heard.right_voice, self.turns),
                          truncated=share(heard.truncated, self.turns), looping=share(heard.looping, self.turns),
                          mos=share(heard.mos, heard.spoken))
            return {key + suffix: value for key, value in values.items()}

        return dict(dialogues=self.dialogues, words=self.words, turns=self.turns, **report_of(self.model),
                    **report_of(self.teachers, "_of_teachers"), short=share(self.model.short, self.dialogues),
                    long=share(self.model.long, self.dialogues), failed=share(self.dialogues - self.model.spoken, self.dialogues))


class Listener:
    """Hears dialogues as their scores want them; `hear` is an ear for their language."""

    def __init__(self, hear, dialogues):
        self.hear, self.rate, self.logmel = hear, judge(), LogMel()
        self.prints = {name: np.mean([voice_print(dialogues.audio(file), self.logmel) for file in files], 0)
                       for name, files in dialogues.voices.items()}

    def listen(self, audio, dialogue, cut=False):
        """-> (Heard, words) of (samples,); `cut`: it ended at a limit and not by itself."""
        turns, heard = words_by_turn(dialogue), self.hear(audio)
        words, length = sum(turns, []), length_of(audio, dialogue)
        wrong, counts = matched(words, heard)
        result, at = Heard(wrong=min(len(words), wrong), short=int(length < SHORT), long=int(length > LONG or cut)), 0
        for turn in turns:
            spoken = sum(counts[at:at + len(turn)])
            at += len(turn)
            result.truncated += spoken < SHORT * len(turn)
            result.looping += spoken > LONG * len(turn)
        result.right_voice, result.mos = self.right_voices(audio, dialogue), self.rate(audio)
        return result, heard

    def right_voices(self, audio, dialogue):
        """How many turns are in the right one of the two voices; one that is too short to tell counts as wrong."""
        lengths = np.array([turn["seconds"] for turn in dialogue["turns"]])
        bounds = np.concatenate([[0], np.cumsum(lengths)]) / lengths.sum() * len(audio)
        right = 0
        for turn, begin, end in zip(dialogue["turns"], bounds[:-1], bounds[1:]):
            margin = (end - begin) * (1 - TURN_MIDDLE) / 2
            part = audio[int(begin + margin):int(end - margin)]
            if len(part) < SECONDS_MIN * SAMPLE_RATE or not part.any():
                continue
            mark = voice_print(part, self.logmel)
            right += turn["voice"] == min(dialogue["pair"], key=lambda name: np.linalg.norm(mark - self.prints[name]))
        return right


def length_of(audio, dialogue):
    """Of (samples,), as a multiple of the teachers' length."""
    return len(audio) / SAMPLE_RATE / sum(turn["seconds"] for turn in dialogue["turns"])


def words_by_turn(dialogue):
    """What is to be heard in each turn: English words, of Mandarin the syllables."""
    return [syllables(turn["text"]) if is_chinese(turn["text"]) else words_of(turn["text"])
            for turn in dialogue["turns"]]
