"""The one table of the recorded fixtures: every file of them, with the checkpoint it belongs to, what it is for and how
many tensors it holds for the model, the optimizer and anything else; every run with its layout, its checkpoints and which
of them are its best and its last. Writes table.json beside itself.

    python tests/expected/table.py      (torch 2.15, numpy 2.4.6, safetensors 0.8.0, h5py 3.16, gguf 0.19, msgpack 1.2)

Tensors are counted by the libraries of the formats. What a writer's files are for, which checkpoint it calls the best and
in which file, is stated here by hand, from the writers' code; the numbers are read from the files.
"""

import csv
import io
import json
import pathlib
import re
import tarfile
import tempfile
import zipfile

import gguf
import h5py
import numpy as np
import torch
import torch.distributed.checkpoint as dcp
from safetensors import safe_open

import runs
from frameworks import msgpack_facts
from runs import FIXTURES, document, fact, load
from torch_files import Walk
from torch_files import load as load_any

HERE = pathlib.Path(__file__).parent


# --- what is in a file ----------------------------------------------------------------------------------------------

MODEL = {"model", "model_state_dict", "model_state", "state_dict", "params"}
OPTIMIZER = {"optimizer", "optimizer_state_dict", "optimizer_state", "optimizer_states", "optim", "opt_state"}


def torch_names(path):
    try:
        walk = Walk()
        walk.value(load_any(path), [])
    except Exception:
        return None
    return list(walk.tensors)


def dcp_names(path):
    """Tensors in one piece are in the file with the piece, others are told by the metadata alone."""
    metadata = dcp.FileSystemReader(path.parent).read_metadata()
    tensors = {name: entry for name, entry in metadata.state_dict_metadata.items() if hasattr(entry, "size")}
    if path.name == ".metadata":
        return [name for name, entry in tensors.items() if len(entry.chunks) != 1]
    stored = [index.fqn for index, info in metadata.storage_data.items() if info.relative_path == path.name]
    return [name for name in stored if name in tensors and len(tensors[name].chunks) == 1]


def names(path):
    """Names of the tensors in a file."""
    if path.name == ".metadata" or path.suffix == ".distcp":
        return dcp_names(path)
    if path.name == "_METADATA":
        return [".".join(str(key["key"]) for key in entry["key_metadata"])
                for entry in document(path)["tree_metadata"].values()]
    match path.suffix:
        case ".npz":
            return np.load(path, allow_pickle=True).files
        case ".safetensors":
            with safe_open(path, "np") as file:
                return list(file.keys())
        case ".h5":
            found = []
            with h5py.File(path) as file:
                file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
            return found
        case ".gguf":
            return [tensor.name for tensor in gguf.GGUFReader(path).tensors]
        case ".msgpack":
            return list(msgpack_facts(path)[0])
        case ".pt" | ".pth" | ".bin" | ".ckpt" | ".pkl":
            return torch_names(path)
    return []


def tensor_role(name, file_role):
    parts = re.split(r"[./]", name)
    # What modules keep beside their parameters.
    if parts[-1] in ("running_mean", "running_var", "num_batches_tracked"):
        return None
    # Wrappers of the whole.
    while parts[0] in ("state", "payload") and len(parts) > 1:
        parts = parts[1:]
    if file_role in ("optimizer", "rng"):
        return file_role
    if parts[0] in OPTIMIZER or parts[0] == "optimizer_weights":
        return "optimizer"
    return "model" if parts[0] in MODEL else None


def counts(path, role, layout):
    """Tensors of the model, of the optimizer, and others; null where no library here loads the file."""
    found = names(path)
    if found is None:
        return None
    roles = [tensor_role(name, role) for name in found]
    if layout == "codex_functional" and role == "model":
        # The same tensors under two names: counted once.
        roles = [None if re.match(r"(model|optimizer)\.", name) else one for name, one in zip(found, roles)]
    if role == "extra":
        roles = [None] * len(found)
    if found and role == "model" and path.suffix not in (".npz", ".h5") and not any(roles):
        # A dict of nothing but the weights.
        roles = ["model"] * len(found) if is_bare(path) else roles
    if layout == "linear_nexus" and role == "model":
        roles = ["model" if not re.search(r"rope\.|rngs\.", name) else None for name in found]
    elif path.suffix in (".npz", ".h5", ".gguf") and role == "model":
        roles = [one or "model" for one in roles]
    if path.name == "_METADATA":
        roles = ["model" if name.startswith("params") else None for name in found]
    if layout == "torch_dcp":
        roles = ["model" if name.startswith("model.") else "optimizer" for name in found]
    return [roles.count("model"), roles.count("optimizer"), len(found) - roles.count("model") - roles.count("optimizer")]


def is_bare(path):
    if path.name == ".metadata" or path.suffix in (".distcp",) or path.suffix in (".safetensors", ".msgpack", ".gguf"):
        return True
    loaded = load_any(path)
    return isinstance(loaded, torch.nn.Module) or (
        isinstance(loaded, dict) and any("." in key for key in loaded if isinstance(key, str)))


# --- what a file is for, by writer; the first pattern that fits the path ----------------------------------------------

ANY = [
    (r"\.sha256$|SHA256SUMS|/checksums[^/]*\.json$|\.index\.json$|integrity\.json$", "manifest"),
    (r"/(tokenizer|vocab)", "tokenizer"),
]
SAFETENSORS = [(r"adapter_config\.json$", "config"), (r"\.safetensors$", "model"), (r"checkpoint_complete$", "marker")]
ROLES = {
    "linear_nexus": [
        (r"model\.npz$", "model"), (r"optimizer\.npz$", "optimizer"), (r"optimizer_meta\.pkl$", "optimizer_meta"),
        (r"structure\.json$", "structure"), (r"(metrics|meta)\.json$", "metrics"), (r"config\.json$", "config"),
        (r"extra\.json$", "extra")],
    "codex_manager": [
        (r"state\.(pt|pkl)$", "model"), (r"meta\.json$", "metrics"), (r"rng\.json$", "rng"),
        (r"system\.json$", "environment"), (r"config\.(yaml|json)$|seeds\.json$", "config"),
        (r"/(best\.json|last)$", "marker")],
    "codex_core": [
        # The folder of one save holds its file twice.
        (r"/epoch-\d+/state\.pt$", "extra"),
        (r"\.pt$", "model"), (r"meta(data)?\.json$", "metrics"), (r"run_manifest\.json$", "environment"),
        (r"best_index\.json$", "marker"), (r"/index\.json$", "manifest")],
    "codex_schema2": [
        (r"state\.pt$", "model"), (r"metadata\.json$", "metrics"), (r"best_index\.json$", "marker"),
        (r"manifest\.json$", "manifest")],
    "codex_dir_digest": [
        (r"model\.pt$", "model"), (r"optimizer\.pt$", "optimizer"), (r"scheduler\.pt$", "scheduler"),
        (r"rng\.(pt|json)$", "rng"), (r"metadata\.json$", "metrics"), (r"config\.snapshot\.json$", "config"),
        (r"/(index|latest)\.json$", "marker")],
    "codex_trainer_utils": [(r"\.pt$", "model"), (r"manifest\.json$", "config")],  # what the caller gave
    "codex_step_manager": [
        (r"best_candidates/|/best(\.json)?$", "marker"), (r"\.meta\.json$", "metrics"), (r"\.pt$", "model")],
    "codex_best_k": [(r"index\.json$", "marker"), (r"\.pt$", "model")],
    "codex_functional": [(r"\.meta\.json$", "metrics"), (r"\.pt$", "model")],
    "codex_schema2_string": [(r"\.pt$", "model"), (r"metadata\.json$", "metrics")],
    "codex_single": [(r"\.pt$", "model")],
    "prism_run": [
        (r"checkpoint\.pt$", "model"), (r"args\.(pt|txt)$|config\.yaml$", "config"), (r"sample_points\.pt$", "extra")],
    "prism_manager": [(r"\.pt$", "model")],
    "torch_files": [
        (r"\.pt$", "model"), (r"config\.toml$", "config"), (r"environment\.txt$|git_info\.json$", "environment"),
        (r"metrics\.json$|results\.jsonl$", "metrics")],
    "tinker_archive": SAFETENSORS,
    "peft_adapter": SAFETENSORS,
    "tinker_cookbook": [
        (r"checkpoints\.jsonl$", "manifest"), (r"metrics\.jsonl$", "metrics"), (r"config\.json$", "config")],
    "hf_model": [(r"config\.json$", "config"), (r"\.safetensors$", "model")],
    "hf_trainer": [
        (r"config\.json$|training_args\.bin$", "config"), (r"\.safetensors$", "model"), (r"optimizer\.pt$", "optimizer"),
        (r"scheduler\.pt$", "scheduler"), (r"rng_state\.pth$", "rng"), (r"trainer_state\.json$", "metrics")],
    "accelerate": [
        (r"\.safetensors$", "model"), (r"optimizer\.bin$", "optimizer"), (r"scheduler\.bin$", "scheduler"),
        (r"random_states_0\.pkl$", "rng")],
    "orbax": [
        (r"_CHECKPOINT_METADATA$", "config"), (r"commit_success\.txt$", "marker"), (r"metrics/metrics$", "metrics"),
        (r"/_(METADATA|sharding)$", "structure"), (r"manifest\.ocdbt$", "model")],
    "flax": [(r"", "model")],
    "gguf": [(r"", "model")],
    "mlx": [(r"", "model")],
    "keras": [(r"\.keras/config\.json$", "config"), (r"\.h5$", "model")],
    "lightning": [(r"\.ckpt$", "model"), (r"hparams\.yaml$", "config"), (r"metrics\.csv$", "metrics")],
    "torch_dcp": [(r"", "model")],
}


def role(path, layout):
    found = [role for pattern, role in ANY + ROLES[layout] if re.search(pattern, path)]
    return found[0] if found else "other"


# --- runs that runs.py does not tell of -------------------------------------------------------------------------------

def linear_nexus(home):
    for folder in sorted(home.iterdir()):
        if not (folder / "structure.json").is_file():
            continue
        config, told = document(folder / "config.json"), {}
        step = config.get("step")
        if (folder / "metrics.json").is_file():
            told = document(folder / "metrics.json")
        if (folder / "meta.json").is_file():
            meta = document(folder / "meta.json")
            step, told = meta["step"], meta["metrics"]
        yield folder, fact(step, measured=told)


def hf_trainer(home):
    for folder in sorted(home.glob("checkpoint-*")):
        state, told = document(folder / "trainer_state.json"), {}
        for row in state["log_history"]:
            if row["step"] == state["global_step"]:
                told |= {name: value for name, value in row.items() if name not in ("step", "epoch")}
        yield folder, fact(state["global_step"], state["epoch"], told)


def folders(home):
    for folder in sorted(home.iterdir()):
        step = re.fullmatch(r"(?:step_|checkpoint_)?(\d+)", folder.name)
        counted = "accelerate" not in str(home)
        yield folder, fact(step and counted and int(step[1]) or None)


def orbax(home):
    for folder in sorted(home.iterdir()):
        epoch = document(folder / "extra/metadata")["epoch"]
        yield folder, fact(int(folder.name), epoch, document(folder / "metrics/metrics"))


def keras(home):
    for file in sorted(home.iterdir()):
        told = re.fullmatch(r"(\d+)-([\d.]+)\.keras", file.name)
        yield file, fact(None, told and int(told[1]), {"metric": float(told[2])} if told else {})


def lightning(home):
    rows = list(csv.DictReader((home.parent / "metrics.csv").open()))
    for file in sorted(home.iterdir()):
        saved, told = load(file), {}
        for row in rows:
            if row["epoch"] == str(saved["epoch"]):
                told |= {name: float(value) for name, value in row.items() if value and name not in ("epoch", "step")}
        yield file, fact(saved["global_step"], saved["epoch"], told)


def files(home):
    for file in [home] if home.is_file() else sorted(home.iterdir()):
        yield file, fact()


def itself(home):
    yield home, fact()


NEXUS = FIXTURES / "linearnexus/variants"
RUNS = runs.RUNS + [
    ("linearnexus/run/checkpoints", "linear_nexus", linear_nexus),
    *((f"linearnexus/variants/{name}", "linear_nexus", linear_nexus)
      for name in ("interrupted", "nan_metrics", "prefix", "resave", "ties")),
    ("linearnexus/variants", "linear_nexus", linear_nexus),
    ("manifests", "linear_nexus", linear_nexus),
    ("frameworks/hf-trainer", "hf_trainer", hf_trainer),
    ("frameworks/accelerate-project/checkpoints", "accelerate", folders),
    ("frameworks/orbax-manager", "orbax", orbax),
    ("frameworks/flax-legacy", "orbax", folders),
    ("frameworks/torch-dcp", "torch_dcp", folders),
    ("frameworks/flax_model.msgpack", "flax", files),
    ("frameworks/model-tiny.gguf", "gguf", files),
    ("frameworks/keras", "keras", keras),
    ("frameworks/mlx", "mlx", files),
    ("frameworks/lightning/lightning_logs/version_0/checkpoints", "lightning", lightning),
    ("frameworks/hf-sharded", "hf_model", itself),
    ("frameworks/peft-lora", "peft_adapter", itself),
]
ARCHIVES = [
    ("archives/linearnexus_run.zip", "checkpoints", "linear_nexus", linear_nexus),
    ("archives/codex_canonical_manager.tar.gz", "outputs/run-123/checkpoints", "codex_manager", runs.codex_manager),
    ("archives/codex_legacy_step_manager_symlinks.tar", "checkpoints", "codex_step_manager", runs.codex_step_manager),
    ("archives/slash_run.tar", "results/vae_latent64_20240115_101530/checkpoints", "torch_files", runs.torch_dicts),
]
# The folder of this one in the archive is one level down.
NESTED = "tinkex/archives/variant_nested_dotslash.tar/weights"


# --- which checkpoint is the best, and which the last -----------------------------------------------------------------

def last_part(path):
    return path.rstrip("/").rsplit("/", 1)[-1]


def newest(told):
    """The largest step, else the largest epoch; null unless all have one."""
    for key in ("step", "epoch"):
        numbers = {name: one[key] for name, one in told.items()}
        if len(told) > 1 and None not in numbers.values():
            return max(sorted(numbers), key=lambda name: numbers[name])
    return None


def lowest(told, metric, sign=1, tie=min):
    """The best by a metric; of equal ones the lower step or epoch, or with `tie=max` the higher."""
    def place(name):
        number = told[name]["step"] if told[name]["step"] is not None else told[name]["epoch"]
        return number
    values = {name: sign * float(one["metrics"][metric]) for name, one in told.items() if metric in one["metrics"]}
    finite = {name: value for name, value in values.items() if value == value and abs(value) != float("inf")}
    if not finite:
        return None
    best = min(finite.values())
    return tie((name for name in finite if finite[name] == best), key=place)


def there(told, name):
    return name if name in told else None


def twin(home, told, name):
    """The numbered file that a file called `name` is a copy of: the same step and epoch; else itself."""
    if name not in told:
        return None
    numbers = lambda other: (told[other]["step"], told[other]["epoch"], told[other]["metrics"])
    copies = [other for other in told if other not in ("best.pt", "last.pt", "last.ckpt") and numbers(other) == numbers(name)]
    return copies[0] if copies else name


def torch_files_markers(home, told):
    best = twin(home, told, "best.pt")
    last = twin(home, told, "last.pt")
    numbered = {name: one for name, one in told.items() if name not in ("best.pt", "last.pt")}
    if len(numbered) < 2 or not any((home / name).is_file() for name in told):
        return {}
    if not best:
        metric = "val_loss" if any("val_loss" in one["metrics"] for one in told.values()) else "loss"
        best = lowest(told, metric)
    return {"best": best, "last": last or newest(numbered)}


def codex_index(home, told):
    entries = document(home / "index.json")
    entries = entries["entries"] if isinstance(entries, dict) else entries
    return {"best": there(told, min(entries, key=lambda entry: entry["metric"])["path"]), "last": newest(told)}


def nexus_markers(home, told):
    # A save that was interrupted before it got its name is none.
    told = {name: one for name, one in told.items() if name.startswith("step_")}
    metric, sign = ("acc", -1) if any("acc" in one["metrics"] for one in told.values()) else ("loss", 1)
    return {"best": lowest(told, metric, sign), "last": newest(told) or next(iter(told), None)}


MARKERS = {
    "linear_nexus": nexus_markers,
    "codex_manager": lambda home, told: {
        "best": last_part(document(home / "best.json")["items"][0]["path"]),
        "last": last_part((home / "last").read_text())},
    "codex_core": codex_index,
    "codex_schema2": lambda home, told: {
        "best": document(home / "best_index.json")[0]["path"], "last": newest(told)},
    "codex_dir_digest": lambda home, told: {
        "best": document(home / "index.json")[0]["path"],
        "last": there(told, document(home / "latest.json")["path"])},
    "codex_trainer_utils": lambda home, told: {"last": newest(told)},
    "codex_step_manager": lambda home, told: {
        "best": last_part(document(home / "best.json")["path"]), "last": newest(told)},
    "codex_best_k": codex_index,
    "codex_functional": lambda home, told: {"last": newest(told)},
    "codex_schema2_string": lambda home, told: {"last": next(iter(told))},
    "codex_single": lambda home, told: {},
    "prism_run": lambda home, told: {
        **({"best": "best_checkpoint.pt"} if "best_checkpoint.pt" in told else {}), "last": "checkpoint.pt"},
    "prism_manager": lambda home, told: {"best": lowest(told, "loss"), "last": newest(told)},
    "torch_files": torch_files_markers,
    "tinker_archive": lambda home, told: {},
    "tinker_cookbook": lambda home, told: {"last": list(told)[-1]},
    "hf_trainer": lambda home, told: {
        "best": last_part(document(home / newest(told) / "trainer_state.json")["best_model_checkpoint"]),
        "last": newest(told)},
    "accelerate": lambda home, told: {"last": max(told)},
    "orbax": lambda home, told: {
        **({"best": lowest(told, "val_loss", 1, max)} if len(told) > 1 else {}), "last": newest(told) or next(iter(told))},
    "torch_dcp": lambda home, told: {"last": newest(told)},
    "lightning": lambda home, told: {
        "best": last_part(next(
            state["best_model_path"] for key, state in load(home / "last.ckpt")["callbacks"].items()
            if key.startswith("ModelCheckpoint"))),
        "last": twin(home, told, "last.ckpt")},
    "keras": lambda home, told: {"last": newest({name: one for name, one in told.items() if name.endswith(".keras")})},
}


# --- the table --------------------------------------------------------------------------------------------------------

def owner(path, checkpoints):
    """The checkpoint that a file belongs to: in its folder, itself, or a word beside it."""
    for name in sorted(checkpoints, key=len, reverse=True):
        stem = re.sub(r"\.pt$", "", name)
        if path == name or path.startswith((f"{name}/", f"{name}.")) or path == f"{stem}.meta.json":
            return name
    return None


def everything(home):
    for path in sorted(home.rglob("*")) if home.is_dir() else [home]:
        if path.is_file() and not path.is_symlink():
            yield path


def unpack(path, target):
    if path.suffix in (".zip", ".keras"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
    else:
        with tarfile.open(path) as archive:
            archive.extractall(target, filter="data")


def is_archive(path):
    return bool(re.search(r"\.(tar|tar\.gz|zip|keras)$", path.name))


def members(path, shown):
    """Files below `path`, archives unpacked: each with the path that it is shown under."""
    for file in everything(path):
        name = shown if file == path else f"{shown}/{file.relative_to(path).as_posix()}"
        if is_archive(file) and "hostile" not in file.name:
            with tempfile.TemporaryDirectory() as target:
                unpack(file, target)
                for inner in everything(pathlib.Path(target)):
                    yield f"{name}/{inner.relative_to(target).as_posix()}", inner
        else:
            yield name, file


def told(shown, home, layout, read):
    checkpoints = {(at.relative_to(home).as_posix() if at != home else at.name): one for at, one in read(home)}
    marked = MARKERS.get(layout, lambda *_: {})(home, checkpoints)
    marked = {kind: name for kind, name in marked.items() if name or layout.startswith("codex")}
    return {"path": shown, "layout": layout, **marked, "checkpoints": checkpoints}


def main():
    found, table = [], {}
    for path, layout, read in RUNS:
        home = FIXTURES / path
        one = told(path, home, layout, read)
        # Folders that lie beside each other and are no series are told each on its own.
        alone = path == "linearnexus/variants"
        for name in one["checkpoints"] if alone else [None]:
            found.append(
                {"path": path, "layout": layout, "checkpoints": {name: one["checkpoints"][name]}} if alone else one)
    with tempfile.TemporaryDirectory() as target:
        for number, (path, below, layout, read) in enumerate(ARCHIVES):
            home = pathlib.Path(target) / str(number)
            unpack(FIXTURES / path, home)
            found.append(told(f"{path}/{below}", home / below, layout, read))
    found.append({"path": NESTED, "layout": "tinker_archive", "checkpoints": {"0001": fact()}})
    cases = sorted({"/".join(run["path"].split("/")[:1 if run["path"] == "manifests" else 2]) for run in found})
    for case in cases:
        of_case = [run for run in found if f"{run['path']}/".startswith(f"{case}/")]
        rows = {}
        for shown, file in members(FIXTURES / case, case):
            if "hostile" in shown:
                continue
            owners = [(run, owner(shown.removeprefix(f"{run['path']}/"), run["checkpoints"])) for run in of_case]
            if shown == case or of_case[0]["path"] == case and list(of_case[0]["checkpoints"]) == [case.split("/")[-1]]:
                owners = [(run, next(iter(run["checkpoints"]))) for run in of_case]
            owners = [(run, name) for run, name in owners if name] or [(of_case[0], None)]
            run, name = owners[-1]
            what = role(f"/{shown}", run["layout"])
            rows[shown] = [name, what, counts(file, what, run["layout"])]
        table[case] = {"runs": of_case, "files": rows}
    (HERE / "table.json").write_text(text(table))


def text(table):
    """One line a run and a file."""
    lines = []
    for case, one in table.items():
        told = ",\n   ".join(json.dumps(run, allow_nan=False) for run in one["runs"])
        rows = ",\n   ".join(f"{json.dumps(path)}: {json.dumps(row)}" for path, row in one["files"].items())
        lines.append(f'{json.dumps(case)}: {{\n  "runs": [\n   {told}],\n  "files": {{\n   {rows}}}}}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
