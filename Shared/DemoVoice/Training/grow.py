"""A larger language model that speaks as a smaller one does: where a larger one starts from.

    python grow.py --preset cpu --work WORK --small lm.pt

Writes WORK/lm.pt in the preset's sizes. What is new listens (random weights into new heads, units and layers) and does
not speak yet (zeros out of them); new dimensions of the stream carry random sums of what the old ones carry, with
about the same power, so that the norms divide by what they divided by, and nobody reads them yet. Old layers keep
their numbers up to the last guided one; new ones stand between and behind the others.
"""
from __future__ import annotations

import os

import torch
from tokenizers import Tokenizer

import stage
from lm_model import DialogueLM
from train_lm import lm_config


def widened(old, rows, columns):
    """(r, c) -> (rows, columns), what is new random as the old is"""
    out = torch.randn(rows, columns) * old.std()
    out[:old.shape[0], :old.shape[1]] = old
    return out


def longer(old, length, value=None):
    return torch.cat([old, torch.full((length - len(old),), float(old.mean() if value is None else value))])


def places(small, large, last_guided):
    """Numbers of the old layers in the large model."""
    free, rest = list(range(last_guided + 1, large)), small - last_guided - 1
    return list(range(last_guided + 1)) + [free[(2 * i + 1) * len(free) // (2 * rest)] for i in range(rest)]


@torch.no_grad()
def grow(small, model, last_guided):
    """Fills `model` from the state `small` of a smaller one."""
    table, hidden = model.state_dict(), model.config["hidden"]
    count = 1 + max(int(name.split(".")[3]) for name in small if ".layers." in name)
    at = places(count, model.config["layers"], last_guided)
    for name, weight in table.items():  # layers that nothing was taken for do not speak yet
        if ".layers." in name and int(name.split(".")[3]) not in at and name.endswith(("o_proj.weight", "down_proj.weight")):
            weight.zero_()
    for name, old in small.items():
        target = name
        if ".layers." in name:
            parts = name.split(".")
            parts[3] = str(at[int(parts[3])])
            target = ".".join(parts)
        new = table[target]
        if "embedding_list" in name:
            grown = widened(old, *new.shape)
            grown[(old == 0).all(1)] = 0  # what stands for nothing
        elif old.dim() == 2:
            grown = widened(old, *new.shape)
            grown[:, old.shape[1]:] = 0  # what is new is not read yet
        elif name == "model.language_model.norm.weight":
            grown = longer(old, hidden, 0.05)  # nearly no part in the choice of a code yet
        else:
            grown = longer(old, len(new))
        table[target] = grown
    model.load_state_dict(table)


def main():
    args = stage.arguments(__doc__, small="lm.pt")
    path = os.path.join(args.work, "lm.pt")
    if os.path.exists(path):
        raise SystemExit(f"{path} is there already")
    cfg = args.config["lm"]
    tok = Tokenizer.from_file(os.path.join(args.work, "tokenizer.json"))
    torch.manual_seed(args.config["corpus"]["seed"])
    model, state = DialogueLM(lm_config(args.config, tok)), stage.load_checkpoint(args.small)
    grow(state["model"], model, max(cfg["guided"]))
    speller = torch.zeros(cfg["hidden"], cfg["hidden"])
    old = state.get("guides", {}).get("speller.weight", speller[:0, :0])
    speller[:len(old), :len(old)] = old
    stage.save_checkpoint(dict(model=model.state_dict(), guides={"speller.weight": speller}, step=0, tokens=0, spent=0.0,
                               config=model.config), path)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters")


if __name__ == "__main__":
    main()
