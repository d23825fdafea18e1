"""What PyTorch, safetensors and NumPy say of two checkpoints of each system: a part of expected.json.

Weights and optimizers in float64; the histogram is of b − a of one tensor.
"""

import json
import tarfile
import warnings

import numpy as np
import torch
from safetensors.torch import load as load_torch

BINS = 64
BUFFERS = ("num_batches_tracked", "running_mean", "running_var")
MOMENTS = {"exp_avg": "first moment", "exp_avg_sq": "second moment", "step": "steps", "momentum_buffer": "momentum"}
OPTAX = {"mu": "first moment", "nu": "second moment", "count": "steps"}


def flat(value, name=""):
    """Tensors of nested dicts and lists, by names joined with dots."""
    if isinstance(value, torch.Tensor):
        yield name, value
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, inner in pairs:
        yield from flat(inner, f"{name}.{key}" if name else str(key))


def is_optimizer(name):
    return any(part.startswith("optimizer") for part in name.split("."))


def of_torch(path):
    """Weights, and the state of the optimizer with what it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tensors = dict(flat(torch.load(path, map_location="cpu", weights_only=False)))
    arrays = {name: tensor.numpy() for name, tensor in tensors.items() if "rng" not in name}
    weights = {name: array for name, array in arrays.items() if not is_optimizer(name)}
    parameters = [name for name in weights if name.rsplit(".", 1)[-1] not in BUFFERS]
    optimizer = {}
    for name, array in arrays.items():
        if is_optimizer(name):
            number, moment = name.split(".")[-2:]
            optimizer[name] = (array, MOMENTS[moment], parameters[int(number)])
    return weights, optimizer


def of_linear_nexus(folder, names):
    """`names`: what the structure of the optimizer calls its arrays."""
    with np.load(folder / "model.npz") as arrays:
        weights = {name: arrays[name] for name in arrays.files}
    optimizer = {}
    with np.load(folder / "optimizer.npz") as arrays:
        for at, name in enumerate(names):
            word, _, parameter = name.split(".", 1)[1].partition(".")
            optimizer[name] = (arrays[f"opt_{at}"], OPTAX[word], parameter or None)
    return weights, optimizer


def of_tinker(path):
    with tarfile.open(path) as archive:
        found = next(member for member in archive if member.name.endswith("adapter_model.safetensors"))
        data = archive.extractfile(found).read()
    tensors = load_torch(data)
    return {name: tensor.float().numpy() for name, tensor in tensors.items()}, {}


def row(name, a, b):
    x, y = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    norm, lengths = np.linalg.norm(x), np.linalg.norm(x) * np.linalg.norm(y)
    same = a.tobytes() == b.tobytes()
    return {
        "name": name,
        "equal": same,
        "max_abs": float(np.abs(y - x).max()),
        "l2": float(np.linalg.norm(y - x)),
        "relative_l2": float(np.linalg.norm(y - x) / norm) if norm else None,
        "cosine": (1.0 if same else float(x @ y / lengths)) if lengths else None,
        "changed": int((a.ravel() != b.ravel()).sum()),
    }


def difference(name, a, b):
    delta = b.astype(np.float64).ravel() - a.astype(np.float64).ravel()
    bins, edges = np.histogram(delta, bins=BINS)
    return {
        "name": name,
        "bins": bins.tolist(),
        "low": float(edges[0]),
        "high": float(edges[-1]),
        "mean": float(delta.mean()),
        "std": float(delta.std()),
    }


def system(opened, a, b, left, right, looked_at):
    (weights, optimizer), (others, others_optimizer) = left, right
    moments = [
        {**row(name, array, others_optimizer[name][0]), "moment": moment, "parameter": parameter}
        for name, (array, moment, parameter) in optimizer.items()
    ]
    return {
        "open": opened,
        "a": a,
        "b": b,
        "weights": [row(name, array, others[name]) for name, array in weights.items()],
        "optimizer": moments,
        "difference": difference(looked_at, weights[looked_at], others[looked_at]),
    }


def systems(root):
    """`root`: the fixtures."""
    codex = "core-1.0-newest-flat/checkpoints/ckpt-20261121-030109-{}.pt"
    prism = "emulated-documented-manager/experiment/checkpoints/checkpoint_epoch_{}.pt"
    torch_files = "skill-manager-max/checkpoint_epoch{}.pt"
    tinker = "79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_{}.tar"
    names = json.loads((root.parent / "expected/optimizers.json").read_text())

    def of_files(folder, pattern, a, b, looked_at):
        a, b = pattern.format(a), pattern.format(b)
        home = root / folder
        return system([f"{folder}/{a.split('/')[0]}"], a, b, of_torch(home / a), of_torch(home / b), looked_at)

    def of_step(step):
        home = f"linearnexus/run/checkpoints/step_{step}"
        return of_linear_nexus(root / home, names[home])

    archives = "tinkex/archives"
    a, b = tinker.format("0001"), tinker.format("0005")
    steps = [f"linearnexus_run.zip/checkpoints/step_{step}" for step in (300, 800)]
    return {
        "codex_ml": of_files("codex", codex, "190065-0001", "453191-0004", "state.model.0.weight"),
        "linearnexus": system(["archives/linearnexus_run.zip"], *steps, of_step(300), of_step(800), "blocks.0.ffn.up_proj.kernel"),
        "prism": of_files("prism", prism, "0080", "0100", "model.0.weight"),
        "checkpoint": of_files("slash-checkpoint", torch_files, "20_metric1.0000", "45_metric0.9500", "model_state.2.weight"),
        "tinkex": system(
            [f"{archives}/{a}", f"{archives}/{b}"], a, b, of_tinker(root / archives / a), of_tinker(root / archives / b),
            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
        ),
    }  # fmt: skip
