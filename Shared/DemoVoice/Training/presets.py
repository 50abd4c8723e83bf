"""Size and schedule presets.

`cpu`   what two CPU cores train in some seven hours;
`small` a third of its language model on a quarter of its speech, for two hours of two CPU cores;
`h100`  for one large GPU in about thirty minutes (written, smoke-tested at toy size, never run);
`toy`   the shortest run that goes through every stage and gives a model that loads: it says nothing.

Every stage takes `--preset NAME`; single values can be overridden on the
command line with `--set key=value` (dotted keys reach into the sections).
"""
from __future__ import annotations

import ast
import copy

from speech import voice_of

# ---------------------------------------------------------------- speakers
# (name, engine, voice, warp): `warp` is a varispeed factor; pitch and formants
# move together, the speaking rate is put back by the engine's own stretch.


def _flite(voice, warps):
    return [(f"{voice}-{int(round(w * 100)):03d}", "flite", voice, w) for w in warps]


def _espeak(variants, warps=(1.0,)):
    return [(f"cmn-{v}-{int(round(w * 100)):03d}", "espeak", v, w)
            for v in variants for w in warps]


def _flite_pair(warps):
    return _flite("slt", warps) + _flite("rms", warps)


def _part(letters, speakers):
    """More of the same voices, under their names and a letter behind a dot."""
    return [(f"{name}.{letter}", *rest) for letter in letters for name, *rest in speakers]


CPU_OTHER_WARPS, CPU_MORE_WARPS = (0.90, 1.12), (0.86, 0.92, 0.98, 1.03, 1.09, 1.16)
# with those before, a pitch every three or four hundredths; none within two of those never heard
CPU_DENSE_WARPS, CPU_DENSE_ZH_WARPS = (0.84, 0.88, 0.93, 0.97, 1.04, 1.08, 1.14, 1.18), (0.86, 0.93, 0.97, 1.04, 1.08, 1.16)
CPU_SPEAKERS = (_flite_pair((1.0, *CPU_OTHER_WARPS)) + _flite("awb", (1.0,)) + _espeak(("m3", "f2"))
                + _part("bdf", _flite_pair((1.0,)))
                + _part("eg", _flite_pair(CPU_OTHER_WARPS) + _espeak(("m3", "f2")))
                + _part("h", _flite_pair((1.0,)) + _espeak(("m3", "f2")))
                + _part("i", _flite_pair(CPU_OTHER_WARPS) + _espeak(("m3", "f2"), CPU_OTHER_WARPS))
                + _part("j", _flite_pair(CPU_MORE_WARPS))
                + _part("k", _flite_pair(CPU_DENSE_WARPS) + _espeak(("m3", "f2"), CPU_DENSE_ZH_WARPS)))
# awb teaches the codec alone
CPU_VOICES = tuple(dict.fromkeys(voice_of(name) for name, _, teacher, _ in CPU_SPEAKERS if teacher != "awb"))
# the older third of it: three pitches of each English voice
SMALL_SPEAKERS = (_flite_pair((1.0, *CPU_OTHER_WARPS)) + _espeak(("m3", "f2")) + _part("bd", _flite_pair((1.0,)))
                  + _part("eg", _flite_pair(CPU_OTHER_WARPS) + _espeak(("m3", "f2"))))
SMALL_VOICES = tuple(dict.fromkeys(voice_of(name) for name, *_ in SMALL_SPEAKERS))
CPU_HELDOUT = _flite_pair((0.95, 1.06)) + _espeak(("m3", "f2"), (0.95, 1.06))

_WARPS = (0.82, 0.86, 0.90, 0.93, 0.97, 1.0, 1.03, 1.07, 1.10, 1.14, 1.18, 1.22)
H100_SPEAKERS = (_flite_pair(_WARPS) + _flite("awb", _WARPS)
                 + _flite("kal16", (0.9, 1.0, 1.1))
                 + _espeak(("m1", "m3", "m5", "m7", "f1", "f2", "f3", "f4"), (0.94, 1.0, 1.06)))
H100_VOICES = tuple(name for name, *_ in H100_SPEAKERS)
H100_HELDOUT = (_flite_pair((0.88, 0.95, 1.05, 1.16))
                + _flite("awb", (0.95, 1.05)) + _espeak(("m2", "f5")))


def codec_params(d_enc, d_dec, enc_layers, dec_layers, heads, rvq_dim, codebook,
                 vocos_dim, vocos_inter, vocos_layers, ffn=3):
    """The published YAML keys (generator_params) at a chosen width."""
    audio = dict(num_mel_bins=80, sampling_rate=16000, hop_length=160, stride_size=2,
                 kernel_size=3, scale_embedding=False, max_audio_seconds=30)
    return {
        "input_sample_rate": 16000,
        "output_sample_rate": 16000,
        "encoder_downsample_rate": 1280,
        "decoder_upsample_rate": 1280,
        "feature_extractor_kwargs": dict(
            chunk_length=30, feature_size=80, hop_length=160, n_fft=400, n_samples=480000,
            nb_max_frames=3000, padding_side="right", padding_value=0.0,
            return_attention_mask=False, sampling_rate=16000),
        "semantic_encoder_kwargs": dict(
            audio, d_model=d_enc, encoder_layers=enc_layers, encoder_attention_heads=heads,
            encoder_ffn_dim=ffn * d_enc, activation_function="gelu"),
        "semantic_encoder_adapter_kwargs": dict(
            input_dim=d_enc, output_dim=d_enc, d_model=d_enc, max_source_positions=1500,
            encoder_layers=1, encoder_attention_heads=heads, encoder_ffn_dim=ffn * d_enc),
        "acoustic_encoder_kwargs": dict(
            audio, d_model=d_enc, encoder_layers=enc_layers, encoder_attention_heads=heads,
            encoder_ffn_dim=ffn * d_enc, activation_function="gelu"),
        "pre_rvq_adapter_kwargs": dict(
            input_dim=2 * d_enc, output_dim=d_enc, d_model=d_enc, max_source_positions=1500,
            encoder_layers=1, encoder_attention_heads=heads, encoder_ffn_dim=ffn * d_enc),
        "downsample_kwargs": dict(d_model=d_enc, avg_pooler=4),
        "quantizer_kwargs": dict(
            input_dim=4 * d_enc, rvq_dim=rvq_dim, output_dim=4 * d_dec, num_quantizers=8,
            codebook_size=codebook, codebook_dim=rvq_dim, quantizer_dropout=0.0, commitment=1),
        "post_rvq_adapter_kwargs": dict(
            input_dim=4 * d_dec, output_dim=4 * d_dec, d_model=d_dec, max_source_positions=375,
            encoder_layers=1, encoder_attention_heads=heads, encoder_ffn_dim=ffn * d_dec),
        "upsample_kwargs": dict(d_model=d_dec, stride=4),
        "acoustic_decoder_kwargs": dict(
            audio, d_model=d_dec, decoder_layers=dec_layers, decoder_attention_heads=heads,
            decoder_ffn_dim=ffn * d_dec, activation_function="gelu"),
        "vocos_kwargs": dict(input_channels=80, dim=vocos_dim, intermediate_dim=vocos_inter,
                             num_layers=vocos_layers, n_fft=640, hop_size=160, padding="same"),
    }


PRESETS = {
    # the shipped model was made in pieces (README.md); these are the values it ended with
    "cpu": {
        "speakers": CPU_SPEAKERS,
        "heldout": CPU_HELDOUT,
        # the voices that dialogues are measured with, beside those never heard
        "measured": ("slt-100", "rms-100", "cmn-m3-100", "cmn-f2-100"),
        "corpus": dict(grammar="core", sentences=640, heldout_sentences=60, salad=0.2, workers=2,
                       seed=7,
                       # corpus parts of a voice: sentences, share of random-word ones, how far the rate varies
                       parts={"b": (900, 0.4, 0.03), "d": (3000, 0.5, 0.0), "e": (900, 0.5, 0.0),
                              "f": (3000, 0.7, 0.0), "g": (900, 0.7, 0.0), "h": (5000, 0.7, 0.0),
                              "i": (1500, 0.7, 0.0), "j": (700, 0.5, 0.0), "k": (1200, 0.6, 0.0)}),
        # frames that the codebooks are fitted on; further offsets to the frame grid
        "codes": dict(fit_frames=60000, shifts=1),
        "codec": dict(
            active_levels=4, store="float16",
            params=codec_params(96, 192, 1, 4, 4, 64, 256, 128, 384, 4),
            # enc and dec: `batch` code frames a step; the others: rows x frames
            enc=dict(steps=100000, batch=640, lr=2e-3, warmup=60, minutes=20),
            dec=dict(steps=100000, batch=768, lr=2e-3, warmup=100, minutes=30),
            voc=dict(steps=100000, batch=10, frames=8, lr=2e-3, warmup=50, minutes=25),
            joint=dict(steps=100000, batch=4, frames=32, lr=6e-4, warmup=20, minutes=50),
            finish=dict(steps=100000, batch=4, frames=8, lr=4e-4, warmup=100, minutes=45)),
        "lm": dict(
            # the main voices, and some beside them so that a voice is taken from its prompt
            voices=CPU_VOICES,
            text_vocab=1000, hidden=320, layers=6, heads=8, kv_heads=8, head_dim=32, ffn=960,
            # `compile`: a minute and a half at each start, a sixth less of each step
            compile=True, lr=2e-3, warmup=100, batch_tokens=2400, steps=100000, minutes=180,
            max_turns=10, curriculum_minutes=18, loss_weights=(2, 1.3, 1, 0.8, .1, .1, .1, .1),
            thin=(1, 1, 0.6, 0.5, 0.03, 0.03, 0.03, 0.03), blank=0.3,
            # attention heads held to the word being said, {layer: how many}
            guided={1: 1, 2: 2}, guide_weight=0.7, word_weight=0.5, voice_weight=0.3, workers=0),
    },
    "h100": {
        "speakers": H100_SPEAKERS,
        "heldout": H100_HELDOUT,
        "measured": H100_VOICES,
        "corpus": dict(grammar="wide", sentences=1600, heldout_sentences=60, salad=0.6, workers=16,
                       seed=7, parts={}),
        "codes": dict(fit_frames=400000, shifts=0),
        "codec": dict(
            active_levels=8, store="float16",  # shipped: 40 MB with the language model
            params=codec_params(128, 160, 2, 3, 4, 96, 1024, 224, 672, 6),
            enc=dict(steps=100000, batch=6000, lr=1.5e-3, warmup=200, minutes=2),
            dec=dict(steps=100000, batch=6000, lr=1.5e-3, warmup=200, minutes=2),
            voc=dict(steps=100000, batch=64, frames=12, lr=1e-3, warmup=200, minutes=3),
            joint=dict(steps=100000, batch=48, frames=24, lr=3e-4, warmup=100, minutes=3),
            finish=dict(steps=100000, batch=64, frames=8, lr=3e-4, warmup=100, minutes=3)),
        "lm": dict(
            voices=H100_VOICES,
            text_vocab=3000, hidden=320, layers=6, heads=5, kv_heads=5, head_dim=64, ffn=768,
            compile=False, lr=1.2e-3, warmup=400, batch_tokens=48000, steps=100000, minutes=13,
            max_turns=7, curriculum_minutes=2, loss_weights=(2, 1.3, 1, 1, .8, .7, .6, .6),
            thin=(1, 1, 0.7, 0.7, 0.5, 0.5, 0.5, 0.5), blank=0.3,
            guided={2: 1, 3: 2}, guide_weight=0.3, word_weight=0.3, voice_weight=0.3, workers=13),
    },
}


def _small():
    preset = copy.deepcopy(PRESETS["cpu"])
    preset["speakers"] = SMALL_SPEAKERS
    codec, lm = preset["codec"], preset["lm"]
    codec["params"] = codec_params(96, 128, 1, 2, 4, 64, 256, 128, 384, 4)
    for part, minutes in (("enc", 8), ("dec", 10), ("voc", 12), ("joint", 8), ("finish", 10)):
        codec[part]["minutes"] = minutes
    lm.update(voices=SMALL_VOICES, hidden=192, layers=4, heads=6, kv_heads=6, ffn=512, lr=2.5e-3, minutes=90,
              curriculum_minutes=30)
    return preset


def _toy():
    preset = copy.deepcopy(PRESETS["cpu"])
    preset.update(speakers=_flite_pair((1.0,)) + _espeak(("m3", "f2")),
                  heldout=_flite_pair((0.95,)))
    preset["corpus"].update(sentences=24, heldout_sentences=6, parts={}, workers=1)
    preset["codes"].update(fit_frames=4000, shifts=1)
    for part in ("enc", "dec", "voc", "joint", "finish"):
        preset["codec"][part].update(steps=20, batch=min(64, preset["codec"][part]["batch"]))
    preset["lm"].update(voices=("slt-100", "rms-100", "cmn-m3-100", "cmn-f2-100"), steps=50, batch_tokens=800,
                        compile=False, curriculum_minutes=0)
    return preset


PRESETS["small"] = _small()
PRESETS["toy"] = _toy()


def load(name, overrides=()):
    if name not in PRESETS:
        raise SystemExit(f"there is no preset {name}: use one of {', '.join(PRESETS)}")
    preset = copy.deepcopy(PRESETS[name])
    preset["name"] = name
    for item in overrides or ():
        key, _, value = item.partition("=")
        node = preset
        *path, last = key.split(".")
        for part in path:
            node = node.get(part) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last not in node:
            raise SystemExit(f"--set {item}: the preset has no {key}")
        try:
            node[last] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            node[last] = value
    return preset
