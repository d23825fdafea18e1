"""How far the values of two safetensors files of F32 are apart, tensor by tensor, both memory-mapped, piece by piece as fits a
cache; the time is that of an interpreter that is already running. On one thread: products of pieces this small gain nothing
from more, and on a machine with other work the threads of a product wait for each other many times as long as it takes."""

import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy  # noqa: E402

PIECE = 1 << 18


def tensors(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    whole = numpy.memmap(path, numpy.uint8, "r", offset=8 + length)
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            yield name, whole[begin:end].view(numpy.float32)


def compared(a, b):
    largest, of_difference, of_a, of_b, product, changed = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    for at in range(0, len(a), PIECE):
        old, new = a[at : at + PIECE], b[at : at + PIECE]
        changed += numpy.count_nonzero(old.view(numpy.uint32) != new.view(numpy.uint32))
        x, y = old.astype(numpy.float64), new.astype(numpy.float64)
        difference = y - x
        largest = max(largest, numpy.abs(difference).max())
        of_difference += difference @ difference
        of_a += x @ x
        of_b += y @ y
        product += x @ y
    return {
        "max_abs": float(largest),
        "l2": float(numpy.sqrt(of_difference)),
        "relative_l2": float(numpy.sqrt(of_difference / of_a)),
        "cosine": float(product / numpy.sqrt(of_a * of_b)),
        "changed_fraction": changed / len(a),
    }


before, after = (dict(tensors(path)) for path in sys.argv[1:3])
start = time.perf_counter()
found = {name: compared(values, after[name]) for name, values in before.items()}
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "tensors": found}))
