"""Writes statistics.bin.gz and statistics.json.gz: tensors of every element type and what NumPy and ml_dtypes make of
them.

    python tests/expected/statistics.py

A case of the JSON has the type (as safetensors spells it), the shape, the order ("C", "F" or steps in elements), the
byte order, where its bytes are in the other file, and what there is to expect: counts, extremes as text, moments in
float64, `numpy.histogram` with 64 bins, octaves by `frexp`, and the first values as float64 (or integers). The same
versions write the same file (NumPy 2.4, ml_dtypes 0.6, Python 3.11).
"""

import gzip
import json
import pathlib

import ml_dtypes
import numpy as np

BINS = 64
TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz", "F4": "float4_e2m1fn",
    "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64", "BOOL": "bool",
    "C64": "complex64", "C128": "complex128", "C32": "complex32",
    "int4": "int4", "uint4": "uint4", "int2": "int2", "uint2": "uint2", "float4_e2m1fn": "float4_e2m1fn",
}  # fmt: skip
WHOLE = {"I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BOOL", "int4", "uint4", "int2", "uint2"}


def dtype(name):
    return np.dtype(getattr(ml_dtypes, TYPES[name], None) or TYPES[name])


def number(value):
    """A float as its bits, since JSON has no word for all of them; a whole number as itself."""
    return int(value) if isinstance(value, (int, np.integer)) else f"{np.float64(value).view(np.uint64):016x}"


def smallest_normal(name):
    if name in WHOLE or name == "F8_E8M0":
        return 0.0
    part = {"C32": "F16", "C64": "F32", "C128": "F64"}.get(name, name)
    return float((np.finfo if part in ("F64", "F32", "F16") else ml_dtypes.finfo)(dtype(part)).smallest_normal)


def expect(name, values):
    """What is told of one part: all its numbers in float64, whole ones in their own type."""
    with np.errstate(all="ignore"):
        wide = values.astype(np.float64)
        finite = wide[np.isfinite(wide)]
        small = (np.abs(wide) < smallest_normal(name)) & (wide != 0)
        told = {
            "count": wide.size, "nan": np.isnan(wide).sum(), "positive_infinite": (wide == np.inf).sum(),
            "negative_infinite": (wide == -np.inf).sum(), "zeros": (wide == 0).sum(), "subnormal": small.sum(),
            "positive": (wide > 0).sum(), "negative": (wide < 0).sum(), "finite": None,
        }  # fmt: skip
        told = {key: value if value is None else int(value) for key, value in told.items()}
        if not finite.size:
            return told
        exact = values if name in WHOLE else finite
        low, high = exact.min(), exact.max()
        told["finite"] = {
            "count": finite.size, "min": number(low), "max": number(high), "mean": number(finite.mean()),
            "std": number(finite.std()), "l2": number(np.sqrt((finite * finite).sum())),
        }  # fmt: skip
        # A range wider than the largest float has no bins in NumPy either.
        if np.isfinite(finite.max() - finite.min()):
            counts, edges = np.histogram(finite, bins=BINS)
            told["histogram"] = [number(edges[0]), number(edges[-1]), counts.tolist()]
        _, exponents = np.frexp(np.where(np.abs(finite) < 2.0**-1022, 2.0**-1023, np.abs(finite)))
        octaves = {}
        for value, exponent in zip(finite, exponents - 1):
            if value != 0:
                octaves.setdefault(int(exponent), [0, 0])[int(value > 0)] += 1
        told["octaves"] = [[exponent, *octaves[exponent]] for exponent in sorted(octaves)]
    return told


class Writer:
    def __init__(self):
        self.bytes, self.cases = bytearray(), []

    def add(self, what, name, array, data, order="C", endian="little", logical=None):
        """`array` is what there is to see, `data` the bytes that hold it."""
        flat = np.ascontiguousarray(array).reshape(-1) if array.shape else array.reshape(1)
        if TYPES[name].startswith("complex"):
            part = {"C32": np.float16, "C64": np.float32, "C128": np.float64}[name]
            pairs = flat.view(part).reshape(-1, 2)
            parts = [pairs[:, 0], pairs[:, 1]]
        else:
            parts = [flat]
        shown = [[number(v if name in WHOLE else float(v)) for v in part[:40].tolist()] for part in parts]
        self.cases.append({
            "what": what, "dtype": name, "shape": list(array.shape), "order": order, "endian": endian,
            "offset": len(self.bytes), "len": len(data), "parts": [expect(name, part) for part in parts],
            "values": shown,
        })  # fmt: skip
        self.bytes += data


def packed(name, array):
    if name != "F4":
        return array.tobytes()
    codes = array.view(np.uint8).reshape(-1) & 15
    codes = np.append(codes, [15] * (codes.size % 2)).astype(np.uint8)
    return (codes[0::2] | codes[1::2] << 4).tobytes()


def patterns(name, random, count):
    """Any bits at all."""
    width = dtype(name).itemsize
    return np.frombuffer(random.bytes(count * width), dtype(name)) if name != "BOOL" else random.random(count) < 0.3


def make(name, random, values):
    with np.errstate(all="ignore"):
        if name == "C32":
            return np.asarray(values, np.complex64).view(np.float32).astype(np.float16).view(ml_dtypes.complex32)
        return np.asarray(values).astype(dtype(name))


def main():
    random, writer = np.random.default_rng(7), Writer()
    for name in TYPES:
        low = name in ("int4", "uint4", "int2", "uint2", "float4_e2m1fn", "F4")
        is_complex, is_whole = TYPES[name].startswith("complex"), name in WHOLE

        def drawn(count, mean=0.0, spread=0.05):
            values = random.normal(mean, spread, count)
            if is_complex:
                values = values + 1j * random.normal(mean, spread, count)
            return make(name, random, np.round(values * 200) % (3 if low else 100) if is_whole else values)

        plain = lambda what, array: writer.add(what, name, array, packed(name, array))
        plain("drawn", drawn(2500).reshape(50, 50))
        plain("odd", drawn(1027))
        plain("empty", drawn(0).reshape(3, 0))
        plain("scalar", drawn(1).reshape(()))
        plain("zeros", make(name, random, np.zeros(70)))
        if not low:
            plain("any bits", patterns(name, random, 1500))
        else:
            codes = random.integers(0, {"int2": 4, "uint2": 4}.get(name, 16), 900).astype(np.uint8)
            signed = {"int4": lambda c: (c.astype(np.int8) << 4) >> 4, "int2": lambda c: (c.astype(np.int8) << 6) >> 6}
            plain("any bits", signed.get(name, lambda c: c)(codes).astype(np.uint8 if name not in signed else np.int8)
                  .view(dtype(name)) if name not in signed else signed[name](codes).astype(dtype(name)))  # fmt: skip
        if not is_whole and not is_complex:
            plain("far from zero", drawn(3000, 1000.0, 1e-3))
            plain("none is finite", make(name, random, [np.nan] * 5))
            plain("special", make(name, random, [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -2.0, 1e-40, 3e38] * 150))
        if name == "F64":
            plain("huge", np.array([1e150, -2e150, 3e149] * 9))
            plain("subnormal", np.array([5e-324, -1e-310, 2.3e-308, 0.0]))
        if name == "F32":
            plain("huge", np.array([3e38, -1e38, 3.3e38] * 900, np.float32))
            plain("subnormal", np.array([1e-45, -1e-39, 1.2e-38, 0.0], np.float32))
        if name in ("I64", "U64"):
            edges = [np.iinfo(dtype(name)).min, np.iinfo(dtype(name)).max, 2**53 + 1, 1]
            plain("edges", np.array(edges, dtype(name)))
        if dtype(name).itemsize >= 2 and name not in ("BF16", "C32"):
            array = drawn(600).reshape(20, 30)
            writer.add("big-endian", name, array, array.astype(dtype(name).newbyteorder(">")).tobytes(), endian="big")
        if name == "BF16":
            array = drawn(600)
            writer.add("big-endian", name, array, array.view(np.uint16).byteswap().tobytes(), endian="big")
        if name != "F4":
            base = drawn(24 * 30).reshape(24, 30)
            writer.add("Fortran", name, base, np.asfortranarray(base).tobytes(order="F"), order="F")
            width = base.itemsize
            for what, view in [
                ("rows", base[3:20:4, :]), ("columns", base[:, 5:9]), ("every third", base[::2, ::3]),
                ("transposed", base.T[2:9, 1:]), ("broadcast", np.broadcast_to(base[4, ::7], (6, 5))),
            ]:  # fmt: skip
                steps = [step // width for step in view.strides]
                last = sum((length - 1) * step for length, step in zip(view.shape, steps)) + 1
                start = (view.__array_interface__["data"][0] - base.__array_interface__["data"][0]) // width
                data = base.reshape(-1)[start : start + last].tobytes()
                writer.add(what, name, view, data, order=steps)
            windows = base[0][np.add.outer(np.arange(27), np.arange(4))]
            writer.add("windows", name, windows, base[0].tobytes(), order=[1, 1])
    folder = pathlib.Path(__file__).parent
    text = json.dumps(writer.cases, separators=(",", ":")).encode()
    (folder / "statistics.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    (folder / "statistics.bin.gz").write_bytes(gzip.compress(bytes(writer.bytes), 9, mtime=0))
    print(len(writer.cases), "cases,", len(writer.bytes), "bytes")


if __name__ == "__main__":
    main()
