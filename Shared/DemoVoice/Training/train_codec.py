"""Stage 4: train the codec around the fixed codes.

    python train_codec.py --preset cpu --work WORK --part enc     # audio -> latent
    python train_codec.py --preset cpu --work WORK --part dec     # codes -> mel
    python train_codec.py --preset cpu --work WORK --part voc     # mel -> waveform
    python train_codec.py --preset cpu --work WORK --part joint   # codes -> waveform, after dec and voc
    python train_codec.py --preset cpu --work WORK --part finish  # what the decoder gives -> waveform, after joint

The first three do not touch each other's weights, so they may run in any order, side by side, and while the language
model trains; joint starts from dec and voc, and finish leaves everything but the vocoder as it is. Each keeps WORK/codec-PART.pt and WORK/codec-PART.csv, and goes on from them.
"""
from __future__ import annotations

import os
import random

import numpy as np
import torch
import torch.nn.functional as F

import stage
from codec_model import Codec
from codes import load_analytic
from critic import Critic
from spectral_losses import spectral_losses
from speech import FRAME_SAMPLES, Corpus

PARTS = {
    "enc": ("semantic_encoder", "acoustic_encoder", "pre_rvq_adapter", "downsample",
            "quantizer.input_proj"),
    "dec": ("quantizer.output_proj", "post_rvq_adapter", "upsample", "acoustic_decoder"),
    "voc": ("enhanced_vocos",),
    "joint": ("quantizer.output_proj", "post_rvq_adapter", "upsample", "acoustic_decoder",
              "enhanced_vocos"),
    "finish": ("enhanced_vocos",),
}


class Crops:
    """Random stretches of the corpus that begin on a code frame, with their codes."""

    def __init__(self, work, names, seed):
        self.data = Corpus(work, names)
        self.rng = random.Random(seed)
        self.codes = {n: np.load(os.path.join(work, "codes", n + ".npz"))["codes"].astype(np.int64)
                      for n in self.data.names}

    def piece(self, frames):
        name = self.rng.choice(self.data.names)
        begin = self.rng.randrange(0, len(self.codes[name]) - frames)
        audio = self.data.audio[name][begin * FRAME_SAMPLES:(begin + frames) * FRAME_SAMPLES]
        return audio.astype(np.float32) / 32767.0, self.codes[name][begin:begin + frames]

    def batch(self, count, frames, device):
        """`frames` code frames a row -> audio (B, N), codes (8, B, T)."""
        audio, codes = [], []
        for _ in range(count):
            if frames >= 40 and self.rng.random() < 0.5:  # change of speaker inside
                first = self.rng.randrange(1, frames)
                parts = [self.piece(first), self.piece(frames - first)]
            else:
                parts = [self.piece(frames)]
            audio.append(np.concatenate([p[0] for p in parts]))
            codes.append(np.concatenate([p[1] for p in parts]))
        codes = torch.from_numpy(np.stack(codes)).permute(2, 0, 1)
        return torch.from_numpy(np.stack(audio)).to(device), codes.to(device)


class Run:
    """What the parts share: weights, optimiser, schedule, curve, checkpoint."""

    def __init__(self, args, part, betas):
        self.cfg, self.part = args.config["codec"][part], part
        self.codec = build(args)
        table = dict(self.codec.named_parameters())
        self.weights = [weight for name, weight in table.items() if name.startswith(PARTS[part])]
        self.opt = torch.optim.AdamW(self.weights, lr=self.cfg["lr"], betas=betas, weight_decay=1e-3, fused=True)
        self.path = os.path.join(args.work, f"codec-{part}.pt")
        self.step, spent, self.more = 0, 0.0, {}
        if os.path.exists(self.path):
            state = stage.load_checkpoint(self.path, args.device)
            self.codec.load_state_dict(state["codec"], strict=False)
            if "opt" in state:
                self.opt.load_state_dict(state["opt"])
            self.step, spent, self.more = state["step"], state["spent"], state.get("more", {})
            print(f"{part}: goes on from step {self.step}", flush=True)
        self.clock, self.interruption = stage.Clock(spent), stage.Interruption()
        self.curve = stage.Curve(os.path.join(args.work, f"codec-{part}.csv"))
        self.sums, self.seen, self.saved = {}, 0, self.clock.seconds
        self.keepers = {}  # modules and optimisers that are saved beside the weights

    def keep(self, name, what):
        """Saves `what` with the checkpoint, and takes it from there now if it is in it."""
        if name in self.more:
            what.load_state_dict(self.more[name])
        self.keepers[name] = what

    def going(self):
        spent, cfg = self.clock.seconds, self.cfg
        if self.interruption.asked or self.step >= cfg["steps"] or spent > 60 * cfg["minutes"]:
            self.save()
            return False
        rate = stage.schedule(self.step, spent, cfg["minutes"], cfg["warmup"], cfg["steps"])
        for group in self.opt.param_groups:
            group["lr"] = cfg["lr"] * rate
        return True

    def update(self, loss, every=50, **values):
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 3.0)
        self.opt.step()
        self.step, self.seen = self.step + 1, self.seen + 1
        for key, value in values.items():
            self.sums[key] = self.sums.get(key, 0.0) + float(value)
        if self.step % every == 0:
            self.curve.row(step=self.step, minutes=self.clock.seconds / 60,
                           **{k: v / self.seen for k, v in self.sums.items()})
            self.sums, self.seen = {}, 0
        if self.clock.seconds - self.saved > 90:
            self.save()

    def save(self):
        kept = {k: v for k, v in self.codec.state_dict().items() if k.startswith(PARTS[self.part])}
        stage.save_checkpoint(
            dict(codec=kept, opt=self.opt.state_dict(), step=self.step, spent=self.clock.seconds,
                 more={k: v.state_dict() for k, v in self.keepers.items()}), self.path)
        self.saved = self.clock.seconds


def build(args, parts=tuple(PARTS)):
    """A codec with the fitted codebooks and whatever has been trained so far."""
    codec = Codec(args.config["codec"]["params"])
    fitted = load_analytic(args.work, "cpu")
    for book, source in zip(codec.quantizer.quantizers, fitted.books):
        book.load_state_dict(source.state_dict())
    for encoder in (codec.semantic_encoder, codec.acoustic_encoder):
        for conv in (encoder.conv1, encoder.conv2):
            conv.weight.data.mul_(3.0)  # let the signal outweigh the positions
    for module in codec.modules():
        if hasattr(module, "fc2"):
            module.fc2.weight.data.mul_(0.2)
            module.self_attn.out_proj.weight.data.mul_(0.2)
    codec.acoustic_decoder.deconv2.bias.data.fill_(0.8)
    for part in parts:
        path = os.path.join(args.work, f"codec-{part}.pt")
        if os.path.exists(path):
            codec.load_state_dict(stage.load_checkpoint(path)["codec"], strict=False)
    return codec.to(args.device)


CONTEXT, LOOK_AHEAD = 8, 5  # code frames
LENGTHS, ODDS = (16, 32, 64, 128, 320), (30, 30, 22, 12, 6)  # code frames a row


def shape_of(run, rng):
    frames = rng.choices(LENGTHS, ODDS)[0]
    return max(1, run.cfg["batch"] // frames), frames, rng.randrange(0, 375 - frames + 1) * 4


def train_enc(args, crops):
    run = Run(args, "enc", (0.9, 0.98))
    fitted = load_analytic(args.work, args.device)
    while run.going():
        rows, frames, offset = shape_of(run, crops.rng)
        audio, _ = crops.batch(rows, frames, args.device)
        with torch.no_grad():
            mel = run.codec.logmel(audio)
            patch = (mel + 1.0).transpose(1, 2).reshape(-1, 640)
            goal = fitted.latent(patch)
        with stage.autocast(args.device, on_cpu=True):
            z = run.codec.quantizer.input_proj(run.codec.latent(mel, offset=offset))
        z = z.float().reshape(goal.shape)
        error = ((z - goal) ** 2).sum(-1)
        loss = error.mean() + error.sqrt().mean()
        values = dict(error=error.detach().mean(), power=(goal ** 2).sum(-1).mean())
        if run.step % 10 == 0:
            with torch.no_grad():
                same = (fitted.encode(z) == fitted.encode(goal)).float().mean(0)
            run.same = same
        run.update(loss, **values, same0=run.same[0], same1=run.same[1], same3=run.same[3])


def train_dec(args, crops):
    run = Run(args, "dec", (0.9, 0.98))
    while run.going():
        rows, frames, offset = shape_of(run, crops.rng)
        audio, codes = crops.batch(rows, frames, args.device)
        with torch.no_grad():
            mel = run.codec.logmel(audio) + 1.0
        with stage.autocast(args.device, on_cpu=True):
            out = run.codec.features(run.codec.quantizer.decode(codes), offset=offset)
        diff = out.float() - mel
        loss = diff.abs().mean() + 2.0 * (diff ** 2).mean()
        run.update(loss, mel_l1=diff.detach().abs().mean())


def train_voc(args, crops):
    run = Run(args, "voc", (0.8, 0.98))
    while run.going():
        audio, _ = crops.batch(run.cfg["batch"], run.cfg["frames"], args.device)
        with torch.no_grad():
            mel = run.codec.logmel(audio) + 1.0
            mel = mel + 0.04 * torch.rand(len(mel), 1, 1, device=mel.device) * torch.randn_like(mel)
        with stage.autocast(args.device):
            fake = run.codec.enhanced_vocos(mel)
        loss = spectral_losses(fake.float(), audio)
        run.update(loss, stft=loss.detach())


def window_loss(codec, quantised, features, rng):
    """How far features (B, 80, 8 T) are from those of the same frames in a shorter window, at another place.

    Sound that is sent early comes from such windows: 5 frames of look-ahead, some context before. `quantised` is
    (B, T, D); frames that lie nearer to an edge of the window are left out."""
    total = quantised.shape[1]
    size = rng.randrange(max(total // 2, CONTEXT + LOOK_AHEAD + 1), total)
    begin = rng.randrange(0, total - size + 1)
    part = codec.features(quantised[:, begin:begin + size], offset=rng.randrange(0, 375 - size) * 4).float()
    first, last = (0 if begin == 0 else CONTEXT), size - (0 if begin + size == total else LOOK_AHEAD)
    return (part[..., first * 8:last * 8] - features[..., (begin + first) * 8:(begin + last) * 8]).abs().mean()


class Adversary:
    """A critic that is taught, beside a part, to tell copies from originals, both (B, N)."""

    def __init__(self, run, device):
        self.device, self.critic = device, Critic().to(device)
        self.opt = torch.optim.AdamW(self.critic.parameters(), lr=2e-4, betas=(0.8, 0.98))
        run.keep("critic", self.critic)
        run.keep("critic_opt", self.opt)

    def learn(self, real, fake):
        """One step -> its loss."""
        with stage.autocast(self.device):
            real_scores, _ = self.critic(real)
            fake_scores, _ = self.critic(fake.detach())
        loss = sum(F.relu(1 - r.float()).mean() + F.relu(1 + f.float()).mean()
                   for r, f in zip(real_scores, fake_scores)) / len(real_scores)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return loss.detach()

    def loss(self, real, fake):
        """What a copy has to lose: being told, and differing in what the critic looks at."""
        with stage.autocast(self.device):
            scores, maps = self.critic(fake)
            with torch.no_grad():
                _, real_maps = self.critic(real)
        told = sum(-s.float().mean() for s in scores) / len(scores)
        match = sum((a - b).abs().float().mean() for a, b in zip(maps, real_maps)) / len(maps)
        return 0.1 * told + 2.0 * match


def train_joint(args, crops):
    """Decoder and vocoder together, from the fixed codes to the waveform."""
    run = Run(args, "joint", (0.8, 0.98))
    cfg, device, codec = run.cfg, args.device, run.codec
    while run.going():
        frames = crops.rng.choice((cfg["frames"], cfg["frames"], 4 * cfg["frames"]))
        rows = max(1, cfg["batch"] * cfg["frames"] // frames)
        offset = crops.rng.randrange(0, max(1, 375 - frames)) * 4
        audio, codes = crops.batch(rows, frames, device)
        with torch.no_grad():
            mel = codec.logmel(audio) + 1.0
        with stage.autocast(device, on_cpu=True):
            quantised = codec.quantizer.decode(codes)
            features = codec.features(quantised, offset=offset)
            window = window_loss(codec, quantised, features.float(), crops.rng)
            fake = codec.enhanced_vocos(features)
        fake, features = fake.float(), features.float()
        feature_loss = (features - mel).abs().mean()
        stft = spectral_losses(fake, audio)
        run.update(stft + 2.0 * feature_loss + 5.0 * window, 25, stft=stft.detach(), mel_l1=feature_loss.detach(),
                   window=window.detach())


WIDE = 24  # code frames on either side of those that `finish` listens to


def train_finish(args, crops):
    """The vocoder alone, on what the decoder makes of the codes, against a critic.

    Spectra alone teach it to hum at the rate of its hops where speech is noise: an even spectrum is nearer to every
    noise than another noise is. And from the shorter windows of sound that is sent early it has to make the same noise
    (`window`: the power of the difference, as a share of the sound's)."""
    run = Run(args, "finish", (0.8, 0.98))
    cfg, device, codec = run.cfg, args.device, run.codec
    adversary = Adversary(run, device)
    frames, total = cfg["frames"], cfg["frames"] + 2 * WIDE
    middle = slice(FRAME_SAMPLES * WIDE, FRAME_SAMPLES * (WIDE + frames))

    def features(quantised, before):
        """Of the frames that are listened to, which `before` others precede in the window."""
        offset = crops.rng.randrange(0, 375 - quantised.shape[1]) * 4
        return codec.features(quantised, offset=offset).float()[..., 8 * before:8 * (before + frames)]

    while run.going():
        audio, codes = crops.batch(cfg["batch"], total, device)
        audio = audio[:, middle]
        with torch.no_grad(), stage.autocast(device, on_cpu=True):
            quantised = codec.quantizer.decode(codes)
            settled = features(quantised, WIDE)
            early = features(quantised[:, WIDE - CONTEXT:WIDE + frames + LOOK_AHEAD], CONTEXT)
        with stage.autocast(device):
            fake, sooner = codec.enhanced_vocos(torch.cat([settled, early])).float().chunk(2)
        window = (fake - sooner).square().mean() / fake.detach().square().mean()
        stft = spectral_losses(fake, audio, (64, 128, 256, 512, 1024, 2048))
        told = adversary.learn(audio, fake)
        run.update(stft + adversary.loss(audio, fake) + 3.0 * window, 50, stft=stft.detach(), critic=told,
                   window=window.detach())


def main():
    args = stage.arguments(__doc__, part="dec")
    if args.part not in PARTS:
        raise SystemExit(f"--part {args.part}: use one of {', '.join(PARTS)}")
    path = os.path.join(args.work, f"codec-{args.part}.pt")
    step = stage.load_checkpoint(path)["step"] if os.path.exists(path) else 0
    seed = f"{args.config['corpus']['seed']}-{args.part}-{step}"
    torch.manual_seed(args.config["corpus"]["seed"])
    crops = Crops(args.work, [speaker[0] for speaker in args.config["speakers"]], seed)
    dict(enc=train_enc, dec=train_dec, voc=train_voc, joint=train_joint, finish=train_finish)[args.part](args, crops)


if __name__ == "__main__":
    main()
