"""Writes adapters.bin.gz and adapters.json.gz: pairs of adapters of low rank that PEFT itself saved, and the weights that its
layers say they add (`get_delta_weight`).

    python tests/expected/adapters.py     (peft 0.21.2, torch 2.15.0, transformers 5.24.0, safetensors 0.8.0, CPU)

Both are laid out as lora.py has it, which works out the same by its own rules. A small model of linear layers, a convolution,
an embedding and a norm is wrapped by `get_peft_model`, its adapter's matrices are filled with random numbers, and
`save_pretrained` writes `adapter_config.json` and `adapter_model.safetensors`. `PeftModel.from_pretrained` reads them again (the
patterns are in another order then: they are saved sorted), and the layers are turned into 64-bit floats, so that ΔW and
everything made of it is of that type.
"""

import gzip
import json
import pathlib
import sys
import tempfile

folder = pathlib.Path(__file__).parent
# The modules next door are called like some of the standard library.
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != folder.resolve()]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model  # noqa: E402
from peft.tuners.lora import LoraLayer  # noqa: E402
from torch import nn  # noqa: E402


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj, self.up_proj, self.down_proj = nn.Linear(16, 24), nn.Linear(24, 40, bias=False), nn.Linear(40, 16)
        self.norm = nn.LayerNorm(16)

    def forward(self, x):
        return self.norm(self.down_proj(self.up_proj(self.q_proj(x))))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.conv = nn.Conv2d(3, 7, (5, 3))
        self.layers = nn.ModuleList([Block() for _ in range(12)])
        self.lm_head = nn.Linear(16, 50)


def number(value):
    """A float as its bits, since JSON has no word for all of them."""
    return f"{np.float64(value).view(np.uint64):016x}"


def made(config, seed, far=1.0, base=None, dtype=torch.float32):
    """What PEFT writes, and ΔW, rank and scale of each module; `far` from the matrices of `base`."""
    torch.manual_seed(seed)
    model = get_peft_model(Model().to(dtype), LoraConfig(**config), autocast_adapter_dtype=False)
    kept = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                own = torch.randn(parameter.shape, dtype=torch.float64) * 0.1 * far
                kept[name] = own if base is None else base[name] + own
                parameter.copy_(kept[name].to(dtype))
    with tempfile.TemporaryDirectory() as home:
        model.save_pretrained(home)
        read = lambda name: (pathlib.Path(home) / name).read_bytes()
        files = read("adapter_config.json"), read("adapter_model.safetensors")
        loaded = PeftModel.from_pretrained(Model().to(dtype), home, autocast_adapter_dtype=False)
    loaded.to(torch.float64)
    told = {}
    for name, layer in loaded.base_model.model.named_modules():
        if isinstance(layer, LoraLayer):
            told[name] = (layer.get_delta_weight("default").detach(), layer.r["default"], layer.scaling["default"])
    return files, told, kept


def norm(values):
    return float(torch.linalg.vector_norm(values))


def row(name, a, b):
    side = lambda of: None if of is None else {"rank": of[1], "scale": number(of[2]), "l2": number(norm(of[0]))}
    told = {"name": name, "a": side(a), "b": side(b), "l2": None, "relative_l2": None, "cosine": None}
    if a is not None and b is not None:
        l2, l2_a, l2_b = norm(b[0] - a[0]), norm(a[0]), norm(b[0])
        told["l2"] = number(l2)
        if l2_a > 0:
            told["relative_l2"] = number(l2 / l2_a)
        if l2_a > 0 and l2_b > 0:
            told["cosine"] = number(float((a[0] * b[0]).sum()) / l2_a / l2_b)
    return told


class Writer:
    def __init__(self):
        self.bytes, self.cases = bytearray(), []

    def part(self, data):
        self.bytes += data
        return {"offset": len(self.bytes) - len(data), "len": len(data)}

    def add(self, what, a, b):
        sides = {
            side: {"config": self.part(files[0]), "model": self.part(files[1])} for side, (files, _, _) in (("a", a), ("b", b))
        }
        names = sorted(a[1].keys() | b[1].keys())
        rows = [row(name, a[1].get(name), b[1].get(name)) for name in names]
        self.cases.append({"what": what, **sides, "rows": rows})


def main():
    writer = Writer()
    linear = {"target_modules": ["q_proj", "down_proj"]}
    plain = {"r": 4, "lora_alpha": 8, **linear}
    first = made(plain, 1)
    writer.add("some training", first, made(plain, 2, 0.05, first[2]))
    writer.add("a little", first, made(plain, 3, 1e-6, first[2]))
    writer.add("another rank", first, made({**plain, "r": 7}, 4))
    writer.add("over the root of the rank", first, made({**plain, "use_rslora": True}, 5, 0.05, first[2]))
    writer.add("other modules", first, made({**plain, "target_modules": ["q_proj", "up_proj"]}, 6))
    patterns = {
        **plain,
        "rank_pattern": {"down_proj": 2, r"layers\.1\.q_proj": 6},
        "alpha_pattern": {r"layers\.(0|10)\.q_proj": 3, "down_proj": 5, r"^base_model": 99, r".*\.q_proj": 7},
    }
    writer.add("patterns", first, made(patterns, 7))
    odd = {"r": 3, "lora_alpha": 6, "target_modules": ["embed", "conv", "lm_head"]}
    other = made(odd, 8)
    writer.add("embeddings and convolutions", other, made(odd, 9, 0.1, other[2]))
    writer.add("half precision", first, made(plain, 10, 0.0, first[2], torch.bfloat16))
    text = json.dumps({"cases": writer.cases}, separators=(",", ":")).encode()
    (folder / "adapters.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    (folder / "adapters.bin.gz").write_bytes(gzip.compress(bytes(writer.bytes), 9, mtime=0))
    print(len(writer.cases), "cases,", len(writer.bytes), "bytes")


if __name__ == "__main__":
    main()
