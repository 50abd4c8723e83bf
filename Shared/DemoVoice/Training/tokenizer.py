"""Stage 3: byte-level BPE in the Qwen2 tokenizer.json form, with the special tokens of MOSS-TTSD.

Id layout, as in the published vocabulary but smaller: BPE tokens, then
<|endoftext|> (pad) and two chat marks, then 1024 speech tokens (channel 0),
then the eight markers.  An existing WORK/tokenizer.json is left alone: weights belong to its ids.

    python tokenizer.py --preset cpu --work WORK
"""
from __future__ import annotations

import os
import random

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers
from tokenizers import AddedToken

import stage
from domain import Domain, is_chinese
from speech import SYSTEM_PROMPT, Corpus

PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
           r"|\s*[\r\n]+|\s+(?!\S)|\s+")
SPEECH_TOKENS = 1024
HEAD = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TAIL = ["<|begin_of_style|>", "<|end_of_style|>", "<|begin_of_text|>", "<|end_of_text|>",
        "<|begin_of_speech|>", "<|end_of_speech|>", "<speaker1>", "<speaker2>"]


def build(corpus_texts, size):
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, min_frequency=2,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator(corpus_texts, trainer)
    special = HEAD + [f"<|speech_{i}|>" for i in range(SPEECH_TOKENS)] + TAIL
    tok.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    return tok


def training_text(work, grammar, salad):
    texts = [SYSTEM_PROMPT] * 400
    data = Corpus(work)
    for lines in data.lines.values():
        for line in lines:
            if is_chinese(line["text"]):
                texts += list(line["text"])  # merges stop at the single character
            else:
                texts += [line["text"], "a " + line["text"]]
    domain, rng = Domain(grammar, salad), random.Random(5)
    for word in domain.vocab + domain.extra:
        texts += [word, word.capitalize(), "a " + word] * 3
    for _ in range(4000):
        texts.append(domain.english(rng))
    return texts


def main():
    args = stage.arguments(__doc__)
    cfg = args.config
    path = os.path.join(args.work, "tokenizer.json")
    if os.path.exists(path):
        print(path, "is already there")
        return
    texts = training_text(args.work, cfg["corpus"]["grammar"], cfg["corpus"]["salad"])
    tok = build(texts, cfg["lm"]["text_vocab"])
    with stage.whole_file(path) as part:
        tok.save(part)
    sample = "<|begin_of_text|><speaker1>Hello, Anna.<speaker2>今天天气很好。<|end_of_text|>"
    print(tok.get_vocab_size(), tok.encode(sample).tokens)
    print(len(tok.encode(SYSTEM_PROMPT).ids), "tokens in the system prompt")


if __name__ == "__main__":
    main()
