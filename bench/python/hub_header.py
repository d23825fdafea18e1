"""Reads the header of a safetensors file behind an address by ranges, as huggingface_hub does; the time is that of an
interpreter that is already running, and that of the whole program."""

import json
import sys
import time

begun = time.perf_counter()

from huggingface_hub import HfApi  # noqa: E402

start = time.perf_counter()
header = HfApi(endpoint=sys.argv[1]).parse_safetensors_file_metadata("org/name", sys.argv[2])
end = time.perf_counter()
print(json.dumps({"seconds": end - start, "program": end - begun, "count": len(header.tensors)}))
