"""A critic that learns to tell copies of speech from originals: what `codec-finish` has to get past."""
from __future__ import annotations

import torch
import torch.nn.functional as F


def _conv(inputs, outputs, size, stride=1):
    return torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(
        inputs, outputs, size, stride=stride, padding=tuple(length // 2 for length in size)))


class _Net(torch.nn.Module):
    """Convolutions from one channel to one score a place; their outputs are what two waves are compared by."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = torch.nn.ModuleList(layers)

    def forward(self, x):
        maps = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.1)
            maps.append(x)
        return self.layers[-1](x), maps


class Critic(torch.nn.Module):
    """Learns to tell copies from originals, from log magnitudes at several resolutions, and from the samples in rows of
    several periods (the two kinds of discriminator of HiFi-GAN and UnivNet, much narrower)."""

    def __init__(self, sizes=(512,), periods=(2, 5, 11), width=16):
        super().__init__()
        self.sizes, self.periods = sizes, periods
        self.of_sizes = torch.nn.ModuleList(_Net(
            _conv(1, width, (3, 9), (1, 2)), _conv(width, width, (3, 9), (2, 2)), _conv(width, 2 * width, (3, 7), (1, 2)),
            _conv(2 * width, 2 * width, (3, 3)), _conv(2 * width, 1, (3, 3))) for _ in sizes)
        self.of_periods = torch.nn.ModuleList(_Net(
            _conv(1, width, (5, 1), (3, 1)), _conv(width, 2 * width, (5, 1), (3, 1)),
            _conv(2 * width, 4 * width, (5, 1), (3, 1)), _conv(4 * width, 4 * width, (5, 1)),
            _conv(4 * width, 1, (3, 1))) for _ in periods)

    def forward(self, wave):
        """(B, N) -> [scores], one a net, and [what their layers see]"""
        scores, maps = [], []
        for net, view in [*zip(self.of_sizes, map(lambda size: _log_magnitudes(wave, size), self.sizes)),
                          *zip(self.of_periods, map(lambda period: _rows(wave, period), self.periods))]:
            score, seen = net(view)
            scores.append(score)
            maps += seen
        return scores, maps


def _log_magnitudes(wave, size):
    """(B, 1, frames, bins)"""
    window = torch.hann_window(size, device=wave.device)
    spec = torch.stft(wave, size, size // 4, window=window, return_complex=True)
    return (spec.real ** 2 + spec.imag ** 2).clamp(min=1e-7).log()[:, None].transpose(2, 3) / 4 + 1


def _rows(wave, period):
    """(B, 1, N / period, period): samples of one phase of the period in a column"""
    kept = wave.shape[1] // period * period
    return 8.0 * wave[:, :kept].reshape(len(wave), 1, -1, period)
