"""Writes torch_files.json and opcodes.json: what torch and pickletools make of the PyTorch files and pickles among the
fixtures.

    python tests/expected/torch_files.py

torch_files.json: path -> name -> [type, shape, sha256 of the elements in order, little-endian], and under "values" the
plain values of the loaded object with `null` for anything that has no JSON form; the elements of small tensors. Files that need classes which are not
installed are left out. opcodes.json: path -> a list of [first byte in the file, length, number of opcodes, sha256 of a
line "offset name" for each]. Written with torch 2.15.0, numpy 2.4.6, Python 3.11.
"""

import collections
import hashlib
import io
import json
import pathlib
import pickle
import pickletools
import struct
import zipfile

import joblib
import numpy as np
import torch

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
NAMES = {
    "float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "bool": "BOOL",
    "complex64": "C64", "complex128": "C128", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
    "float8_e8m0fnu": "F8_E8M0", "float8_e4m3fnuz": "F8_E4M3FNUZ", "float8_e5m2fnuz": "F8_E5M2FNUZ",
}
FEW = 16
WIDE = {torch.float8_e4m3fn: torch.float32}
UNREAD = {torch.float4_e2m1fn_x2, torch.float8_e8m0fnu}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tensor_fact(tensor):
    name = str(tensor.dtype).removeprefix("torch.")
    if tensor.is_quantized:
        return [name, list(tensor.shape), sha256(tensor.int_repr().contiguous().numpy().tobytes())]
    if tensor.is_meta:
        return [NAMES[name], list(tensor.shape), None]
    flat = tensor.detach().contiguous().reshape(-1)
    data = bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b""
    return [NAMES.get(name, name), list(tensor.shape), sha256(data)]


def array_fact(array):
    name = NAMES.get(array.dtype.name, array.dtype.str)
    return [name, list(array.shape), sha256(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())]


class Walk:
    """Everything in an object, by dotted paths."""

    def __init__(self):
        self.tensors, self.elements = {}, {}

    def value(self, value, path):
        at = ".".join(path)
        if isinstance(value, torch.nn.Module):
            for name, tensor in value.state_dict().items():
                self.tensors[".".join([*path, name])] = tensor_fact(tensor)
            return None
        if isinstance(value, torch.Tensor):
            return self.tensor(value, path)
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                return None
            self.tensors[at or "value"] = array_fact(value)
            return None
        if isinstance(value, (np.bool_, np.number)):
            return self.plain(value.item())
        if isinstance(value, dict):
            keys = [key if isinstance(key, str) else repr(key) for key in value]
            return {key: self.value(inner, [*path, key]) for key, inner in zip(keys, value.values())}
        if isinstance(value, (list, tuple, torch.Size)):
            return [self.value(inner, [*path, str(index)]) for index, inner in enumerate(value)]
        if isinstance(value, pathlib.PurePath):
            return str(value)
        if hasattr(value, "isoformat"):
            return value.isoformat()
        if hasattr(value, "__dict__") and type(value).__module__ == "argparse":
            return {key: self.value(inner, [*path, key]) for key, inner in vars(value).items()}
        return self.plain(value)

    def tensor(self, value, path):
        if value.layout != torch.strided:
            self.tensors[".".join([*path, "indices"])] = tensor_fact(value._indices())
            self.tensors[".".join([*path, "values"])] = tensor_fact(value._values())
            return None
        name = ".".join(path) or "value"
        self.tensors[name] = tensor_fact(value)
        is_plain = not (value.is_complex() or value.is_quantized or value.is_meta)
        if value.dim() <= 1 and value.numel() <= FEW and is_plain and value.dtype not in UNREAD:
            self.elements[name] = [self.plain(item) for item in value.detach().reshape(-1).to(WIDE.get(value.dtype, value.dtype)).tolist()]
        return None

    @staticmethod
    def plain(value):
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            return repr(value)
        return value if value is None or isinstance(value, (bool, int, float, str)) else None


def load(path):
    if path.suffix == ".joblib":
        return joblib.load(path)
    try:
        return torch.load(path, weights_only=False)
    except Exception:
        with path.open("rb") as file:
            return pickle.load(file)


def pickles(data):
    """First byte and length of each pickle in a file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".pkl"):
                    name, extra = struct.unpack("<HH", data[info.header_offset + 26:info.header_offset + 30])
                    yield info.header_offset + 30 + name + extra, info.file_size
    except zipfile.BadZipFile:
        file, count = io.BytesIO(data), 0
        while count < 5 and file.tell() < len(data):
            start = file.tell()
            for _ in pickletools.genops(file):
                pass
            yield start, file.tell() - start
            count += 1


def opcodes(data):
    lines = [f"{position} {opcode.name}\n" for opcode, _, position in pickletools.genops(data)]
    return [len(lines), sha256("".join(lines).encode())]


def is_ours(path):
    if path.suffix not in {".pt", ".pth", ".pkl", ".ckpt", ".bin", ".joblib"} and path.name != ".metadata":
        return False
    return path == FIXTURES / "torch/tar.pt" or path.read_bytes()[:2] in {b"PK", *(bytes([128, protocol]) for protocol in range(2, 6))}


if __name__ == "__main__":
    files, codes = {}, {}
    for path in sorted(filter(is_ours, (path for path in FIXTURES.rglob("*") if path.is_file()))):
        name, data = path.relative_to(FIXTURES).as_posix(), path.read_bytes()
        if "-bad/" in name:
            continue
        try:
            codes[name] = [[start, size, *opcodes(data[start:start + size])] for start, size in pickles(data)]
        except ValueError:
            pass
        if not codes.get(name):
            codes.pop(name, None)
            # Between the opcodes of joblib are arrays, between those of a tar of torch numbers.
            if path.suffix != ".joblib" and path.name != "tar.pt":
                continue
        try:
            loaded = load(path)
        except Exception as error:
            print("left out:", name, type(error).__name__, str(error).splitlines()[0][:100])
            continue
        walk = Walk()
        values = walk.value(loaded, [])
        files[name] = {"tensors": walk.tensors, "values": values, "elements": walk.elements}
    for target, content in {"torch_files": files, "opcodes": codes}.items():
        lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(found)}" for name, found in content.items())
        (pathlib.Path(__file__).parent / f"{target}.json").write_text("{\n" + lines + "\n}\n")
