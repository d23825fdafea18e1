"""Writes a deflated npz of eight float32 arrays of 128 MiB, as weights of a network look."""

import json
import sys

import numpy

random = numpy.random.default_rng(7)
arrays = {f"blocks.{i}.kernel": random.standard_normal((8192, 4096), dtype=numpy.float32) * 0.02 for i in range(8)}
with open(sys.argv[1], "wb") as file:  # by name, savez would append its own extension
    numpy.savez_compressed(file, **arrays)
print(json.dumps({"count": len(arrays)}))
