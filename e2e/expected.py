"""What other programs say about the fixtures: writes expected.json, which the journeys compare the page with.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 safetensors==0.8.0 torch==2.6.0
    VENV/bin/python e2e/expected.py [FIXTURES]

Names, types and shapes come from NumPy and safetensors, digests from hashlib, metrics from json.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from systems import systems

HERE = Path(__file__).resolve().parent
DTYPES = {"float32": "F32", "float16": "F16", "float64": "F64", "int32": "I32", "int64": "I64", "uint32": "U32"}
RUN = "linearnexus/run/checkpoints"
SAFETENSORS = "frameworks/mlx/model.safetensors"
SHARDED = "frameworks/hf-sharded"


def npz(path):
    """Tensors of an npz file, in its own order."""
    with np.load(path, allow_pickle=False) as arrays:
        return [tensor(name, DTYPES[str(arrays[name].dtype)], arrays[name].shape, arrays[name].nbytes) for name in arrays.files]


def safetensors(path):
    """Tensors of a safetensors file, sorted by name."""
    with safe_open(path, framework="np") as file:
        slices = [(name, file.get_slice(name)) for name in sorted(file.keys())]
        return [of_slice(name, part) for name, part in slices]


def of_slice(name, part):
    bits = {"F64": 64, "I64": 64, "F32": 32, "I32": 32, "F16": 16, "BF16": 16, "U8": 8, "I8": 8, "BOOL": 8}
    dtype, shape = part.get_dtype(), part.get_shape()
    return tensor(name, dtype, shape, int(np.prod(shape, dtype=np.int64)) * bits[dtype] // 8)


def tensor(name, dtype, shape, size):
    return {"name": name, "dtype": dtype, "shape": list(shape), "size_bytes": int(size)}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(folder):
    """Every checkpoint of a LinearNexus run, in the order of steps."""
    checkpoints = sorted(folder.iterdir(), key=lambda path: int(path.name.removeprefix("step_")))
    return [checkpoint(path) for path in checkpoints]


def is_parameter(name):
    """Flax keeps counters of random numbers and tables that are computed anew beside the parameters."""
    return not any(part in ("rngs", "rope") for part in name.split("."))


def checkpoint(path):
    model, files = npz(path / "model.npz"), sorted(path.iterdir())
    return {
        "name": path.name,
        "step": json.loads((path / "config.json").read_text())["step"],
        "metrics": json.loads((path / "metrics.json").read_text()),
        "size_bytes": sum(file.stat().st_size for file in files),
        "files": {file.name: {"size_bytes": file.stat().st_size, "sha256": sha256(file)} for file in files},
        "parameters": sum(int(np.prod(entry["shape"], dtype=np.int64)) for entry in model if is_parameter(entry["name"])),
        "model": model,
        "optimizer": npz(path / "optimizer.npz"),
    }


def comparison(a, b):
    """Metrics and weights of b against a."""
    old, new = (json.loads((path / "metrics.json").read_text()) for path in (a, b))
    with np.load(a / "model.npz") as left, np.load(b / "model.npz") as right:
        weights = [weight(name, left[name], right[name]) for name in left.files]
    return {"metrics": [metric(name, old[name], new[name]) for name in sorted(old)], "weights": weights}


def metric(name, a, b):
    better = b < a if name == "loss" else b > a
    return {
        "name": name,
        "a": a,
        "b": b,
        "delta": b - a,
        "relative": (b - a) / abs(a),
        "direction": "lower" if name == "loss" else "higher",
        "verdict": "better" if better else "worse",
    }


def weight(name, a, b):
    x, y = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    changed = a.tobytes() != b.tobytes()
    bits = f"u{a.dtype.itemsize}"
    return {
        "name": name,
        "equal": not changed,
        "max_abs": float(np.abs(y - x).max()),
        "l2": float(np.linalg.norm(y - x)),
        "relative_l2": float(np.linalg.norm(y - x) / np.linalg.norm(x)) if np.linalg.norm(x) else None,
        "cosine": float(x @ y / lengths) if lengths else None,
        "changed_fraction": float(np.mean(a.ravel().view(bits) != b.ravel().view(bits))),
    }


def manifest(path):
    """What a sha256sum manifest lists, and what the files beside it really are."""
    rows = {}
    for line in path.read_text().splitlines():
        digest, name = line.split("  ", 1)
        file = path.parent / name
        actual = sha256(file) if file.exists() else None
        status = "missing" if actual is None else "ok" if actual == digest else "mismatch"
        rows[name] = {"expected": digest, "actual": actual, "status": status}
    return rows


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "tests/fixtures"
    checkpoints = root / RUN
    shards = sorted((root / SHARDED).glob("*.safetensors"))
    values = {
        "run": run(checkpoints),
        "comparison": comparison(checkpoints / "step_300", checkpoints / "step_800"),
        "manifest": {
            "one_bad": manifest(root / "manifests/step_800/SHA256SUMS.one_bad"),
            "good": manifest(root / "manifests/step_800/SHA256SUMS"),
        },
        "systems": systems(root),
        "safetensors": safetensors(root / SAFETENSORS),
        "sharded": {shard.name: safetensors(shard) for shard in shards},
    }
    (HERE / "expected.json").write_text(json.dumps(values, indent=1, allow_nan=False) + "\n")


main()
