"""Statistics and a histogram of all elements of the one tensor of a safetensors file, piece by piece as fits a cache; the
time is that of an interpreter that is already running."""

import json
import sys
import time

import ml_dtypes
import numpy

PIECE = 1 << 20
TYPES = {"BF16": ml_dtypes.bfloat16, "F32": numpy.float32}

with open(sys.argv[1], "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))
(tensor,) = (entry for name, entry in header.items() if name != "__metadata__")
values = numpy.memmap(sys.argv[1], TYPES[tensor["dtype"]], "r", offset=8 + length)


def pieces():
    for at in range(0, len(values), PIECE):
        yield values[at : at + PIECE].astype(numpy.float32, copy=False)


start = time.perf_counter()
counts = dict.fromkeys(["nan", "infinite", "zero", "subnormal", "negative"], 0)
low, high, total, squares = numpy.inf, -numpy.inf, 0.0, 0.0
tiny = numpy.finfo(numpy.float32).tiny
for piece in pieces():
    counts["nan"] += numpy.count_nonzero(numpy.isnan(piece))
    counts["infinite"] += numpy.count_nonzero(numpy.isinf(piece))
    counts["zero"] += numpy.count_nonzero(piece == 0)
    counts["subnormal"] += numpy.count_nonzero((numpy.abs(piece) < tiny) & (piece != 0))
    counts["negative"] += numpy.count_nonzero(piece < 0)
    low, high = min(low, piece.min()), max(high, piece.max())
    wide = piece.astype(numpy.float64)
    total += wide.sum()
    squares += wide @ wide
mean = total / len(values)
deviation = numpy.sqrt(squares / len(values) - mean * mean)
seconds = time.perf_counter() - start

histogram = numpy.zeros(64, numpy.int64)
for piece in pieces():
    histogram += numpy.histogram(piece, bins=64, range=(low, high))[0]
both = time.perf_counter() - start
answer = {"seconds": seconds, "both": both, "count": int(histogram.sum())}
answer |= {"mean": mean, "std": deviation, "min": float(low), "max": float(high)}
print(json.dumps(answer))
