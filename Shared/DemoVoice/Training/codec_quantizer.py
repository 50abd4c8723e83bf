"""Residual vector quantisation with codebooks that are fitted by k-means, not trained."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class PointwiseWN(nn.Module):
    """A 1x1 convolution stored as weight_g / weight_v; works on (B, T, D)."""

    def __init__(self, fan_in, fan_out):
        super().__init__()
        start = nn.Conv1d(fan_in, fan_out, 1)
        self.bias = nn.Parameter(start.bias.data.clone())
        self.weight_g = nn.Parameter(start.weight.data.norm(dim=(1, 2), keepdim=True))
        self.weight_v = nn.Parameter(start.weight.data.clone())

    def forward(self, x):
        weight = self.weight_v * (self.weight_g / self.weight_v.norm(dim=(1, 2), keepdim=True))
        return F.linear(x, weight[..., 0], self.bias)


class Codebook(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.register_buffer("codebook", torch.zeros(size, width))
        self.register_buffer("inited", torch.tensor([False]))
        self.register_buffer("cluster_size", torch.zeros(size))
        self.register_buffer("embed_avg", torch.zeros(size, width))

    def nearest(self, flat):
        book = self.codebook
        return (book.pow(2).sum(1)[None] - 2.0 * flat @ book.t()).argmin(1)

    @torch.no_grad()
    def kmeans(self, flat, rounds=12):
        size = self.codebook.shape[0]
        pick = torch.randperm(flat.shape[0], device=flat.device)
        pick = pick.repeat(size // max(1, len(pick)) + 1)[:size]
        self.codebook.copy_(flat[pick] + 1e-4 * torch.randn_like(flat[pick]))
        for _ in range(rounds):
            idx = self.nearest(flat)
            count = torch.zeros(size, device=flat.device).index_add_(
                0, idx, torch.ones_like(idx, dtype=torch.float))
            total = torch.zeros_like(self.codebook).index_add_(0, idx, flat)
            empty = count == 0
            self.codebook.copy_(torch.where(
                empty[:, None], flat[torch.randint(len(flat), (size,), device=flat.device)],
                total / count.clamp(min=1)[:, None]))
        idx = self.nearest(flat)
        count = torch.zeros(size, device=flat.device).index_add_(
            0, idx, torch.ones_like(idx, dtype=torch.float))
        self.cluster_size.copy_(count.clamp(min=1.0))
        self.embed_avg.copy_(self.codebook * self.cluster_size[:, None])
        self.inited.fill_(True)


class ResidualVQ(nn.Module):
    def __init__(self, input_dim, rvq_dim, output_dim, num_quantizers, codebook_size, codebook_dim,
                 quantizer_dropout=0.0, commitment=1, **_):
        super().__init__()
        if codebook_dim != rvq_dim:
            raise ValueError(f"codebook_dim {codebook_dim} must be rvq_dim {rvq_dim}: decoding sums codes directly")
        self.input_proj = PointwiseWN(input_dim, rvq_dim)
        self.output_proj = PointwiseWN(rvq_dim, output_dim)
        self.quantizers = nn.ModuleList(
            Codebook(codebook_size, codebook_dim) for _ in range(num_quantizers))

    def encode(self, x):
        residual = self.input_proj(x).float()
        shape = residual.shape
        residual = residual.reshape(-1, shape[-1])
        codes = []
        for book in self.quantizers:
            idx = book.nearest(residual)
            residual = residual - book.codebook[idx]
            codes.append(idx.view(shape[:-1]))
        return torch.stack(codes)  # (nq, B, T)

    def decode(self, codes):
        total = 0
        for book, idx in zip(self.quantizers, codes):
            total = total + book.codebook[idx]
        return self.output_proj(total)
