"""The learning curve: keeps a run's losses, thinned, in `curves/lm.csv`, and draws `curves/lm.svg`.

    python curves.py --work WORK --phase 8 --before 14573941
    python curves.py                                            # draws only

A phase is a run with settings of its own (README.md); `--before` counts the tokens that its weights had seen when it
began. `curves/words.csv` is kept by hand: word accuracy after so many tokens, as the two evaluations report it.
"""
from __future__ import annotations

import argparse
import csv
import os

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "curves")
ROWS = 40  # of a phase
COLUMNS = ("phase", "tokens", "minutes", "l0", "l1", "l2", "l3", "a0", "guide", "word")

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 210, 60, 40, 70  # of a panel, and around it, in pixels
COLOURS = ("#1b6ca8", "#d1495b", "#3c8d53", "#8d6a9f", "#b8860b", "#333333")


def read(file):
    with open(os.path.join(HERE, file), newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def thinned(path, phase, before):
    """Means over equal stretches of a stage's curve, at most `ROWS` of them."""
    with open(path, newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    stretch = -(-len(rows) // ROWS)
    for begin in range(0, len(rows), stretch):
        part = rows[begin:begin + stretch]
        kept = {name: f"{sum(float(row[name]) for row in part) / len(part):.3f}" for name in COLUMNS[3:]}
        yield dict(kept, phase=phase, tokens=before + int(part[-1]["tokens"]),
                   minutes=f"{float(part[-1]['minutes']):.1f}")


def keep(work, phase, before):
    rows = [row for row in read("lm.csv") if row["phase"] != str(phase)]
    rows += thinned(os.path.join(work, "lm.csv"), phase, before)
    with open(os.path.join(HERE, "lm.csv"), "w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class Panel:
    """Lines over tokens, with axes, as elements of an SVG."""

    def __init__(self, title, top, tokens_max, low, high):
        self.top, self.tokens_max, self.low, self.high = top, tokens_max, low, high
        self.elements = [self.text(LEFT, top - 12, title, "start", 14)]
        for step in range(5):
            value = low + (high - low) * step / 4
            at = self.y(value)
            self.elements += [f'<path d="M{LEFT} {at:.1f}h{WIDTH}" stroke="#ddd"/>',
                              self.text(LEFT - 8, at + 4, f"{value:.2g}", "end")]
        for million in range(0, int(tokens_max / 1e6) + 1, 5):
            self.elements.append(self.text(self.x(million * 1e6), top + HEIGHT + 18, f"{million} M", "middle"))

    @staticmethod
    def text(x, y, words, anchor, size=11, colour="#333"):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{words}</text>'

    def x(self, tokens):
        return LEFT + WIDTH * tokens / self.tokens_max

    def y(self, value):
        return self.top + HEIGHT * (self.high - min(value, self.high)) / (self.high - self.low)

    def line(self, points, colour, dots=False):
        """points: (tokens, value)"""
        where = [(self.x(tokens), self.y(value)) for tokens, value in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
        self.elements.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if dots:
            self.elements += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in where]

    def key(self, number, name):
        x, y = LEFT + WIDTH - 190, self.top + 14 + 16 * number
        self.elements += [f'<path d="M{x} {y - 4}h18" stroke="{COLOURS[number]}" stroke-width="2"/>',
                          self.text(x + 24, y, name, "start")]


def losses(rows, tokens_max):
    panel = Panel("Loss a step, nats", TOP, tokens_max, 0, 6)
    phases = sorted({int(row["phase"]) for row in rows})
    for number, (column, name) in enumerate((("l0", "first codebook"), ("l1", "second"), ("word", "spelling head"))):
        for phase in phases:
            points = [(float(row["tokens"]), float(row[column]))
                      for row in rows if row["phase"] == str(phase) and row[column]]
            if points:
                panel.line(points, COLOURS[number])
        panel.key(number, name)
    return panel.elements


def words(rows, tokens_max):
    panel = Panel("Words understood, over tokens of training", TOP + HEIGHT + GAP, tokens_max, 0, 1)
    names = dict(trained="trained voices, two turns", unheard="new voices, two turns",
                 services_trained="trained, 4 to 8 turns, services", services_unheard="new, 4 to 8 turns, services",
                 whisper_trained="the same, by Whisper, trained", whisper_unheard="the same, by Whisper, new")
    for number, (column, name) in enumerate(names.items()):
        panel.line([(float(row["tokens"]), float(row[column])) for row in rows if row[column]], COLOURS[number], True)
        panel.key(number, name)
    return panel.elements


def draw():
    curve, measured = read("lm.csv"), read("words.csv")
    tokens_max = max(float(row["tokens"]) for row in curve)
    elements = losses(curve, tokens_max) + words(measured, tokens_max)
    wide, high = LEFT + WIDTH + 20, TOP + 2 * HEIGHT + GAP + 40
    with open(os.path.join(HERE, "lm.svg"), "w", encoding="utf-8") as handle:
        handle.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif">\n'
                     f'<rect width="{wide}" height="{high}" fill="#fff"/>\n' + "\n".join(elements) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", help="work folder whose losses are kept")
    parser.add_argument("--phase", type=int)
    parser.add_argument("--before", type=int, default=0, help="tokens that the weights had seen before the phase")
    args = parser.parse_args()
    if args.work:
        if args.phase is None:
            parser.error("--work needs --phase: which phase of curves/lm.csv the losses are")
        keep(args.work, args.phase, args.before)
    draw()


if __name__ == "__main__":
    main()
