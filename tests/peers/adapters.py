"""Adapters and models of made-up weights, as the peers keep them. Only the standard library."""

import json
import struct

BASE = "weighbridge/tiny-qwen3"
SHAPES = {"self_attn.q_proj": (64, 64), "self_attn.v_proj": (64, 32), "mlp.up_proj": (64, 128)}


def safetensors(tensors):
    """The bytes of a file with `{name: (shape, BF16 bytes)}`."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (shape, blob) in tensors.items():
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [len(data), len(data) + len(blob)]}
        data += blob
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def adapter(rank, fill):
    """A LoRA adapter as PEFT saves it: `{file name: bytes}`; every weight is the same, told by `fill`."""
    config = {"base_model_name_or_path": BASE, "lora_alpha": 32.0, "peft_type": "LORA", "r": rank}
    tensors = {}
    for layer in range(2):
        for module, (inner, outer) in SHAPES.items():
            for half, shape in (("A", [rank, inner]), ("B", [outer, rank])):
                name = f"base_model.model.model.layers.{layer}.{module}.lora_{half}.weight"
                tensors[name] = (shape, bytes([fill, 0x3C]) * (shape[0] * shape[1]))
    return {
        "adapter_config.json": json.dumps(config, indent=2, sort_keys=True).encode(),
        "adapter_model.safetensors": safetensors(tensors),
    }


def large():
    """A model of 12 MB, to see that only its header is read."""
    rows = {f"layers.{layer}.weight": ([1024, 1024], bytes(2 << 20)) for layer in range(6)}
    return {"config.json": b'{"model_type": "made up"}\n', "model.safetensors": safetensors(rows)}
