"""How far the weights of runs under tests/fixtures moved from each checkpoint to the next, as NumPy and PyTorch have it in
float64: writes movement.json beside itself.

    python tests/expected/movement.py     (torch 2.15.0, numpy 2.4.6)

Which of the arrays are weights is stated here by hand: of LinearNexus all but what Flax keeps for generators of random numbers
and tables of angles; of the torch files what is under the key that their writer keeps the model under, without the buffers of BatchNorm. Of each pair of
neighbours: how many tensors, how many of them differ in a bit, the norms over all their elements, the largest difference.
"""

import json
import math
import re
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"


def linearnexus(path):
    with np.load(path / "model.npz", allow_pickle=False) as arrays:
        beside = ("rngs", "rope")
        return {name: arrays[name] for name in arrays.files if not any(part in beside for part in name.split("."))}


def torch_model(*keys):
    def read(path):
        held = torch.load(path, map_location="cpu", weights_only=False)
        for key in keys:
            held = held[key]
        buffers = ("running_mean", "running_var", "num_batches_tracked")
        return {name: tensor.detach().numpy() for name, tensor in held.items() if not name.endswith(buffers)}

    return read


def number(path):
    return int(re.findall(r"\d+", path.name)[-1])


RUNS = {
    "linearnexus/run/checkpoints": ("step_*", "", linearnexus),
    "codex/canonical-manager/outputs/run-123/checkpoints": ("epoch-*", "state.pt", torch_model("model")),
    "slash-checkpoint/keep-best-k": ("epoch_*.pt", "", torch_model("model_state_dict")),
    "prism/emulated-documented-manager/experiment/checkpoints": ("checkpoint_epoch_*.pt", "", torch_model("model")),
}


def step(old, new):
    names = [name for name in new if name in old]
    pairs = [(old[name], new[name]) for name in names]
    wide = [(a.astype(np.float64).ravel(), b.astype(np.float64).ravel()) for a, b in pairs]
    squares = lambda all_of: math.sqrt(math.fsum(x * x for part in all_of for x in part.tolist()))
    l2, previous = squares(b - a for a, b in wide), squares(a for a, _ in wide)
    return {
        "tensors": len(names),
        "changed": sum(a.tobytes() != b.tobytes() for a, b in pairs),
        "l2": l2,
        "previous_l2": previous,
        "relative_l2": l2 / previous,
        "max_abs": float(max(np.abs(b - a).max() for a, b in wide)),
    }


def main():
    runs = {}
    for home, (pattern, inside, read) in RUNS.items():
        paths = sorted((FIXTURES / home).glob(pattern), key=number)
        held = [(path.name, read(path / inside if inside else path)) for path in paths]
        pairs = zip(held, held[1:])
        runs[home] = {name: {"previous": before, **step(old, new)} for (before, old), (name, new) in pairs}
    (HERE / "movement.json").write_text(json.dumps(runs, indent=1, allow_nan=False) + "\n")


main()
