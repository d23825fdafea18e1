"""Writes dcp.json: what PyTorch's own converter (`torch.distributed.checkpoint.format_utils.dcp_to_torch_save`) makes of
the distributed checkpoints among the fixtures: folder -> name -> [type, shape, sha256 of the elements, little-endian].

    python tests/expected/dcp.py      (torch 2.15)
"""

import json
import pathlib
import tempfile
import warnings

import torch
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

from torch_files import FIXTURES, Walk

HERE = pathlib.Path(__file__).parent


def main():
    warnings.filterwarnings("ignore")
    told = {}
    for metadata in sorted(FIXTURES.glob("frameworks/**/.metadata")):
        with tempfile.TemporaryDirectory() as folder:
            saved = pathlib.Path(folder) / "saved.pt"
            dcp_to_torch_save(metadata.parent, saved)
            walk = Walk()
            walk.value(torch.load(saved, weights_only=False), [])
        told[metadata.parent.relative_to(FIXTURES).as_posix()] = walk.tensors
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(one)}" for name, one in told.items())
    (HERE / "dcp.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
