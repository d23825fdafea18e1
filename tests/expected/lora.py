"""Writes lora.bin.gz and lora.json.gz: pairs of adapters of low rank, and what NumPy makes of the weights they add.

    python tests/expected/lora.py     (numpy 2.4.6, safetensors 0.8.0)

Every case has two sides, each an `adapter_config.json` (or none) and an `adapter_model.safetensors`, whose bytes are in the
other file; and for each module what there is to expect: ΔW of both sides is made whole in float64 by the rules of PEFT 0.21
(`get_delta_weight`, `get_pattern_key`), the difference in the longest floats there are. "fixtures" are pairs of files of
tests/fixtures.
"""

import gzip
import json
import math
import pathlib
import re
import sys
import tarfile

folder = pathlib.Path(__file__).parent
# The module of types next door is called like one of the standard library.
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != folder.resolve()]

import numpy as np  # noqa: E402

AROUND = "base_model.model."


def number(value):
    """A float as its bits, since JSON has no word for all of them."""
    return None if value is None else f"{np.float64(value).view(np.uint64):016x}"


def brain(array):
    """As bfloat16: the upper half of a 32-bit float, rounded to even."""
    raw = np.ascontiguousarray(array, np.float32).view(np.uint32).astype(np.uint64)
    return ((raw + 0x7FFF + ((raw >> 16) & 1)) >> 16).astype(np.uint16)


KINDS = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def written(tensors):
    """The file, and the tensors as read back."""
    header, data, back = {}, bytearray(), {}
    for name, (kind, array) in tensors.items():
        if kind == "BF16":
            raw = brain(array)
            back[name] = (raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
        else:
            raw = np.ascontiguousarray(array, KINDS[kind])
            back[name] = raw.astype(np.float64)
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + raw.nbytes]}
        data += raw.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data), back


def read(data):
    """The tensors of a safetensors file."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    found = {}
    for name, told in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in told["data_offsets"])
        raw = data[start:end]
        if told["dtype"] == "BF16":
            values = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(raw, KINDS[told["dtype"]])
        found[name] = values.astype(np.float64).reshape(told["shape"])
    return found


def of_pattern(patterns, module, default):
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return value
    return default


def scale(config, module, rank):
    if config is None or config.get("lora_alpha") is None:
        return 1.0
    assert of_pattern(config.get("rank_pattern"), module, config["r"]) == rank, module
    alpha = of_pattern(config.get("alpha_pattern"), module, config["lora_alpha"])
    return alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank


def product(a, b):
    """B·A and the rank, in the longest floats."""
    a, b = a.astype(np.longdouble), b.astype(np.longdouble)
    if a.ndim == 2:
        return b @ a, a.shape[0]
    if a.ndim == 3 and a.shape[1] == b.shape[2]:
        count = max(len(a), len(b))
        a, b = (np.broadcast_to(part, (count, *part.shape[1:])) for part in (a, b))
        return np.stack([y @ x for x, y in zip(a, b)]), a.shape[1]
    return b.reshape(b.shape[0], -1) @ a.reshape(a.shape[0], -1), a.shape[0]


def updates(config, tensors):
    """ΔW by module."""
    found = {}
    for name, a in tensors.items():
        match = re.match(r"(.*)\.(lora_A|lora_embedding_A)(\.default)?(\.weight)?$", name)
        if match:
            module = match[1][match[1].index(AROUND) + len(AROUND) :]
            other = name.replace("lora_A", "lora_B").replace("lora_embedding_A", "lora_embedding_B")
            made, rank = product(a, tensors[other])
            times = scale(config, module, rank)
            found[module] = (made * np.longdouble(times), rank, times)
    return found


def norm(values):
    flat = values.reshape(-1)
    return float(np.sqrt((flat * flat).sum()))


def row(name, a, b):
    side = lambda of: None if of is None else {"rank": of[1], "scale": number(of[2]), "l2": number(norm(of[0]))}
    told = {"name": name, "a": side(a), "b": side(b), "l2": None, "relative_l2": None, "cosine": None}
    if a is not None and b is not None:
        l2, l2_a, l2_b = norm(b[0] - a[0]), norm(a[0]), norm(b[0])
        told["l2"] = number(l2)
        if l2_a > 0:
            told["relative_l2"] = number(l2 / l2_a)
        if l2_a > 0 and l2_b > 0:
            told["cosine"] = number(float((a[0] * b[0]).sum() / np.longdouble(l2_a) / np.longdouble(l2_b)))
    return told


def rows(a, b):
    return [row(name, a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys())]


class Writer:
    def __init__(self):
        self.bytes, self.cases = bytearray(), []

    def part(self, data):
        self.bytes += data
        return {"offset": len(self.bytes) - len(data), "len": len(data)}

    def add(self, what, a, b):
        told = {"what": what}
        made = []
        for side, (config, tensors) in (("a", a), ("b", b)):
            data, back = written(tensors)
            made.append(updates(config, back))
            whole = None if config is None else json.dumps({"peft_type": "LORA", **config}).encode()
            told[side] = {"config": whole and self.part(whole), "model": self.part(data)}
        self.cases.append({**told, "rows": rows(*made)})


def lora(random, kind, module, rank, outputs, inputs, words=("lora_A.weight", "lora_B.weight")):
    a, b = random.normal(0, 0.3, (rank, inputs)), random.normal(0, 0.05, (outputs, rank))
    return {f"{AROUND}{module}.{words[0]}": (kind, a), f"{AROUND}{module}.{words[1]}": (kind, b)}


def moved(random, tensors, far):
    return {name: (kind, array + random.normal(0, far, array.shape)) for name, (kind, array) in tensors.items()}


def cases(writer, random):
    plain = {"r": 4, "lora_alpha": 8}
    base = lora(random, "F32", "h.0.q", 4, 24, 16) | lora(random, "F32", "h.10.q", 4, 24, 16)
    writer.add("some training", (plain, base), (plain, moved(random, base, 0.02)))
    writer.add("the same", (plain, base), (plain, base))
    writer.add("another scale alone", (plain, base), ({**plain, "lora_alpha": 9}, base))
    wide = {"r": 8, "lora_alpha": 8}
    other = lora(random, "F32", "h.0.q", 8, 24, 16) | lora(random, "F32", "h.10.q", 8, 24, 16)
    writer.add("another rank", (plain, base), (wide, other))
    writer.add("no configuration on one side", (None, base), (plain, base))
    writer.add("only on one side", (plain, base), (plain, lora(random, "F32", "h.10.q", 4, 24, 16) | lora(random, "F32", "h.2.q", 4, 5, 6)))
    last = {name: (kind, np.array(array, np.float32)) for name, (kind, array) in base.items()}
    flat = last[f"{AROUND}h.0.q.lora_B.weight"][1].reshape(-1)
    flat[7] = np.nextafter(flat[7], np.float32(np.inf))
    writer.add("one unit in the last place", (plain, base), (plain, last))
    turned = np.linalg.qr(random.normal(0, 1, (4, 4)))[0]
    again = {}
    for name, (kind, array) in base.items():
        again[name] = ("F64", turned.T @ array if "lora_A" in name else array @ turned)
    writer.add("the same product of other matrices", (plain, {name: ("F64", array) for name, (_, array) in base.items()}), (plain, again))
    large = lora(random, "F32", "model.up", 16, 700, 900)
    writer.add("more rows than a block", ({"r": 16, "lora_alpha": 32}, large), ({"r": 16, "lora_alpha": 32}, moved(random, large, 1e-3)))
    for kind in ("F64", "F16", "BF16"):
        typed = {name: (kind, array) for name, (_, array) in base.items()}
        writer.add(f"of the type {kind}", (plain, base), (plain, typed))
    rooted = {"r": 4, "lora_alpha": 8, "use_rslora": True}
    writer.add("over the root of the rank", (plain, base), (rooted, base))
    mixed = lora(random, "F32", "model.layers.0.mlp.up", 2, 9, 7) | lora(random, "F32", "model.layers.1.mlp.up", 2, 9, 7)
    mixed |= lora(random, "F32", "model.layers.0.attn.q", 6, 8, 7)
    patterns = {
        "r": 6, "lora_alpha": 12, "rank_pattern": {"mlp.up": 2},
        "alpha_pattern": {r"layers\.0\.mlp\.(up|down)": 3, "up": 5},
    }  # fmt: skip
    writer.add("patterns", (patterns, mixed), ({**patterns, "alpha_pattern": {}}, mixed))
    odd = lora(random, "F32", "embed", 4, 10, 50, ("lora_embedding_A", "lora_embedding_B"))
    odd |= {f"{AROUND}conv.lora_A.weight": ("F32", random.normal(0, 1, (4, 3, 5, 5))), f"{AROUND}conv.lora_B.weight": ("F32", random.normal(0, 1, (7, 4, 1, 1)))}
    odd |= lora(random, "F32", "named", 4, 6, 5, ("lora_A.default.weight", "lora_B.default.weight"))
    odd |= {f"{AROUND}named.lora_magnitude_vector": ("F32", random.normal(0, 1, (6,)))}
    stacked = lambda a, b, module: {f"{AROUND}{module}.lora_A.weight": ("F32", random.normal(0, 1, a)), f"{AROUND}{module}.lora_B.weight": ("F32", random.normal(0, 1, b))}
    odd |= stacked((1, 4, 8), (3, 12, 4), "experts.w1") | stacked((3, 4, 12), (1, 8, 4), "experts.w2") | stacked((3, 4, 12), (3, 8, 4), "experts.w3")
    writer.add("embeddings, convolutions, experts", (plain, odd), (plain, moved(random, odd, 0.1)))
    nothing = {name: (kind, np.zeros_like(array) if "lora_B" in name else array) for name, (kind, array) in base.items()}
    writer.add("before training", (plain, nothing), (plain, base))


def fixtures():
    """Archives of Tinker, against each other."""
    home = folder.parent / "fixtures/tinkex/archives"
    told = []
    first = "79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_0001.tar"
    for a, b in ((first, first.replace("0001", "0005")), ("moe_sampler.tar", "moe_sampler.tar"), (first, "moe_sampler.tar")):
        made = []
        for name in (a, b):
            with tarfile.open(home / name) as archive:
                inside = {member.name.split("/")[-1]: archive.extractfile(member).read() for member in archive if member.isfile()}
            made.append(updates(json.loads(inside["adapter_config.json"]), read(inside["adapter_model.safetensors"])))
        told.append({"a": a, "b": b, "rows": rows(*made)})
    return told


def main():
    random, writer = np.random.default_rng(17), Writer()
    cases(writer, random)
    text = json.dumps({"cases": writer.cases, "fixtures": fixtures()}, separators=(",", ":")).encode()
    (folder / "lora.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    (folder / "lora.bin.gz").write_bytes(gzip.compress(bytes(writer.bytes), 9, mtime=0))
    print(len(writer.cases), "cases,", len(writer.bytes), "bytes")


if __name__ == "__main__":
    main()
