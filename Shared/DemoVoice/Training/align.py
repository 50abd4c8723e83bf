"""Which word is being said in each code frame.

flite tells the phones of a sentence and their times, not the words; the words
are laid over the phones in proportion to how many phones each has when spoken
alone.  Mandarin from espeak-ng: characters evenly.  Good to about one phone,
which is all that a hint to the attention needs.
"""
from __future__ import annotations

import json
import os
import re
import subprocess

import stage


class Aligner:
    """Keeps how many phones each word has in WORK/phone-counts.json (filled by corpus.py)."""

    def __init__(self, work):
        self.path, self.counts = os.path.join(work, "phone-counts.json"), {}
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as handle:
                self.counts = json.load(handle)

    def fill(self, words):
        for word in sorted({w.lower() for w in words}):
            self.phones_in(word)
        with stage.whole_file(self.path) as path, open(path, "w", encoding="utf-8") as handle:
            json.dump(self.counts, handle)

    def phones_in(self, word):
        word = word.lower()
        if word not in self.counts:
            done = subprocess.run(["flite", "-voice", "kal16", "-psdur", "-t", word, "-o", "none"],
                                  capture_output=True, text=True)
            found = [p for p in re.findall(r"([a-z]+):[0-9.]+", done.stdout) if p != "pau"]
            self.counts[word] = max(1, len(found))
        return self.counts[word]

    def __call__(self, line, frames):
        """For each frame the character offset of its word in line["text"]."""
        if "spots" in line and len(line["spots"]) == frames:
            return line["spots"]
        text = line["text"]
        if line["phones"]:
            words = [(m.start(), self.phones_in(m.group())) for m in re.finditer(r"[A-Za-z']+", text)]
            said = [(p, end) for p, end in line["phones"] if p != "pau"]
            total, bounds, so_far = sum(n for _, n in words), [], 0
            for start, count in words:
                so_far += count
                last = min(len(said), max(1, round(so_far * len(said) / total)))
                bounds.append((said[last - 1][1], start))
            spots = []
            for frame in range(frames):
                middle = (frame + 0.5) * 0.08
                spots.append(next((s for end, s in bounds if middle <= end), bounds[-1][1]))
        else:
            chars = [i for i, ch in enumerate(text) if "\u4e00" <= ch <= "\u9fff"]
            spoken = max(1, frames - 1)
            spots = [chars[min(len(chars) - 1, f * len(chars) // spoken)] for f in range(frames)]
        line["spots"] = spots
        return spots
