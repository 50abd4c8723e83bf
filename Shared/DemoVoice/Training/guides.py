"""What teaches the language model beside the codes and is never exported: heads on its middle layers."""
from __future__ import annotations

import torch
import torch.nn.functional as F

from lm_model import kept


class Guides(torch.nn.Module):
    """`speller`: the word being said has to be legible after the last guided layer;
    `teller`: two layers before the end it has to be known which voice speaks."""

    def __init__(self, hidden, voices):
        super().__init__()
        self.speller = torch.nn.Linear(hidden, hidden, bias=False)
        torch.nn.init.eye_(self.speller.weight)
        self.teller = torch.nn.Linear(hidden, voices)

    def spelling_loss(self, model, ids, focus):
        """Of the last forward pass of `model` on `ids` (rows, steps, 8); `focus` (rows, steps): the word's place."""
        word = ids[:, :-1, 0].gather(1, focus[:, :-1].clamp(min=0))
        state, word = kept(model.guided_state, word, focus[:, :-1] >= 0)
        table = model.model.embedding_list[0].weight[:model.config["speech_start"]]
        return F.cross_entropy((self.speller(_normed(state)) @ table.t()).float(), word)

    def voice_loss(self, model, voice):
        """Of the last forward pass of `model`; `voice` (rows, steps): the number of the voice, -1 where none speaks."""
        state, voice = kept(model.middle_state, voice[:, :-1], voice[:, :-1] >= 0)
        return F.cross_entropy(self.teller(_normed(state)).float(), voice)

    def take(self, stored):
        """Takes over what `stored`, an earlier state, has in the same shape -> whether that was everything."""
        own = self.state_dict()
        same = {name: value for name, value in stored.items() if name in own and own[name].shape == value.shape}
        self.load_state_dict({**own, **same})
        return len(same) == len(own)


def _normed(state):
    return F.rms_norm(state, state.shape[-1:])
