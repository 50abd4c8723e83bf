"""Log mel spectrogram in the manner of Whisper: what the codec's encoders read."""
from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn


def slaney_mel(bins=80, n_fft=400, rate=16000):
    """Slaney-normalised mel filters, (n_fft // 2 + 1, bins)."""
    step, knee = 200.0 / 3, 1000.0
    log_step = math.log(6.4) / 27.0

    def to_mel(hz):
        return hz / step if hz < knee else knee / step + math.log(hz / knee) / log_step

    def to_hz(mel):
        return np.where(mel < knee / step, mel * step,
                        knee * np.exp(log_step * (mel - knee / step)))

    edges = to_hz(np.linspace(0.0, to_mel(rate / 2), bins + 2))
    freq = np.linspace(0, rate / 2, n_fft // 2 + 1)
    rise = (freq[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])[None, :]
    fall = (edges[None, 2:] - freq[:, None]) / (edges[2:] - edges[1:-1])[None, :]
    bank = np.maximum(0, np.minimum(rise, fall)) * (2.0 / (edges[2:] - edges[:-2]))[None, :]
    return torch.tensor(bank, dtype=torch.float32)


class LogMel(nn.Module):
    """Whisper-style log mel of (B, N) audio -> (B, 80, N / 160)."""

    def __init__(self, n_fft=400, hop=160, bins=80, rate=16000):
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("bank", slaney_mel(bins, n_fft, rate), persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, audio):
        spec = torch.stft(audio.float(), self.n_fft, self.hop, window=self.window,
                          return_complex=True)[..., :-1]
        mel = torch.einsum("fm,bft->bmt", self.bank, spec.abs() ** 2)
        mel = mel.clamp(min=1e-10).log10()
        mel = torch.maximum(mel, mel.amax(dim=(1, 2), keepdim=True) - 8.0)
        return (mel + 4.0) / 4.0
