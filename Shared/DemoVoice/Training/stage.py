"""What every stage shares: its command line, device, schedule, loss curve, checkpoints and how it is stopped."""
from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import math
import os
import signal
import time

import torch

import presets


def arguments(description, **extra):
    """The command line of a stage.

    `extra` adds an option per keyword, with its default: a flag where that is False, else text or a number.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="cpu", help=", ".join(presets.PRESETS))
    parser.add_argument("--set", action="append", metavar="KEY=VALUE", help="override, e.g. lm.minutes=20")
    parser.add_argument("--work", required=True, help="work folder, shared by all stages")
    parser.add_argument("--device", default="auto", help="cpu, cuda, mps, ... (default: a GPU if there is one)")
    parser.add_argument("--threads", type=int, default=2)
    for name, value in extra.items():
        option = "--" + name.replace("_", "-")
        if value is False:
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(option, default=value, type=str if value is None else type(value))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.config = presets.load(args.preset, args.set)
    args.device = pick_device(args.device)
    return args


def pick_device(name):
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(device, on_cpu=False):
    """bf16 for matrix products on a GPU, and `on_cpu` where the CPU multiplies in it; f32 elsewhere."""
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        return torch.autocast("cuda", dtype=torch.bfloat16)
    if on_cpu and device.type == "cpu" and cpu_multiplies_bf16():
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


@functools.cache
def cpu_multiplies_bf16():
    """Without such instructions bf16 is only emulated, slower than f32."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as handle:
            flags = next(line for line in handle if line.startswith(("flags", "Features"))).split()
    except (OSError, StopIteration):
        return False
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags)


class Team:
    """The processes that teach one model together, started by `torch.distributed.run`; one alone without it.

    On a shared CPU two processes of one thread are faster than one of two threads, which wait for each other in every
    product. All start from the same weights and go the same steps, each on batches of its own.
    """

    def __init__(self):
        self.rank, self.size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if self.size > 1:
            torch.distributed.init_process_group("gloo")

    def average(self, parameters, values):
        """Replaces gradients by their mean over the team -> the mean of the plain numbers `values`."""
        if self.size == 1:
            return values
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor(values, dtype=torch.float32)])
        torch.distributed.all_reduce(flat)
        flat /= self.size
        *means, rest = flat.split([*(g.numel() for g in gradients), len(values)])
        for gradient, mean in zip(gradients, means):
            gradient.copy_(mean.view_as(gradient))
        return rest.tolist()


def schedule(step, elapsed_seconds, minutes, warmup, steps_max):
    """Share of the learning rate: warm up, then cosine down to 5 % at the step or the time limit."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, max(elapsed_seconds / max(1e-9, 60.0 * minutes), step / steps_max))
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done))


@contextlib.contextmanager
def whole_file(path):
    """Gives a path to write to; the file has its name only when it is whole."""
    part = path + ".part"
    yield part
    os.replace(part, path)


def save_checkpoint(state, path):
    with whole_file(path) as part:
        torch.save(state, part)


def load_checkpoint(path, device="cpu"):
    """Tensors and plain values only: a file that came from elsewhere cannot run code."""
    return torch.load(path, map_location=device, weights_only=True)


def checkpoint_of(stage, work, file, device="cpu"):
    """The checkpoint WORK/file, which the stage of that name makes; ends the program where it has not run."""
    path = os.path.join(work, file)
    if not os.path.exists(path):
        raise SystemExit(f"{path} is missing: run the stage `{stage}` first")
    return load_checkpoint(path, device)


class Interruption:
    """Ctrl-C and SIGTERM end a stage behind the step under way, with its checkpoint saved."""

    def __init__(self):
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, *_):
        self.asked = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # a second one ends at once


class Curve:
    """A loss curve as CSV; goes on where an earlier run ended."""

    def __init__(self, path):
        self.path = path

    def row(self, **values):
        fresh = not os.path.exists(self.path)
        with open(self.path, "a", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            if fresh:
                writer.writerow(values.keys())
            writer.writerow([f"{v:.5g}" if isinstance(v, float) else v for v in values.values()])
        print(" ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in values.items()), flush=True)


class Clock:
    """Seconds spent on a stage over all its runs, stops not counted."""

    def __init__(self, spent_seconds=0.0):
        self._began = time.time() - spent_seconds

    @property
    def seconds(self):
        return time.time() - self._began
