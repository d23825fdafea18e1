"""Runs PyPI's picklescan, modelscan and fickling over the files of bypasses.json, and writes docs/scanners.md.

    python -m venv /tmp/rivals && /tmp/rivals/bin/pip install picklescan modelscan fickling typing_extensions
    /tmp/rivals/bin/python tests/expected/rivals.py

Each is run on one file a time: picklescan and modelscan from the command line, fickling by its functions for files and
for archives. "finds" means that it calls the file
dangerous, suspicious or unsafe; "misses" that it calls the file clean, or ends without an answer. Our own column is what
`cargo test --test it bypasses` holds us to.
"""

import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile

from fickling import loader

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent


def run(*command):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return -1, "timeout"


def picklescan(path):
    code, said = run(BIN / "picklescan", "--path", path)
    if code == 1 or "Dangerous globals: 0" not in said and "Dangerous globals:" in said:
        return "dangerous"
    lines = [line for line in said.splitlines() if line.startswith("Scanned files")]
    scanned = lines and not lines[0].endswith(" 0")
    suspicious = "suspicious" in said.lower() and "Suspicious globals: 0" not in said
    return "suspicious" if suspicious else "clean" if code == 0 and scanned else "no answer"


def modelscan(path):
    target = path.parent / "modelscan.json"
    run(BIN / "modelscan", "-p", path, "-r", "json", "-o", target)
    try:
        report = json.loads(target.read_text())
        target.unlink()
        worst = [kind for kind, count in report["summary"]["total_issues_by_severity"].items() if count]
        if worst:
            return worst[0].lower() if len(worst) == 1 else max(worst, key=["LOW", "MEDIUM", "HIGH", "CRITICAL"].index).lower()
        return "clean" if report["summary"]["scanned"]["total_scanned"] else "no answer"
    except (OSError, ValueError, KeyError):
        return "no answer"


def fickling(path):
    """Its functions, the second for archives: the command does not open these."""
    worst = None
    for scan in (loader.scan_file, loader.scan_zip_archive):
        try:
            found = scan(str(path))
        except Exception:
            continue
        for result in found.values() if isinstance(found, dict) else [found]:
            worst = max(worst, result.severity) if worst is not None else result.severity
    if worst is None:
        return "no answer"
    return "clean" if worst.name == "LIKELY_SAFE" else worst.name.lower().replace("_", " ")


NEGATIVE = {"clean", "no answer"}


def main():
    rows = json.loads((HERE / "bypasses.json").read_text())
    tools = {"picklescan": picklescan, "modelscan": modelscan, "fickling": fickling}
    versions = {name: importlib.metadata.version(name) for name in tools}
    table, missed, false = [], dict.fromkeys(tools, 0), dict.fromkeys(tools, 0)
    hostile = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            path = pathlib.Path(folder) / row["name"]
            path.write_bytes(bytes.fromhex(row["bytes"]))
            says = {name: tool(path) for name, tool in tools.items()}
            path.unlink()
            is_bad = row["verdict"] not in ("plain_tensors", "known", "unknown", "not_examined")
            hostile += is_bad
            for name, said in says.items():
                missed[name] += is_bad and said in NEGATIVE
                false[name] += row["verdict"] in ("plain_tensors", "known") and row["name"].startswith("healthy") and said not in NEGATIVE
            table.append((row["name"], row["source"], row["verdict"], *says.values()))
    heads = ["file", "where from", "Weighbridge", *(f"{name} {versions[name]}" for name in tools)]
    lines = [
        "# Scanners on the same files",
        "",
        f"Written by `tests/expected/rivals.py` over the {len(rows)} files of `tests/expected/bypasses.json`, {hostile} of which run",
        "code, or carry some, when they are loaded. Every file is inert. Our column is what `cargo test --test it bypasses`",
        "holds us to. \"No answer\": the tool ended without scanning the file, or without a result; a person who looks only at",
        "the exit code takes that for clean.",
        "",
        "| of " + str(hostile) + " hostile files | Weighbridge | " + " | ".join(tools) + " |",
        "| --- | --- | --- | --- | --- |",
        "| missed | 0 | " + " | ".join(str(missed[name]) for name in tools) + " |",
        "| healthy files called bad | 0 | " + " | ".join(str(false[name]) for name in tools) + " |",
        "",
        "| " + " | ".join(heads) + " |",
        "| " + " | ".join("---" for _ in heads) + " |",
        *("| " + " | ".join(cell.replace("_", " ") if at > 1 else cell for at, cell in enumerate(row)) + " |" for row in table),
    ]
    target = HERE.parent.parent / "docs" / "scanners.md"
    target.write_text("\n".join(lines) + "\n")
    print("\n".join(lines[8:12]))


if __name__ == "__main__":
    main()
