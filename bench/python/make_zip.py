"""Writes a zip of 2 GB of the stored files of a folder."""

import json
import pathlib
import sys
import zipfile

files = sorted(path for path in pathlib.Path(sys.argv[2]).iterdir() if path.suffix == ".safetensors")
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED) as archive:
    for path in files:
        archive.write(path, f"run/{path.name}")
print(json.dumps({"count": len(files)}))
