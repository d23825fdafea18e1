"""Reads the directory of a zip behind an address by ranges with zipfile, and the safetensors header of each member; the
time is that of an interpreter that is already running, and that of the whole program."""

import json
import sys
import time

begun = time.perf_counter()

from remotezip import RemoteZip  # noqa: E402

start = time.perf_counter()
count = 0
with RemoteZip(sys.argv[1]) as archive:
    for member in archive.infolist():
        with archive.open(member) as file:
            length = int.from_bytes(file.read(8), "little")
            count += len(json.loads(file.read(length)))
end = time.perf_counter()
print(json.dumps({"seconds": end - start, "program": end - begun, "count": count}))
