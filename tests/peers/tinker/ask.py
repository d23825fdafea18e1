"""What the official client says of a server, as JSON: python ask.py http://127.0.0.1:PORT

Runs, their checkpoints, what is known of the weights, and length and SHA-256 of each archive. A call that the server
refuses is null.
"""

import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
import warnings
from datetime import timezone

os.environ["TINKER_TELEMETRY"] = "0"
warnings.filterwarnings("ignore", category=FutureWarning)

import tinker

REFUSED = (tinker.BadRequestError, tinker.NotFoundError)
BYPASS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def seconds(time):
    # The server writes UTC without saying so.
    return int(time.replace(tzinfo=time.tzinfo or timezone.utc).timestamp())


def refusable(call, *arguments):
    try:
        return call(*arguments).result()
    except REFUSED:
        return None


def run(found):
    names = ("training_run_id", "base_model", "model_owner", "is_lora", "lora_rank", "corrupted")
    return {name: getattr(found, name) for name in names} | {"time": seconds(found.last_request_time)}


def info(client, path):
    found = refusable(client.get_weights_info_by_tinker_path, path)
    return found and {name: getattr(found, name) for name in ("base_model", "is_lora", "lora_rank")}


def archive(client, found):
    """Only sampler checkpoints have one. The call that takes a path is refused by SkyRL, which wants the bare name."""
    run_id, kind, name = found.tinker_path.removeprefix("tinker://").split("/")
    signed = kind == "sampler_weights" and refusable(client.get_checkpoint_archive_url, run_id, name)
    if not signed:
        return None
    try:
        with BYPASS.open(signed.url) as answer:
            content = answer.read()
    except urllib.error.HTTPError:
        return None
    return {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def checkpoint(client, found):
    path = found.tinker_path
    known = {"tinker_path": path, "kind": found.checkpoint_type, "time": seconds(found.time)}
    return known | {"size": found.size_bytes, "info": info(client, path), "archive": archive(client, found)}


def main():
    service = tinker.ServiceClient(base_url=sys.argv[1], api_key="tml-dummy")
    client = service.create_rest_client()
    runs, answer = [], None
    while answer is None or (answer.training_runs and len(runs) < answer.cursor.total_count):
        answer = client.list_training_runs(limit=2, offset=len(runs)).result()
        runs += answer.training_runs
    checkpoints = [found for each in runs for found in client.list_checkpoints(each.training_run_id).result().checkpoints]
    said = {
        "models": [model.model_name for model in service.get_server_capabilities().supported_models],
        "runs": [run(found) for found in runs],
        "all": refusable(client.list_user_checkpoints),
        "checkpoints": [checkpoint(client, found) for found in checkpoints],
    }
    print(json.dumps(said, indent=2))
    sys.stdout.flush()
    # Its threads would go on.
    os._exit(0)


main()
