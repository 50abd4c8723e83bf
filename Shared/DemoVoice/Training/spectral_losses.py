"""What a waveform is judged by: its spectra at several resolutions."""
from __future__ import annotations

import torch


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
