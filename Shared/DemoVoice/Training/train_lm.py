"""Stage 5: train the dialogue language model on the codes.

    python train_lm.py --preset cpu --work WORK

Keeps WORK/lm.pt and WORK/lm.csv, and goes on from them.
"""
from __future__ import annotations

import os

import numpy as np
import torch
from tokenizers import Tokenizer

import stage
from dialogues import Stream
from guides import Guides
from lm_model import CHANNELS, DialogueLM


def lm_config(preset, tok):
    cfg = preset["lm"]
    return dict(hidden=cfg["hidden"], layers=cfg["layers"], heads=cfg["heads"],
                kv_heads=cfg["kv_heads"], head_dim=cfg["head_dim"], ffn=cfg["ffn"],
                vocab_size=tok.get_vocab_size(), theta=10000.0,
                pad_id=tok.token_to_id("<|endoftext|>"),
                eos_id=tok.token_to_id("<|end_of_speech|>"),
                speech_start=tok.token_to_id("<|speech_0|>"))


def load_lm(work, device):
    state = stage.checkpoint_of("lm", work, "lm.pt")
    model = DialogueLM(state["config"])
    model.load_state_dict(state["model"])
    return model.to(device).eval()


class Training:
    """The model, what teaches it, and how far it has come."""

    def __init__(self, args, tok, team, voices):
        self.team = team
        cfg, device = args.config["lm"], args.device
        self.cfg, self.device, self.path = cfg, device, os.path.join(args.work, "lm.pt")
        self.model = DialogueLM(lm_config(args.config, tok)).to(device)
        matrices = [p for n, p in self.model.named_parameters() if p.dim() > 1 and "embedding" not in n]
        others = [p for n, p in self.model.named_parameters() if p.dim() == 1 or "embedding" in n]
        opt = torch.optim.AdamW([dict(params=matrices, weight_decay=0.05), dict(params=others, weight_decay=0.0)],
                                lr=cfg["lr"], betas=(0.9, 0.95), fused=True)
        if cfg["compile"]:
            for layer in self.model.model.language_model.layers:
                layer.forward = torch.compile(layer.forward, dynamic=True)
        self.opt, self.guides = opt, Guides(cfg["hidden"], voices).to(device)
        self.guide_opt = torch.optim.AdamW(self.guides.parameters(), lr=cfg["lr"], weight_decay=0.0)
        self.step, self.tokens, spent = 0, 0, 0.0
        if os.path.exists(self.path):
            state = stage.load_checkpoint(self.path, device)
            self.model.load_state_dict(state["model"])
            if "opt" in state:  # weights alone are enough to go on from
                opt.load_state_dict(state["opt"])
            if self.guides.take(state.get("guides", {})) and "guide_opt" in state:
                self.guide_opt.load_state_dict(state["guide_opt"])
            self.step, self.tokens, spent = state["step"], state["tokens"], state["spent"]
            print(f"goes on from step {self.step}, {self.tokens / 1e6:.2f} M tokens", flush=True)
        self.clock = stage.Clock(spent)
        # of the whole team: seconds on the clock, and the share of it that wants to stop
        self.elapsed, self.stopping = self.clock.seconds, 0.0

    def save(self):
        stage.save_checkpoint(
            dict(model=self.model.state_dict(), opt=self.opt.state_dict(), guides=self.guides.state_dict(),
                 guide_opt=self.guide_opt.state_dict(), step=self.step, tokens=self.tokens,
                 spent=self.clock.seconds, config=self.model.config), self.path)

    @property
    def finished(self):
        return self.step >= self.cfg["steps"] or self.elapsed >= 60 * self.cfg["minutes"]

    def teach(self, ids, labels, focus, voice, stop=False):
        """One step on a batch (rows, steps, 8); `stop` tells the team that this process wants no other.

        Returns losses and accuracies of the channels and the losses of the three guides, in the order of `COLUMNS`."""
        cfg, model = self.cfg, self.model
        rate = stage.schedule(self.step, self.elapsed, cfg["minutes"], cfg["warmup"], cfg["steps"])
        for group in self.opt.param_groups:
            group["lr"] = cfg["lr"] * rate
        with stage.autocast(self.device, on_cpu=True):
            loss, losses, correct = model.loss(ids, labels, cfg["loss_weights"], cfg["thin"], focus, cfg["guided"])
            layers = model.model.language_model.layers
            guide = sum(layers[i].self_attn.guide for i in cfg["guided"]) / len(cfg["guided"])
            legible, told = self.guides.spelling_loss(model, ids, focus), self.guides.voice_loss(model, voice)
            loss = (loss + cfg["guide_weight"] * guide + cfg["word_weight"] * legible
                    + cfg["voice_weight"] * told)
        optimisers = self.opt, self.guide_opt
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.elapsed, self.stopping = self.team.average(
            [*model.parameters(), *self.guides.parameters()], [self.clock.seconds, float(stop)])
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        self.step, self.tokens = self.step + 1, self.tokens + int(ids.shape[0] * ids.shape[1]) * self.team.size
        return torch.stack([loss.detach(), *losses, *correct, guide, legible, told]).detach().float().cpu().numpy()


COLUMNS = (["loss"] + [f"l{channel}" for channel in range(CHANNELS)]
           + [f"a{channel}" for channel in range(CHANNELS)] + ["guide", "word", "voice"])


def main():
    args = stage.arguments(__doc__)
    cfg, device = args.config["lm"], args.device
    tok = Tokenizer.from_file(os.path.join(args.work, "tokenizer.json"))
    names = cfg["voices"]
    torch.manual_seed(args.config["corpus"]["seed"])
    team = stage.Team()
    training, interruption = Training(args, tok, team, len(names)), stage.Interruption()
    print(f"{sum(p.numel() for p in training.model.parameters()) / 1e6:.2f} M parameters", flush=True)
    curve = stage.Curve(os.path.join(args.work, "lm.csv"))
    batches = iter(torch.utils.data.DataLoader(
        Stream(args, names, training.clock, training.step, team.rank), batch_size=None, num_workers=cfg["workers"],
        prefetch_factor=4 if cfg["workers"] else None))
    sums, seen, saved = np.zeros(len(COLUMNS)), 0, training.clock.seconds
    while not training.stopping and not training.finished:
        batch = (part.to(device, non_blocking=True) for part in next(batches))
        sums, seen = sums + training.teach(*batch, stop=interruption.asked), seen + 1
        seconds = training.elapsed
        if team.rank:
            continue
        if training.step % 25 == 0:
            curve.row(step=training.step, minutes=seconds / 60, tokens=training.tokens,
                      **dict(zip(COLUMNS, (float(value) for value in sums / seen))))
            sums, seen = np.zeros(len(COLUMNS)), 0
        if seconds - saved > (60 if device.type == "cuda" else 120):
            training.save()
            saved = seconds
    if not team.rank:
        training.save()


if __name__ == "__main__":
    main()
