"""Writes an npz of 100,000 stored float32 arrays of 1 KB."""

import json
import sys

import numpy

random = numpy.random.default_rng(1)
values = random.standard_normal((100_000, 256), dtype=numpy.float32)
names = (f"blocks.{i // 100}.experts.{i % 100}.kernel" for i in range(len(values)))
with open(sys.argv[1], "wb") as file:  # by name, savez would append its own extension
    numpy.savez(file, **dict(zip(names, values)))
print(json.dumps({"count": len(values)}))
