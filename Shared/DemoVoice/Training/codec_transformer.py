"""The transformer stacks of the XY-Tokenizer: encoders, adapters, decoder, and the steps between their rates.

Lengths are optional: training takes whole crops without masks, and moves their (absolute) positions by `offset`,
since crops are short and positions would else be learnt for the first seconds only.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn


def sinusoid_table(length, width, base=10000.0):
    half = width // 2
    rates = torch.exp(-math.log(base) / (half - 1) * torch.arange(half))
    angle = torch.arange(length)[:, None] * rates[None, :]
    return torch.cat([angle.sin(), angle.cos()], dim=1)


def length_mask(lengths, total):
    return torch.arange(total, device=lengths.device)[None, :] < lengths[:, None]


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x, mask):
        batch, steps, width = x.shape
        split = (batch, steps, self.heads, width // self.heads)
        q = self.q_proj(x).view(split).transpose(1, 2)
        k = self.k_proj(x).view(split).transpose(1, 2)
        v = self.v_proj(x).view(split).transpose(1, 2)
        keys = None if mask is None else mask[:, None, None, :]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=keys)
        return self.out_proj(y.transpose(1, 2).reshape(batch, steps, width))


class Block(nn.Module):
    def __init__(self, width, heads, ffn):
        super().__init__()
        self.self_attn = SelfAttention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, ffn)
        self.fc2 = nn.Linear(ffn, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, x, mask):
        x = x + self.self_attn(self.self_attn_layer_norm(x), mask)
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))


class Stack(nn.Module):
    """Positions, transformer blocks, final norm; works on (B, T, D)."""

    def _build(self, positions, width, layers, heads, ffn):
        self.register_buffer("positional_embedding", sinusoid_table(positions, width))
        self.layers = nn.ModuleList(Block(width, heads, ffn) for _ in range(layers))
        self.layer_norm = nn.LayerNorm(width)

    def _run(self, x, lengths, offset):
        steps = x.shape[1]
        table = self.positional_embedding
        offset = min(offset, max(0, table.shape[0] - steps))
        x = x + table[offset:offset + steps].to(x.dtype)
        mask = None if lengths is None else length_mask(lengths, steps)
        for layer in self.layers:
            x = layer(x, mask)
        x = self.layer_norm(x)
        return x if mask is None else x * mask[..., None]


class Encoder(Stack):
    def __init__(self, num_mel_bins, sampling_rate, hop_length, stride_size, kernel_size, d_model,
                 scale_embedding, max_audio_seconds, encoder_layers, encoder_attention_heads,
                 encoder_ffn_dim, activation_function="gelu"):
        super().__init__()
        self.stride = stride_size
        self.conv1 = nn.Conv1d(num_mel_bins, d_model, kernel_size, padding=1)
        self.conv2 = nn.Conv1d(d_model, d_model, kernel_size, stride=stride_size, padding=1)
        self._build(max_audio_seconds * sampling_rate // hop_length // stride_size, d_model,
                    encoder_layers, encoder_attention_heads, encoder_ffn_dim)

    def forward(self, mel, lengths=None, offset=0):
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        lengths = None if lengths is None else lengths // self.stride
        return self._run(x, lengths, offset), lengths


class Adapter(Stack):
    def __init__(self, input_dim, output_dim, d_model, max_source_positions, encoder_layers,
                 encoder_attention_heads, encoder_ffn_dim, activation_function="gelu"):
        super().__init__()
        self.proj = nn.Linear(input_dim, d_model) if input_dim != d_model else None
        self.out_proj = nn.Linear(d_model, output_dim) if output_dim != d_model else None
        self._build(max_source_positions, d_model, encoder_layers, encoder_attention_heads,
                    encoder_ffn_dim)

    def forward(self, x, lengths=None, offset=0):
        if self.proj is not None:
            x = self.proj(x)
        x = self._run(x, lengths, offset)
        return x if self.out_proj is None else self.out_proj(x)


class Decoder(Stack):
    def __init__(self, num_mel_bins, sampling_rate, hop_length, stride_size, kernel_size, d_model,
                 scale_embedding, max_audio_seconds, decoder_layers, decoder_attention_heads,
                 decoder_ffn_dim, activation_function="gelu"):
        super().__init__()
        self.stride = stride_size
        self.deconv1 = nn.ConvTranspose1d(d_model, d_model, kernel_size, stride=stride_size)
        self.deconv2 = nn.ConvTranspose1d(d_model, num_mel_bins, kernel_size)
        self._build(max_audio_seconds * sampling_rate // hop_length // stride_size, d_model,
                    decoder_layers, decoder_attention_heads, decoder_ffn_dim)

    def forward(self, x, lengths=None, offset=0):
        steps = x.shape[1]
        x = self._run(x, lengths, offset).transpose(1, 2)
        x = F.gelu(self.deconv2(F.gelu(self.deconv1(x))))
        return x[..., :steps * self.stride]


class DownSample(nn.Module):
    def __init__(self, d_model, avg_pooler):
        super().__init__()
        self.factor, wide = avg_pooler, d_model * avg_pooler
        self.gate_proj = nn.Conv1d(d_model, wide, avg_pooler, avg_pooler, bias=False)
        self.up_proj = nn.Conv1d(d_model, wide, avg_pooler, avg_pooler, bias=False)
        self.down_proj = nn.Linear(wide, wide, bias=False)
        self.layer_norm = nn.LayerNorm(wide)

    def forward(self, x):
        x = F.pad(x, (0, 0, 0, -x.shape[1] % self.factor))
        by_channel = x.transpose(1, 2)
        gated = F.silu(self.gate_proj(by_channel)) * self.up_proj(by_channel)
        joined = x.reshape(x.shape[0], -1, x.shape[2] * self.factor)
        return self.layer_norm(joined + self.down_proj(gated.transpose(1, 2)))


class UpSample(nn.Module):
    def __init__(self, d_model, stride):
        super().__init__()
        self.up_conv = nn.ConvTranspose1d(stride * d_model, d_model, stride, stride, bias=False)

    def forward(self, x):
        return self.up_conv(x.transpose(1, 2)).transpose(1, 2)
