"""Models for the peer, through MLflow's REST interface. The weights are made up.

`tiny-lora`: versions 1 and 2 (the champion), adapters in a folder of a run's artifacts; `tiny-torch`: version 1, a logged
model with a checkpoint in a folder of it; `large`: version 1, 12 MB; `elsewhere`: version 1, in a bucket that is not there;
`empty`: no version.
"""

import json
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from adapters import adapter, large

BASE = sys.argv[1]
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def send(method, path, data, kind="application/json"):
    request = urllib.request.Request(f"{BASE}/api/2.0/{path}", data, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


def call(path, **body):
    return send("POST", f"mlflow/{path}", json.dumps(body).encode())


def put(root, files):
    assert root.startswith("mlflow-artifacts:/"), root
    for name, content in files.items():
        place = urllib.parse.quote(f"{root.removeprefix('mlflow-artifacts:/')}/{name}".lstrip("/"))
        send("PUT", f"mlflow-artifacts/artifacts/{place}", content, "application/octet-stream")


def run(name, folder, files):
    info = call("runs/create", experiment_id="0", run_name=name, start_time=1767323045678)["run"]["info"]
    put(f"{info['artifact_uri']}/{folder}", files)
    return info["run_id"]


def version(model, source, **more):
    return call("model-versions/create", name=model, source=source, **more)["model_version"]["version"]


def main():
    for model in ("tiny-lora", "tiny-torch", "large", "elsewhere", "empty"):
        call("registered-models/create", name=model)
    for name, rank, fill in (("first", 8, 0x10), ("second", 8, 0x20)):
        run_id = run(name, "adapter", adapter(rank, fill))
        version("tiny-lora", f"runs:/{run_id}/adapter", run_id=run_id, description=f"the {name} one")
    call("registered-models/alias", name="tiny-lora", alias="champion", version="2")
    run_id = run("large", "model", large())
    version("large", f"runs:/{run_id}/model", run_id=run_id)
    logged = call("logged-models", experiment_id="0", name="torch")["model"]["info"]
    weights = (FIXTURES / "torch/tied.pt").read_bytes()
    put(logged["artifact_uri"], {"MLmodel": b"flavors:\n  pytorch: {}\n", "data/model.pt": weights})
    version("tiny-torch", f"models:/{logged['model_id']}", model_id=logged["model_id"])
    version("elsewhere", "s3://bucket.invalid/model")


main()
