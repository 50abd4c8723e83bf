"""The XY-Tokenizer codec at any width.

Module and tensor names follow the published checkpoint, so `state_dict()` is what the export writes.
"""
from __future__ import annotations

import torch
from torch import nn

from codec_mel import LogMel
from codec_quantizer import ResidualVQ
from codec_transformer import Adapter, Decoder, DownSample, Encoder, UpSample
from codec_vocos import Vocos


class Codec(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.params = params
        self.semantic_encoder = Encoder(**params["semantic_encoder_kwargs"])
        self.semantic_encoder_adapter = Adapter(**params["semantic_encoder_adapter_kwargs"])
        self.acoustic_encoder = Encoder(**params["acoustic_encoder_kwargs"])
        self.pre_rvq_adapter = Adapter(**params["pre_rvq_adapter_kwargs"])
        self.downsample = DownSample(**params["downsample_kwargs"])
        self.quantizer = ResidualVQ(**params["quantizer_kwargs"])
        self.post_rvq_adapter = Adapter(**params["post_rvq_adapter_kwargs"])
        self.upsample = UpSample(**params["upsample_kwargs"])
        self.acoustic_decoder = Decoder(**params["acoustic_decoder_kwargs"])
        self.enhanced_vocos = Vocos(**params["vocos_kwargs"])
        self.logmel = LogMel()

    # ---- pieces
    def latent(self, mel, lengths=None, offset=0):
        semantic, half = self.semantic_encoder(mel, lengths, offset)
        semantic = self.semantic_encoder_adapter(semantic, half, offset)
        acoustic, half = self.acoustic_encoder(mel, lengths, offset)
        mixed = self.pre_rvq_adapter(torch.cat([semantic, acoustic], -1), half, offset)
        return self.downsample(mixed)

    def features(self, quantised, lengths=None, offset=0):
        """RVQ output (B, T, D) -> the 80 feature channels that feed the vocoder."""
        x = self.post_rvq_adapter(quantised, lengths, offset // 4)
        x = self.upsample(x)
        return self.acoustic_decoder(x, None if lengths is None else lengths * 4, offset)

    # ---- whole codec, for audio of at most 30 s
    @torch.no_grad()
    def encode(self, audio):
        """(N,) audio, N a multiple of 1280 -> codes (nq, T)."""
        tail = torch.zeros(2560, device=audio.device)
        mel = self.logmel(torch.cat([audio, tail])[None])
        lengths = torch.tensor([audio.shape[0] // 160], device=audio.device)
        steps = audio.shape[0] // 1280
        return self.quantizer.encode(self.latent(mel, lengths)[:, :steps])[:, 0]

    @torch.no_grad()
    def decode(self, codes):
        """codes (nq, T) -> (N,) audio."""
        return self.enhanced_vocos(self.features(self.quantizer.decode(codes[:, None])))[0]
