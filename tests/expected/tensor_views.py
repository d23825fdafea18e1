"""One tensor of each of five systems as NumPy, PyTorch and safetensors read it: its shape, statistics over all elements
in 64-bit floats, and the first values of its first rows. Writes tensor_views.json beside itself; the browser journeys
compare the tensor view with it.

    python tests/expected/tensor_views.py      (torch 2.15, numpy 2.4.6, safetensors 0.8.0, Python 3.11)
"""

import hashlib
import json
import tarfile
import warnings
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
SLASH = "slash-checkpoint/run-layout/results"
ARCHIVE = "79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_0003.tar"
LORA = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"


def from_torch(path, *keys):
    found = torch.load(FIXTURES / path, map_location="cpu", weights_only=False)
    for key in keys:
        found = found[key]
    return found.detach()


def from_npz(path, name):
    with np.load(FIXTURES / path) as arrays:
        return torch.from_numpy(arrays[name])


def from_archive(path, member, name):
    with tarfile.open(FIXTURES / path) as archive:
        return load(archive.extractfile(member).read())[name]


def case(system, opened, file, name, tensor, index=()):
    """`opened` is given to the page; `file` is the path shown; `index` chooses in all dimensions but the last two."""
    raw = tensor.contiguous().view(torch.uint8).numpy().tobytes()
    array = tensor.float().numpy()
    wide = array.astype(np.float64)
    table = np.atleast_2d(array[tuple(index)])
    return {
        "system": system,
        "open": opened,
        "file": file,
        "tensor": name,
        "shape": list(array.shape),
        "index": list(index),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "statistics": {
            "min": float(wide.min()),
            "max": float(wide.max()),
            "mean": float(wide.mean()),
            "std": float(wide.std()),
            "L2 norm": float(np.linalg.norm(wide.ravel())),
            "zeros": int((array == 0).sum()),
            "NaN": int(np.isnan(wide).sum()),
        },
        "rows": [[float(value) for value in row[:4]] for row in table[:2]],
    }


def cases():
    codex, file = "codex/canonical-manager/outputs/run-123", "checkpoints/epoch-7/state.pt"
    weight = from_torch(f"{codex}/{file}", "model", "0.weight")
    yield case("codex", codex, f"run-123/{file}", "model.0.weight", weight)
    linear, file = "linearnexus/run", "checkpoints/step_800/model.npz"
    with np.load(FIXTURES / linear / file) as arrays:
        name = max(arrays.files, key=lambda name: arrays[name].size)
    yield case("linear_nexus", linear, f"run/{file}", name, from_npz(f"{linear}/{file}", name))
    prism, file = "prism/real-runs/europa_lr1e3", "checkpoint.pt"
    weight = from_torch(f"{prism}/{file}", "model", "decoder.0.weight")
    yield case("prism", prism, f"europa_lr1e3/{file}", "model.decoder.0.weight", weight, (5, 7))
    file = "vae_latent64_20240115_101530/checkpoints/best.pt"
    weight = from_torch(f"{SLASH}/{file}", "model_state_dict", "2.weight")
    yield case("torch_files", SLASH, f"results/{file}", "model_state_dict.2.weight", weight)
    tinker = f"tinkex/archives/{ARCHIVE}"
    weight = from_archive(tinker, "adapter_model.safetensors", LORA)
    yield case("tinker_archive", tinker, f"{ARCHIVE}/adapter_model.safetensors", LORA, weight)


if __name__ == "__main__":
    text = json.dumps(list(cases()), indent=1)
    (HERE / "tensor_views.json").write_text(text + "\n")
