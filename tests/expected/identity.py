"""Writes identity.json: the same tensors in several containers, and the digest of what they hold, by hashlib.

    python tests/expected/identity.py     (torch 2.15.0, numpy 2.4.6, safetensors 0.8.0)

The digest is SHA-256 over a line a tensor, sorted by name: name (as JSON), element type, shape, SHA-256 of the elements row
by row, little-endian. "groups": [{identity, copies: [[{name, bytes (hexadecimal)}, …] …]}]: each copy is one checkpoint, of
one file or of several.
"""

import hashlib
import io
import json
import pathlib

import numpy as np
import safetensors.torch
import torch

WORDS = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.bool: "BOOL", torch.uint8: "U8", torch.float64: "F64", torch.complex64: "C64"}


def identity(tensors):
    lines = []
    for name in sorted(tensors, key=str.encode):
        tensor = tensors[name].contiguous()
        data = bytes(tensor.reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b""
        shape = ",".join(str(length) for length in tensor.shape)
        lines.append(f"{json.dumps(name, ensure_ascii=False)} {WORDS[tensor.dtype]} [{shape}] {hashlib.sha256(data).hexdigest()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def saved(tensors, **options):
    out = io.BytesIO()
    torch.save(tensors, out, **options)
    return out.getvalue()


def zipped(arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def main():
    torch.manual_seed(7)
    base = torch.randn(6, 8)
    tensors = {
        "a.weight": base, "a.part": base[1:5, ::2], "b.t": torch.randn(3, 5).half().t(), "b.step": torch.tensor(12),
        "ünï": torch.arange(5, dtype=torch.float64), "c": torch.randn(2, 3, 4, dtype=torch.complex64).permute(2, 0, 1), "empty": torch.zeros(0, 4),
        "mask": torch.tensor([True, False]), "d.bf16": torch.randn(4, 4).bfloat16(),
    }
    plain = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    halves = [dict(list(plain.items())[:4]), dict(list(plain.items())[4:])]
    copies = [
        [("model.pt", saved(tensors))],
        [("old.pt", saved(plain, _use_new_zipfile_serialization=False))],
        [("model.safetensors", safetensors.torch.save(plain))],
        [(f"model-{at}.safetensors", safetensors.torch.save(half)) for at, half in enumerate(halves)],
    ]
    numbers = {name: tensor for name, tensor in tensors.items() if tensor.dtype != torch.bfloat16}
    arrays = {name: tensor.contiguous().numpy() for name, tensor in numbers.items()}
    # Of a scalar it would make an array of one element.
    fortran = {name: np.asfortranarray(array) if array.ndim else array for name, array in arrays.items()}
    big = {name: array.astype(array.dtype.newbyteorder(">")) for name, array in arrays.items()}
    arrays_only = [[("c.npz", zipped(arrays))], [("fortran.npz", zipped(fortran))], [("big.npz", zipped(big))], [("numbers.pt", saved(numbers))]]
    groups = [(tensors, copies), (numbers, arrays_only)]
    rows = [
        {"identity": identity(held), "copies": [[{"name": name, "bytes": data.hex()} for name, data in copy] for copy in listed]}
        for held, listed in groups
    ]
    (pathlib.Path(__file__).parent / "identity.json").write_text(json.dumps({"groups": rows}, indent=0) + "\n")
    print([row["identity"] for row in rows])


if __name__ == "__main__":
    main()
