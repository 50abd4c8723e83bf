"""Stage 2: the codes.

    python codes.py --preset cpu --work WORK

The latent of a code frame (80 ms) is a PCA projection of its 8 x 80 log-mel patch, and the residual codebooks are
k-means on it. That is closed form, so the codes are there in a minute, and the language model, the codec's encoder
(audio -> latent), its decoder (codes -> mel) and its vocoder (mel -> wave) can then all be trained apart.

Fits WORK/rvq.pt (projection, codebooks) unless it is there: all weights belong to it, so it is never fitted anew.
Then writes WORK/codes/<speaker>.npz for every speaker that lacks them, and <speaker>@N.npz, the same sentences at
another offset to the frame grid, for the voices of the language model (`codes.shifts` of them).
"""
from __future__ import annotations

import os

import numpy as np
import torch

import stage
from codec_mel import LogMel
from codec_quantizer import Codebook
from speech import FRAME_SAMPLES, SAMPLE_RATE, Corpus, voice_of

RUN_SAMPLES = 25 * SAMPLE_RATE


def runs(data, name):
    """Audio in runs of whole sentences, at most 25 s: how a prompt will be seen."""
    clips, size = [], 0
    for index, line in enumerate(data.lines[name]):
        if size + line["length"] > RUN_SAMPLES and clips:
            yield np.concatenate(clips)
            clips, size = [], 0
        clips.append(data.sentence(name, index))
        size += line["length"]
    if clips:
        yield np.concatenate(clips)


def patches(logmel, audio, device):
    """(N,) audio -> (frames, 640): mel + 1, eight mel frames a code frame."""
    mel = logmel(torch.from_numpy(audio).to(device)[None])[0] + 1.0
    return mel.T.reshape(-1, 640)


class Analytic(torch.nn.Module):
    """PCA + residual k-means; `latent` is what the trained encoder has to hit."""

    def __init__(self, width, levels, size):
        super().__init__()
        self.register_buffer("mean", torch.zeros(640))
        self.register_buffer("basis", torch.zeros(640, width))
        self.books = torch.nn.ModuleList(Codebook(size, width) for _ in range(levels))

    def latent(self, patch):
        return (patch - self.mean) @ self.basis

    def encode(self, latent):
        residual, codes = latent, []
        for book in self.books:
            idx = torch.cat([book.nearest(r) for r in residual.split(8192)])
            residual = residual - book.codebook[idx]
            codes.append(idx)
        return torch.stack(codes, 1)  # (frames, levels)


def load_analytic(work, device):
    state = stage.checkpoint_of("codes", work, "rvq.pt")
    fitted = Analytic(*state["shape"])
    fitted.load_state_dict(state["state"])
    return fitted.to(device).eval()


@torch.no_grad()
def fit(pool, shape, active_levels):
    """pool (frames, 640) of log-mel patches -> Analytic of `shape` (width, levels, codes a book)"""
    fitted = Analytic(*shape).to(pool.device)
    fitted.mean.copy_(pool.mean(0))
    _, _, basis = torch.pca_lowrank(pool - fitted.mean, q=min(640, shape[0] + 32), center=False)
    basis = basis[:, :shape[0]]
    # one scale for all axes, so that the first has deviation 1: distances stay those of the mel
    scale = ((pool - fitted.mean) @ basis[:, :1]).std()
    fitted.basis.copy_(basis / scale)
    latent = fitted.latent(pool)
    inverse = fitted.basis.T * scale ** 2
    residual = latent
    for level, book in enumerate(fitted.books):
        if level >= active_levels:
            # an all-zero book always encodes as 0 and adds nothing: a tiny language model is
            # spared the channels it could not predict anyway
            book.inited.fill_(True)
            continue
        book.kmeans(residual, 15)
        residual = residual - book.codebook[book.nearest(residual)]
        error = ((latent - residual) @ inverse + fitted.mean - pool).abs().mean()
        print(f"level {level}: mel L1 {error:.4f}", flush=True)
    return fitted


def write_codes(folder, name, codes, starts):
    """codes (frames, levels); starts: the first frame of each sentence, and the end"""
    path = os.path.join(folder, name + ".npz")
    with stage.whole_file(path) as part, open(part, "wb") as handle:
        np.savez(handle, codes=codes.cpu().numpy().astype(np.uint16), starts=np.array(starts))
    print(name, tuple(codes.shape), flush=True)


def aligned(corpus, name, fitted, logmel, device):
    """Codes of the sentences as they lie, one after the other."""
    patch = torch.cat([patches(logmel, audio, device) for audio in runs(corpus, name)])
    codes = fitted.encode(fitted.latent(patch))
    return codes, [line["start"] // FRAME_SAMPLES for line in corpus.lines[name]] + [len(codes)]


def shifted(corpus, name, number, fitted, logmel, device):
    """The same sentences, each begun at a random point of the 80 ms frame."""
    rng = np.random.default_rng(number + 1)
    pieces, starts, frames, clips = [], [], 0, []

    def flush():
        if clips:
            pieces.append(fitted.encode(fitted.latent(patches(logmel, np.concatenate(clips), device))).cpu())
            clips.clear()

    for index in range(len(corpus.lines[name])):
        lead = np.zeros(int(rng.integers(1, FRAME_SAMPLES)), np.float32)
        clip = np.concatenate([lead, corpus.sentence(name, index)])
        clip = np.concatenate([clip, np.zeros(-len(clip) % FRAME_SAMPLES, np.float32)])
        if sum(map(len, clips)) + len(clip) > RUN_SAMPLES:
            flush()
        clips.append(clip)
        starts.append(frames)
        frames += len(clip) // FRAME_SAMPLES
    flush()
    return torch.cat(pieces), starts + [frames]


@torch.no_grad()
def main():
    args = stage.arguments(__doc__)
    preset, device = args.config, args.device
    corpus, logmel = Corpus(args.work), LogMel().to(device)
    path = os.path.join(args.work, "rvq.pt")
    if not os.path.exists(path):
        spec = preset["codec"]["params"]["quantizer_kwargs"]
        shape = (spec["rvq_dim"], spec["num_quantizers"], spec["codebook_size"])
        train = {speaker[0] for speaker in preset["speakers"]}
        pool = torch.cat([patches(logmel, audio, device).cpu()
                          for name in corpus.names if name in train for audio in runs(corpus, name)])
        torch.manual_seed(preset["corpus"]["seed"])
        keep = torch.randperm(len(pool))[:preset["codes"]["fit_frames"]]
        fitted = fit(pool[keep].to(device), shape, preset["codec"]["active_levels"])
        stage.save_checkpoint(dict(shape=shape, state=fitted.state_dict()), path)
    fitted = load_analytic(args.work, device)
    folder = os.path.join(args.work, "codes")
    os.makedirs(folder, exist_ok=True)
    voices = preset["lm"]["voices"]
    for name in corpus.names:
        if not os.path.exists(os.path.join(folder, name + ".npz")):
            write_codes(folder, name, *aligned(corpus, name, fitted, logmel, device))
        if voice_of(name) not in voices:
            continue
        for number in range(preset["codes"]["shifts"]):
            if not os.path.exists(os.path.join(folder, f"{name}@{number}.npz")):
                write_codes(folder, f"{name}@{number}", *shifted(corpus, name, number, fitted, logmel, device))


if __name__ == "__main__":
    main()
