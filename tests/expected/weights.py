"""Writes weights.bin.gz and weights.json.gz: pairs of tensors of every element type, and what NumPy makes of their difference.

    python tests/expected/weights.py     (torch 2.15.0, numpy 2.4.6, ml_dtypes 0.6.0, safetensors 0.8.0)

"pairs": two sides, each with type, shape, order ("C", "F" or steps in elements), byte order and where its bytes are in the
other file, whether the second is to be transposed, and what there is to expect: all in float64, over the positions where
both are finite, sums by `math.fsum`. "checkpoints": the same two sets of tensors in several containers ("a" and "b": a list
of containers, each a list of files), and what to expect of each tensor by name. "copies": one checkpoint in several containers
("same"), with a key around it ("wrapped"), and with one element moved by one unit in the last place ("moved").
"""

import gzip
import importlib.util
import io
import json
import math
import pathlib
import sys

folder = pathlib.Path(__file__).parent
# The module of types next door is called like one of the standard library.
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != folder.resolve()]

import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
import safetensors.torch  # noqa: E402
import torch  # noqa: E402

spec = importlib.util.spec_from_file_location("of_types", folder / "statistics.py")
of_types = importlib.util.module_from_spec(spec)
spec.loader.exec_module(of_types)
TYPES, WHOLE, dtype, packed, make = of_types.TYPES, of_types.WHOLE, of_types.dtype, of_types.packed, of_types.make

LOW = ("int4", "uint4", "int2", "uint2", "float4_e2m1fn", "F4")
COMPLEX = ("C32", "C64", "C128")


def number(value):
    """A float as its bits, since JSON has no word for all of them."""
    return None if value is None else f"{np.float64(value).view(np.uint64):016x}"


def wide(name, array):
    flat = np.ascontiguousarray(array).reshape(-1)
    if name == "C32":
        pairs = flat.view(np.float16).reshape(-1, 2).astype(np.float64)
        joined = np.empty(len(pairs), np.complex128)
        joined.real, joined.imag = pairs[:, 0], pairs[:, 1]
        return joined
    return flat.astype(np.complex128 if name in COMPLEX else np.float64)


def bits(array):
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(np.uint8).reshape(flat.size, flat.dtype.itemsize)


def norm(values):
    try:
        return math.sqrt(math.fsum((values.real * values.real).tolist() + (values.imag * values.imag).tolist()))
    except OverflowError:
        return math.inf


def rounding(a, b):
    """Relative and absolute: half the distance between neighbours of the shorter of two float types."""
    if a == b or {a, b} & (WHOLE | set(COMPLEX) | {"F8_E8M0"}):
        return None
    facts = [(np.finfo if name in ("F64", "F32", "F16") else ml_dtypes.finfo)(dtype(name)) for name in (a, b)]
    told = [(2.0 ** -(info.nmant + 1), float(info.smallest_subnormal) / 2) for info in facts]
    return max(told)


def expect(name_a, a, name_b, b):
    with np.errstate(all="ignore"):
        x, y = wide(name_a, a), wide(name_b, b)
        is_complex = np.iscomplexobj(x) or np.iscomplexobj(y)
        finite = np.isfinite(x) & np.isfinite(y)
        if name_a == name_b:
            changed = int((bits(a) != bits(b)).any(axis=1).sum())
        else:
            parts = lambda v: np.stack([v.real, v.imag], 1).astype(np.float64)
            left, right = parts(x), parts(y)
            unlike = (left.view(np.uint64) != right.view(np.uint64)) & ~(np.isnan(left) & np.isnan(right))
            changed = int(unlike.any(axis=1).sum())
        told = {
            "elements": x.size, "compared": int(finite.sum()), "equal": name_a == name_b and changed == 0, "changed": changed,
            "nan_a": int(np.isnan(x).sum()), "inf_a": int(np.isinf(x).sum()),
            "nan_b": int(np.isnan(y).sum()), "inf_b": int(np.isinf(y).sum()),
            "sign_flips": None, "max_abs": None, "l2": None, "l2_a": None, "l2_b": None, "cosine": None, "mean_shift": None,
        }  # fmt: skip
        u, v = x[finite], y[finite]
        if not is_complex:
            told["sign_flips"] = int(((u < 0) & (v > 0)).sum() + ((u > 0) & (v < 0)).sum())
        limit = rounding(name_a, name_b)
        told["rounding"] = number(limit and limit[0])
        if limit:
            longer = u if limit != rounding_of(name_a) else v
            told["beyond_rounding"] = int((np.abs(v - u) > np.maximum(np.abs(longer) * limit[0], limit[1])).sum())
        if u.size:
            delta = v - u
            l2_a, l2_b = norm(u), norm(v)
            told |= {"max_abs": number(np.abs(delta).max()), "l2": number(norm(delta)), "l2_a": number(l2_a), "l2_b": number(l2_b)}
            if l2_a > 0 and l2_b > 0:
                product = u.real * v.real + u.imag * v.imag
                told["cosine"] = number(product.sum() / l2_a / l2_b)
            if not is_complex:
                told["mean_shift"] = number(delta.sum() / delta.size)
                told["shift_scale"] = number(np.abs(delta).sum() / delta.size)
    return told


def rounding_of(name):
    info = (np.finfo if name in ("F64", "F32", "F16") else ml_dtypes.finfo)(dtype(name))
    return (2.0 ** -(info.nmant + 1), float(info.smallest_subnormal) / 2)


class Writer:
    def __init__(self):
        self.bytes, self.pairs, self.checkpoints = bytearray(), [], []

    def side(self, name, array, data=None, order="C", endian="little"):
        data = packed(name, np.ascontiguousarray(array).reshape(array.shape)) if data is None else data
        told = {
            "dtype": name, "shape": list(array.shape), "order": order, "endian": endian, "offset": len(self.bytes),
            "len": len(data),
        }  # fmt: skip
        self.bytes += data
        return told

    def add(self, what, name_a, a, name_b, b, side_b=None, transposed=False):
        self.pairs.append({
            "what": what, "a": self.side(name_a, a), "b": side_b or self.side(name_b, b), "transposed": transposed,
            "expect": expect(name_a, a, name_b, b),
        })  # fmt: skip

    def file(self, name, data):
        self.bytes += data
        return {"name": name, "offset": len(self.bytes) - len(data), "len": len(data)}


def one_bit(array, at):
    """The same with the last bit of one element turned: one unit in the last place of a float."""
    changed = np.array(array, copy=True)
    flat = changed.reshape(-1).view(np.uint8).reshape(changed.size, changed.dtype.itemsize)
    flat[at % changed.size, 0] ^= 1
    return changed


def drawn(name, random, count, spread=0.05):
    values = random.normal(0, spread, count)
    if name in COMPLEX:
        values = values + 1j * random.normal(0, spread, count)
    limit = 2 if name in ("int2", "uint2") else 7 if name in LOW else 100
    return make(name, random, np.round(values * 200) % limit if name in WHOLE else values)


def moved(name, random, array):
    """As after some training: every element a little further."""
    if name in WHOLE:
        return np.where(random.random(array.size) < 0.2, drawn(name, random, array.size), array.reshape(-1)).astype(array.dtype).reshape(array.shape)
    noise = wide(name, drawn(name, random, array.size, 0.01))
    return make(name, random, wide(name, array) + noise).reshape(array.shape)


SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -2.0, 1e-40, 3e38, 5e-324]


def of_one_type(writer, random, name):
    base = drawn(name, random, 700).reshape(20, 35)
    writer.add("the same", name, base, name, base)
    writer.add("moved", name, base, name, moved(name, random, base))
    odd = drawn(name, random, 1301)
    writer.add("moved, odd", name, odd, name, moved(name, random, odd))
    writer.add("one bit", name, odd, name, one_bit(odd, 1177))
    writer.add("turned", name, odd, name, odd[::-1].copy())
    writer.add("empty", name, base[:0], name, base[:0])
    writer.add("scalar", name, base[3, 4].reshape(()), name, moved(name, random, base[5, 6].reshape(())).reshape(()))
    zeros = make(name, random, np.zeros(70))
    writer.add("from zero", name, zeros, name, drawn(name, random, 70))
    writer.add("zeros", name, zeros, name, zeros)
    if name not in LOW and name != "BOOL":
        width = dtype(name).itemsize
        bits = lambda: np.frombuffer(random.bytes(1100 * width), dtype(name))
        writer.add("any bits", name, bits(), name, bits())
    if name not in WHOLE and name not in COMPLEX:
        special = lambda: make(name, random, np.array(SPECIAL * 110)[random.permutation(1100)])
        writer.add("special", name, special(), name, special())
        same = special()
        writer.add("special, the same", name, same, name, same)
        writer.add("none is finite", name, make(name, random, [np.nan] * 5), name, make(name, random, [np.inf] * 5))
    if name in ("F64", "F32", "F16", "BF16"):
        nan = make(name, random, [np.nan] * 9)
        writer.add("another NaN", name, nan, name, one_bit(nan, 4))
        writer.add("zeros of two signs", name, zeros, name, (-zeros.astype(np.float64)).astype(dtype(name)))
    if name == "F64":
        writer.add("overflow", name, np.array([1e200, -1e200, 1.0]), name, np.array([-1e200, 1e200, 1.0]))
    orders(writer, random, name, base)


def orders(writer, random, name, base):
    if name == "F4":
        return
    other = moved(name, random, base)
    width = base.itemsize
    side = lambda array, data, **how: writer.side(name, array, data, **how)
    writer.add("Fortran", name, base, name, other, side(other, np.asfortranarray(other).tobytes(order="F"), order="F"))
    view = np.concatenate([other, other], 1)[:, ::2]
    steps = [step // width for step in view.strides]
    last = sum((length - 1) * step for length, step in zip(view.shape, steps)) + 1
    data = np.concatenate([other, other], 1).reshape(-1)[:last].tobytes()
    writer.add("every second", name, base, name, view, side(view, data, order=steps))
    turned = np.ascontiguousarray(other.T)
    writer.add("transposed", name, base, name, other, side(turned, turned.tobytes()), transposed=True)
    if name not in LOW and name not in ("BF16", "C32") and width >= 2:
        writer.add("big-endian", name, base, name, other, side(other, other.astype(dtype(name).newbyteorder(">")).tobytes(), endian="big"))


def of_two_types(writer, random):
    pairs = [
        ("F64", "F32"), ("F32", "BF16"), ("F32", "F16"), ("BF16", "F16"), ("F32", "F8_E4M3"), ("F16", "F8_E5M2"),
        ("BF16", "F8_E4M3FNUZ"), ("F32", "F8_E5M2FNUZ"), ("F32", "F8_E8M0"), ("F32", "F4"), ("F32", "float4_e2m1fn"),
        ("F32", "I8"), ("I32", "I64"), ("U8", "I16"), ("BOOL", "U8"), ("I64", "F64"), ("int4", "I8"), ("uint4", "F16"),
        ("C64", "C128"), ("C64", "F32"), ("F64", "C32"), ("U64", "F64"),
    ]  # fmt: skip
    for long, short in pairs:
        base = drawn(long, random, 1301, 0.4)
        with np.errstate(all="ignore"):
            values = wide(long, base)
            values = values.real if short not in COMPLEX and np.iscomplexobj(values) else values
            rounded = make(short, random, values)
        writer.add("rounded", long, base, short, rounded)
        writer.add("rounded, and back", short, rounded, long, base)
        other = rounded.copy()
        other[400:410] = other[0]
        writer.add("rounded, and moved", long, base, short, other)
        if long not in WHOLE and long not in COMPLEX and short not in WHOLE:
            special = make(long, random, SPECIAL * 7)
            with np.errstate(all="ignore"):
                writer.add("special", long, special, short, make(short, random, wide(long, special)))


def checkpoints(writer, random):
    torch.manual_seed(11)
    a = {
        "a.weight": torch.randn(40, 24), "a.bias": torch.zeros(24), "h.0.w": torch.randn(16, 16).half(), "h.1.w": torch.randn(16, 16).half(),
        "step": torch.tensor(100), "mask": torch.tensor([True, False, True]), "empty": torch.zeros(0, 4), "c": torch.randn(3, 5, dtype=torch.complex64),
    }  # fmt: skip
    b = {name: tensor.clone() for name, tensor in a.items()}
    b["a.weight"] += torch.randn(40, 24) * 0.01
    b["h.1.w"].view(-1).view(torch.int16)[77] += 1
    b["step"] += 50
    b["a.weight"][3, 3] = float("nan")
    copies = {"a": containers(writer, a), "b": containers(writer, b)}
    names = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64", torch.bool: "BOOL", torch.complex64: "C64"}
    rows = {name: expect(names[a[name].dtype], a[name].numpy(), names[a[name].dtype], b[name].numpy()) for name in a}
    writer.checkpoints.append({**copies, "expect": rows})


def copies(writer):
    """One checkpoint in several containers, with a key around it, and with one element moved by one unit in the last place."""
    torch.manual_seed(12)
    tensors = {f"layers.{at}.{part}": torch.randn(6, 8) for at in range(3) for part in ("w", "v")} | {"head.bias": torch.randn(5)}
    wrapped = {f"module.{name}": tensor for name, tensor in tensors.items()}
    moved = {name: tensor.clone() for name, tensor in tensors.items()}
    flat = moved["layers.1.v"].view(-1)
    flat[13] = torch.nextafter(flat[13], torch.tensor(torch.inf))
    told = {"same": containers(writer, tensors), "wrapped": containers(writer, wrapped), "moved": containers(writer, moved)}
    return {**told, "names": sorted(tensors), "changed": "layers.1.v"}


def containers(writer, tensors):
    def saved(what, **options):
        out = io.BytesIO()
        torch.save(what, out, **options)
        return out.getvalue()

    def zipped(save, arrays):
        out = io.BytesIO()
        save(out, **arrays)
        return out.getvalue()

    names = list(tensors)
    halves = [{name: tensors[name] for name in part} for part in (names[:3], names[3:])]
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    fortran = {name: np.asfortranarray(array) if array.ndim else array for name, array in arrays.items()}
    return [
        [writer.file("model.pt", saved(tensors))],
        [writer.file("old.pt", saved(tensors, _use_new_zipfile_serialization=False))],
        [writer.file("model.safetensors", safetensors.torch.save(tensors))],
        sharded(writer, halves),
        [writer.file("model.npz", zipped(np.savez, arrays))],
        [writer.file("fortran.npz", zipped(np.savez_compressed, fortran))],
    ]


def sharded(writer, halves):
    """As Hugging Face does it, the index last."""
    names = [f"model-{at + 1:05}-of-{len(halves):05}.safetensors" for at in range(len(halves))]
    index = {"metadata": {}, "weight_map": {tensor: name for name, half in zip(names, halves) for tensor in half}}
    files = [writer.file(name, safetensors.torch.save(half)) for name, half in zip(names, halves)]
    return [*files, writer.file("model.safetensors.index.json", json.dumps(index).encode())]


def main():
    random, writer = np.random.default_rng(7), Writer()
    for name in TYPES:
        of_one_type(writer, random, name)
    of_two_types(writer, random)
    checkpoints(writer, random)
    told = {"pairs": writer.pairs, "checkpoints": writer.checkpoints, "copies": copies(writer)}
    text = json.dumps(told, separators=(",", ":")).encode()
    (folder / "weights.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    (folder / "weights.bin.gz").write_bytes(gzip.compress(bytes(writer.bytes), 9, mtime=0))
    print(len(writer.pairs), "pairs,", len(writer.bytes), "bytes")


if __name__ == "__main__":
    main()
