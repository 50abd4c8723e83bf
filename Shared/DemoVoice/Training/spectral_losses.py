"""What a waveform is judged by: spectra at several resolutions, and a critic that learns to tell copies."""
from __future__ import annotations

import torch
import torch.nn.functional as F


def spectral_losses(fake, real, sizes=(256, 512, 1024)):
    total = 0.0
    for size in sizes:
        window = torch.hann_window(size, device=fake.device)
        pair = []
        for wave in (fake, real):
            spec = torch.stft(wave, size, size // 4, window=window, return_complex=True)
            pair.append((spec.real ** 2 + spec.imag ** 2).clamp(min=1e-7).sqrt())
        f, r = pair
        total = total + (f - r).norm(dim=(1, 2)).div(r.norm(dim=(1, 2)) + 1e-3).mean()
        floor = 2e-3 * (size / 512) ** 0.5
        total = total + (torch.log(f + floor) - torch.log(r + floor)).abs().mean()
    return total / len(sizes)


class Critic(torch.nn.Module):
    """Small multi-resolution spectrogram critic for the joint stage (GPU preset)."""

    def __init__(self, sizes=(256, 512, 1024), width=32):
        super().__init__()
        self.sizes = sizes
        conv = torch.nn.utils.parametrizations.weight_norm
        self.nets = torch.nn.ModuleList(torch.nn.ModuleList([
            conv(torch.nn.Conv2d(2, width, (3, 7), padding=(1, 3))),
            conv(torch.nn.Conv2d(width, width, (3, 7), stride=(1, 2), padding=(1, 3))),
            conv(torch.nn.Conv2d(width, width, (3, 7), stride=(1, 2), padding=(1, 3))),
            conv(torch.nn.Conv2d(width, width, (3, 3), padding=(1, 1))),
            conv(torch.nn.Conv2d(width, 1, (3, 3), padding=(1, 1)))]) for _ in sizes)

    def forward(self, wave):
        scores, maps = [], []
        for size, net in zip(self.sizes, self.nets):
            window = torch.hann_window(size, device=wave.device)
            spec = torch.stft(wave, size, size // 4, window=window, return_complex=True)
            x = torch.stack([spec.real, spec.imag], 1).transpose(2, 3)
            x = torch.sign(x) * torch.log1p(30 * x.abs())
            for layer in net[:-1]:
                x = F.leaky_relu(layer(x), 0.1)
                maps.append(x)
            scores.append(net[-1](x))
        return scores, maps
