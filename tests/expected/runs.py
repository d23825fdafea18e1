"""What the runs under tests/fixtures hold, as PyTorch, json and tarfile read them: for each run its layout, and for each
checkpoint its step, epoch and metrics; and what the arrays of LinearNexus optimizers are. Writes runs.json and
optimizers.json beside itself.

    python tests/expected/runs.py      (torch 2.15, Python 3.11)

The layout of each folder and the keys that its writer uses are stated here by hand, from the writers' code; the numbers
are read from the files.
"""

import json
import math
import pickle
import re
import warnings
from pathlib import Path

import torch

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"


def load(path):
    return torch.load(path, map_location="cpu", weights_only=False)


def document(path):
    return json.loads(path.read_text())


def plain(value):
    if isinstance(value, torch.Tensor):
        value = value.item()
    if isinstance(value, (int, float)) or hasattr(value, "item"):
        value = float(value)
        return value if math.isfinite(value) else str(value)
    return value


def whole(number):
    return number if number is None else int(number)


def metrics(found):
    """Numbers, and tensors with one element; anything longer is no metric."""
    kept = {}
    for name, value in (found or {}).items():
        if not isinstance(value, torch.Tensor) or value.numel() == 1:
            kept[name] = plain(value)
    return kept


def fact(step=None, epoch=None, measured=None):
    return {"step": whole(step), "epoch": whole(epoch), "metrics": metrics(measured)}


def codex_manager(home):
    for folder in sorted(home.glob("epoch-*")):
        meta = document(folder / "meta.json")
        yield folder, fact(epoch=meta["epoch"], measured=meta["metrics"])


def codex_core(home):
    for file in sorted(home.glob("*.pt")):
        saved = load(file)
        meta = saved["meta"]
        told = (meta.get("user_metadata") or {}).get("metrics") or {meta["metric_key"]: meta["metric_value"]}
        yield file, fact(epoch=saved["state"].get("epoch"), measured=told)


def codex_core_folders(home):
    for folder in sorted(home.glob("epoch-*")):
        (record,) = folder.glob("*.meta.json")
        metadata = document(folder / "metadata.json")
        yield folder, fact(document(record)["step"], metadata["epoch"], metadata["metrics"])


def codex_schema2(home):
    for folder in sorted(home.glob("epoch-*")):
        metadata = document(folder / "metadata.json")
        yield folder, fact(epoch=metadata["epoch"], measured=metadata["metrics"])


def codex_dir_digest(home):
    for folder in sorted(home.glob("epoch-*")):
        metadata = document(folder / "metadata.json")
        yield folder, fact(metadata["optimizer_steps_total"], metadata["epoch"], metadata["metrics"])


def codex_trainer_utils(home):
    for file in sorted(home.glob("*.pt")):
        saved = load(file)
        yield file, fact(epoch=saved["epoch"], measured={"val_metric": saved["val_metric"]})


def codex_step_manager(home):
    for file in sorted(home.glob("ckpt-*.pt")):
        record = document(file.with_suffix("").with_suffix(".meta.json"))
        yield file, fact(record["step"], record["metrics"]["epoch"], record["metrics"])


def codex_best_k(home):
    for entry in document(home / "index.json"):
        file = home / entry["path"]
        yield file, fact(load(file)["step"], measured={"metric": entry["metric"]})


def codex_functional(home):
    for file in sorted(home.glob("*.pt")):
        saved = load(file)
        yield file, fact(epoch=saved["epoch"], measured=saved["extra"].get("metrics"))


def codex_single(home):
    for file in sorted(home.glob("*.pt")):
        yield file, fact(epoch=load(file)["epoch"])


def prism_run(home):
    for file in sorted(home.glob("*checkpoint.pt")):
        saved = load(file)
        series = {}
        for name, value in saved.items():
            is_series = isinstance(value, torch.Tensor) and value.ndim == 1 and value.numel() > 1
            if is_series and name not in ("sample_times", "lr_history", "failed_samples"):
                series[name] = value[-1]
        if not series and "loss" in saved:
            series = {"loss": saved["loss"]}
        yield file, fact(saved.get("last_center_idx"), saved.get("epoch"), series)


def torch_dicts(home):
    for file in sorted(home.glob("*.pt")):
        saved = load(file)
        if not isinstance(saved, dict):
            saved = {}
        told = saved.get("metrics") or {name: saved[name] for name in ("loss",) if name in saved}
        yield file, fact(saved.get("global_step"), saved.get("epoch"), told)


def cookbook(home):
    rows = {}
    for line in (home / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows[row["progress/batch"]] = row
    for line in (home / "checkpoints.jsonl").read_text().splitlines():
        save = json.loads(line)
        row = rows.get(save["batch"], {})
        told = {name: value for name, value in row.items() if name not in ("step", "progress/batch")}
        yield home / save["name"], fact(save["batch"], save["epoch"], told)


def results(home):
    for line in (home / "results.jsonl").read_text().splitlines():
        told = json.loads(line)
        yield home / told["experiment_name"], fact(measured=told["metrics"])


def archives(home):
    for file in sorted(home.iterdir()):
        if re.search(r"\.tar(\.gz)?$", file.name) and not re.search("hostile|nested", file.name):
            yield file, fact()


class Anything:
    """Stands for any class that a pickle names, and remembers its state."""

    def __init__(self, *_):
        self.state = None

    def __setstate__(self, state):
        self.state = state


class Inert(pickle.Unpickler):
    """Imports nothing: every class is one that stands for it."""

    def find_class(self, module, name):
        return type(name, (Anything,), {"__module__": module})


FIELDS = {"ScaleByAdamState": ["count", "mu", "nu"], "ScaleByScheduleState": ["count"], "TraceState": ["trace"]}


def names(nodes, path=""):
    """Names of the leaves below the last node, which are taken off the list from behind."""
    kind, arity, data, _, _, _ = nodes.pop()
    if kind == 0:
        return [path]
    if kind == 3:
        keys = FIELDS.get(data.__name__, range(arity))
    elif kind == 6 and not all(isinstance(key, (str, int)) for key in data):
        keys = [""]
    else:
        keys = data if kind in (5, 6) else range(arity)
    found = []
    for key in reversed(keys):
        found = names(nodes, f"{path}.{key}" if key != "" else path) + found
    assert len(keys) == arity
    return found


def optimizers():
    for file in sorted(FIXTURES.glob("linearnexus/**/optimizer_meta.pkl")):
        tree = Inert(file.open("rb")).load()["tree_def"]
        yield file.relative_to(FIXTURES).parent.as_posix(), [name.strip(".") for name in names(list(tree.state[1]))]


RUNS = [
    ("codex/canonical-manager/outputs/run-123/checkpoints", "codex_manager", codex_manager),
    ("codex/canonical-manager-2025-09/output/checkpoints", "codex_manager", codex_manager),
    ("codex/pickle-fallback/checkpoints", "codex_manager", codex_manager),
    ("codex/core-1.0-newest-flat/checkpoints", "codex_core", codex_core),
    ("codex/core-1.0-2025-10/checkpoints", "codex_core", codex_core),
    ("codex/core-1.0-early-view/checkpoints", "codex_core", codex_core),
    ("codex/core-1.0-early-payload/checkpoints", "codex_core", codex_core),
    ("codex/core-1.0-early-payload-integrity/checkpoints", "codex_core", codex_core),
    ("codex/core-1.0-newest-save_now/checkpoints", "codex_core", codex_core_folders),
    ("codex/schema-v2/checkpoints", "codex_schema2", codex_schema2),
    ("codex/dir-digest-v3/checkpoints", "codex_dir_digest", codex_dir_digest),
    ("codex/trainer-utils/checkpoints", "codex_trainer_utils", codex_trainer_utils),
    ("codex/legacy-step-manager/checkpoints", "codex_step_manager", codex_step_manager),
    ("codex/bestk-list-index/checkpoints", "codex_best_k", codex_best_k),
    ("codex/functional/ckpt", "codex_functional", codex_functional),
    ("codex/schema-2.0-string", "codex_schema2_string", codex_schema2),
    ("codex/legacy-single", "codex_single", codex_single),
    ("prism/real-runs/europa_lr1e3", "prism_run", prism_run),
    ("prism/real-runs/europa_lr3e3", "prism_run", prism_run),
    ("prism/real-io-save_checkpoint/run", "prism_run", prism_run),
    ("prism/emulated-documented-manager/experiment/checkpoints", "prism_manager", torch_dicts),
    ("slash-checkpoint/run-layout/results/vae_latent64_20240115_101530/checkpoints", "torch_files", torch_dicts),
    ("slash-checkpoint/keep-best-k", "torch_files", torch_dicts),
    ("slash-checkpoint/keep-best-k-nan", "torch_files", torch_dicts),
    ("slash-checkpoint/minimal", "torch_files", torch_dicts),
    ("slash-checkpoint/quirks", "torch_files", torch_dicts),
    ("slash-checkpoint/skill-manager-max", "torch_files", torch_dicts),
    ("slash-checkpoint/skill-manager-min", "torch_files", torch_dicts),
    ("slash-checkpoint/versioned", "torch_files", torch_dicts),
    ("slash-checkpoint/results-tracker", "torch_files", results),
    ("tinkex/cookbook-run", "tinker_cookbook", cookbook),
    ("tinkex/archives", "tinker_archive", archives),
    ("tinkex/skyrl-checkpoints-base/model_ab12/sampler_weights", "tinker_archive", archives),
]


def main():
    runs = {}
    for path, layout, read in RUNS:
        home = FIXTURES / path
        checkpoints = {found.relative_to(home).as_posix(): told for found, told in read(home)}
        runs[path] = {"layout": layout, "checkpoints": checkpoints}
    for name, facts in (("runs", runs), ("optimizers", dict(optimizers()))):
        text = json.dumps(facts, indent=1, allow_nan=False)
        (HERE / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
