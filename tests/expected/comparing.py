"""Writes comparing.json.gz: 500 pairs of metrics and of configurations, and what deepdiff and DVC say of them.

    python tests/expected/comparing.py     (deepdiff 9.1.0, dvc 3.67.1)

"a", "b": JSON texts of {"metrics", "config"} (Python's: NaN and Infinity are words). "deepdiff": [place in a, place in b,
change, a, b] of every place of the configuration, places with dots, values as JSON text, where `DeepDiff` sees a difference
when numbers of equal value are equal whatever their type, and NaN is NaN; what only one side has is told leaf by leaf. "zipped":
the same with lists compared index by index. "dvc": what `dvc metrics diff` and `dvc params diff` print (both end in
`dvc.utils.diff.diff`).
"""

import copy
import gzip
import json
import pathlib
import random

from deepdiff import DeepDiff
from dvc.utils.diff import diff

WORDS = ["lr", "model", "layers", "hidden_size", "act", "optimizer", "betas", "seed", "data", "path", "warmup", "eps"]
METRICS = ["loss", "accuracy", "val_loss", "f1", "perplexity", "eval.bleu", "grad_norm", "lr"]
LEAVES = [0, 1, 2, 16, 1e-6, 0.1, 0.5, 1.0, 2.0, 1e30, -0.0, True, False, None, "gelu", "1", "", "1e-6", 2**53 + 1, float("nan"), float("inf")]


def value(rng, depth=0):
    kind = rng.random()
    if depth < 3 and kind < 0.25:
        return {key: value(rng, depth + 1) for key in rng.sample(WORDS, rng.randint(0, 4))}
    if depth < 3 and kind < 0.4:
        return [value(rng, depth + 1) for _ in range(rng.randint(0, 6))]
    return rng.choice(LEAVES)


def config(rng):
    return {key: value(rng) for key in rng.sample(WORDS, rng.randint(2, 8))}


def changed(rng, tree):
    """A copy with some of it moved, added, gone, or written in another way."""
    if isinstance(tree, dict):
        kept = {key: changed(rng, inner) for key, inner in tree.items() if rng.random() > 0.07}
        if rng.random() < 0.2:
            kept[rng.choice(WORDS)] = value(rng, 1)
        return dict(sorted(kept.items(), key=lambda _: rng.random()))
    if isinstance(tree, list):
        kept = [changed(rng, inner) for inner in tree if rng.random() > 0.05]
        if rng.random() < 0.3:
            kept.insert(rng.randint(0, len(kept)), value(rng, 2))
        return kept
    if rng.random() < 0.15:
        return value(rng, 2)
    if isinstance(tree, int) and not isinstance(tree, bool) and abs(tree) < 100 and rng.random() < 0.2:
        return float(tree)
    return tree


def metrics(rng):
    return {name: rng.choice([rng.gauss(1, 1), rng.randint(0, 5), 0.5, 1e-9, float("nan"), float("inf")]) for name in rng.sample(METRICS, rng.randint(1, 6))}


def leaves(path, tree):
    if isinstance(tree, (dict, list)) and tree:
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves([*path, key], inner)
    else:
        yield path, tree


def deep(a, b, zipped):
    found = DeepDiff(a, b, ignore_numeric_type_changes=True, ignore_nan_inequality=True, zip_ordered_iterables=zipped, view="tree", threshold_to_diff_deeper=0)
    joined, rows = lambda path: ".".join(str(part) for part in path), []
    for kind, levels in found.items():
        for level in levels:
            in_a, in_b = (level.path(output_format="list", use_t2=side, force="fake") for side in (False, True))
            if kind.endswith("_added"):
                rows += [[None, joined(place), "added", None, json.dumps(leaf)] for place, leaf in leaves(in_b, level.t2)]
            elif kind.endswith("_removed"):
                rows += [[joined(place), None, "removed", json.dumps(leaf), None] for place, leaf in leaves(in_a, level.t1)]
            else:
                rows.append([joined(in_a), joined(in_b), "changed", json.dumps(level.t1), json.dumps(level.t2)])
    return rows


def dvc(a, b):
    told = diff({"x": {"data": a}}, {"x": {"data": b}}).get("x", {})
    return {path: [json.dumps(row["old"]), json.dumps(row["new"]), json.dumps(row.get("diff"))] for path, row in told.items()}


def main():
    rng, pairs = random.Random(7), []
    for _ in range(500):
        a = {"metrics": metrics(rng), "config": config(rng)}
        b = {"metrics": {**metrics(rng), **{key: rng.choice([was, was + 0.25]) for key, was in a["metrics"].items() if rng.random() < 0.7}},
             "config": changed(rng, copy.deepcopy(a["config"]))}  # fmt: skip
        pairs.append({
            "a": json.dumps(a), "b": json.dumps(b), "deepdiff": deep(a["config"], b["config"], False),
            "zipped": deep(a["config"], b["config"], True),
            "dvc": {kind: dvc(a[kind], b[kind]) for kind in ("metrics", "config")},
        })  # fmt: skip
    text = json.dumps(pairs, separators=(",", ":"), sort_keys=True).encode()
    (pathlib.Path(__file__).parent / "comparing.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    print(len(pairs), "pairs,", sum(len(pair["deepdiff"]) for pair in pairs), "differences")


if __name__ == "__main__":
    main()
