"""The vocoder: ConvNeXt blocks to magnitude and phase, then an inverse STFT with "same" padding."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class ConvNeXt(nn.Module):
    def __init__(self, dim, inter, scale):
        super().__init__()
        self.dwconv = nn.Conv1d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, inter)
        self.pwconv2 = nn.Linear(inter, dim)
        self.gamma = nn.Parameter(scale * torch.ones(dim))

    def forward(self, x):  # (B, D, T)
        y = self.norm(self.dwconv(x).transpose(1, 2))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        return x + y.transpose(1, 2)


class VocosBackbone(nn.Module):
    def __init__(self, input_channels, dim, intermediate_dim, num_layers):
        super().__init__()
        self.embed = nn.Conv1d(input_channels, dim, 7, padding=3)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.convnext = nn.ModuleList(
            ConvNeXt(dim, intermediate_dim, 1 / num_layers) for _ in range(num_layers))
        self.final_layer_norm = nn.LayerNorm(dim, eps=1e-6)
        for module in self.modules():
            if isinstance(module, (nn.Conv1d, nn.Linear)):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        x = self.norm(self.embed(x).transpose(1, 2)).transpose(1, 2)
        for block in self.convnext:
            x = block(x)
        return self.final_layer_norm(x.transpose(1, 2))


class InverseSTFT(nn.Module):
    def __init__(self, n_fft, hop):
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("window", torch.hann_window(n_fft))

    def _overlap_add(self, frames):  # (B, n_fft, T)
        total = (frames.shape[-1] - 1) * self.hop + self.n_fft
        return F.fold(frames, (1, total), (1, self.n_fft), stride=(1, self.hop))[:, 0, 0]

    def forward(self, spec):
        cut = (self.n_fft - self.hop) // 2
        frames = torch.fft.irfft(spec, self.n_fft, dim=1) * self.window[None, :, None]
        weight = self.window.square()[None, :, None].expand(1, -1, spec.shape[-1])
        return (self._overlap_add(frames)[:, cut:-cut]
                / self._overlap_add(weight)[:, cut:-cut])


class SpectrumHead(nn.Module):
    def __init__(self, dim, n_fft, hop):
        super().__init__()
        self.out = nn.Linear(dim, n_fft + 2)
        self.istft = InverseSTFT(n_fft, hop)

    def forward(self, x):
        log_mag, phase = self.out(x).float().transpose(1, 2).chunk(2, dim=1)
        mag = log_mag.exp().clamp(max=1e2)
        return self.istft(torch.complex(mag * phase.cos(), mag * phase.sin()))


class Vocos(nn.Module):
    def __init__(self, input_channels, dim, intermediate_dim, num_layers, n_fft, hop_size,
                 padding="same"):
        super().__init__()
        self.backbone = VocosBackbone(input_channels, dim, intermediate_dim, num_layers)
        self.head = SpectrumHead(dim, n_fft, hop_size)

    def forward(self, features):
        return self.head(self.backbone(features))
