"""Causal attention for training on CPUs that multiply in bf16: two thirds of the time of PyTorch's own there, whose
backward pass takes seven times its forward pass."""
from __future__ import annotations

import torch

QUERIES = 128  # at a time, with no more than the keys that the last of them sees


class CausalAttention(torch.autograd.Function):
    """softmax(q kᵀ / √d) v over each row's past; q, k, v (B, H, T, D) of any type -> (B, H, T, D) in bf16."""

    @staticmethod
    def forward(ctx, q, k, v):
        batch, heads, steps, width = q.shape
        q, k, v = (x.reshape(batch * heads, steps, width).to(torch.bfloat16).contiguous() for x in (q, k, v))
        q = q * width ** -0.5
        out, shares = torch.empty_like(v), []
        future = torch.full((QUERIES, QUERIES), -1e4, dtype=q.dtype).triu(1)
        for begin in range(0, steps, QUERIES):
            end = min(steps, begin + QUERIES)
            score = torch.bmm(q[:, begin:end], k[:, :end].transpose(1, 2))
            score[:, :, begin:] += future[:end - begin, :end - begin]
            shares.append(torch.softmax(score, -1))
            out[:, begin:end] = torch.bmm(shares[-1], v[:, :end])
        ctx.save_for_backward(q, k, v, out, *shares)
        ctx.shape = batch, heads, steps, width
        return out.view(ctx.shape)

    @staticmethod
    def backward(ctx, grad):
        q, k, v, out, *shares = ctx.saved_tensors
        steps, width = ctx.shape[2:]
        grad = grad.reshape(q.shape).to(torch.bfloat16).contiguous()
        mean = (grad.float() * out.float()).sum(-1, keepdim=True).to(grad.dtype)
        dq = torch.empty_like(q)
        dk, dv = torch.zeros_like(k, dtype=torch.float32), torch.zeros_like(v, dtype=torch.float32)
        for share, begin in zip(shares, range(0, steps, QUERIES)):
            end = min(steps, begin + QUERIES)
            dout = grad[:, begin:end]
            dv[:, :end] += torch.bmm(share.transpose(1, 2), dout)
            dscore = torch.bmm(dout, v[:, :end].transpose(1, 2)).sub_(mean[:, begin:end]).mul_(share)
            dq[:, begin:end] = torch.bmm(dscore, k[:, :end])
            dk[:, :end] += torch.bmm(dscore.transpose(1, 2), q[:, begin:end])
        return tuple(x.view(ctx.shape) for x in (dq * width ** -0.5, dk, dv))


@torch.compiler.disable  # its loop and its buffers gain nothing from being traced
def causal_attention(q, k, v):
    return CausalAttention.apply(q, k, v)
