"""Writes manifests.json: manifests of every kind by the tool that defines it, over a small tree, and what the tool says when
the tree is whole, when a byte is changed, when a file is gone, and when one is added.

    python tests/expected/manifests.py    (coreutils 9.1, b3sum 1.2; PyPI bagit 1.9, model-signing 1.1, dvc 3, huggingface_hub 2.4)

W&B's manifest and the Hub's listing are put together from hashlib's and Git's digests, as their writers do; the listing is
judged by what `hf cache verify` calls.

"tree": path -> text. "manifests": [{kind, name, text, more: {path: text}, root, checks: {good, bad, missing, unlisted}}]: `more`
are files that belong to the kind, `root` is where the tree lies below the manifest's folder, and each check is what the
tool answered: whether it takes the tree, and what it says of each file it names: "ok", "mismatch", "missing", "unlisted".
"""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


TREE = {"model.bin": "weights " * 40, "sub/config.json": '{"a": 1}\n', "sub/with space.txt": "x\n"}
BIN = pathlib.Path(sys.executable).parent
ENV = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}


def run(*command, cwd):
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, env=ENV)


def plant(folder, prefix=""):
    for path, text in TREE.items():
        target = folder / prefix / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def spoil(folder, how):
    if how == "bad":
        target = folder / "model.bin"
        target.write_text(target.read_text().replace("w", "v", 1))
    if how == "missing":
        (folder / "sub/config.json").unlink()
    if how == "unlisted":
        (folder / "extra.txt").write_text("more\n")


def checked(make, check, prefix=""):
    """Makes the manifest, and asks the tool about each state of the tree."""
    made, answers = None, {}  # state -> [taken, {path: what the tool says}]
    for how in ("good", "bad", "missing", "unlisted"):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            plant(folder)
            made = make(folder)
            spoil(folder / prefix, how)
            answers[how] = check(folder)
    return made, answers


def sums(tool, name, *options):
    def make(folder):
        done = run(tool, *options, *sorted(TREE), cwd=folder)
        (folder / name).write_text(done.stdout)
        return {"name": name, "text": done.stdout, "more": {}}

    def check(folder):
        strict = [] if tool == "b3sum" else ["--strict"]
        done = run(tool, "-c", *strict, name, cwd=folder)
        words = {"OK": "ok", "FAILED": "mismatch", "FAILED open or read": "missing"}
        files = {}
        for line in done.stdout.splitlines():
            path, said = line.rsplit(": ", 1)
            # b3sum tells why it failed in brackets.
            files[path] = "missing" if "No such file" in said else words[said.split(" (")[0]]
        return done.returncode == 0, files

    return checked(make, check)


def by_hand(name, write, verify):
    """A shape without a tool: `write` gives the text, `verify` its digest of a file's bytes against an entry."""
    def make(folder):
        text = write({path: (folder / path).read_bytes() for path in TREE})
        (folder / name).write_text(text)
        return {"name": name, "text": text, "more": {}}

    def check(folder):
        def of(path):
            place = folder / path
            return "missing" if not place.exists() else "ok" if verify(place.read_bytes()) == verify(TREE[path].encode()) else "mismatch"

        files = {path: of(path) for path in TREE}
        return set(files.values()) == {"ok"}, files

    return checked(make, check)


def git(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def wandb(files):
    contents = {path: {"digest": base64.b64encode(hashlib.md5(data).digest()).decode(), "size": len(data)} for path, data in files.items()}
    return json.dumps({"version": 1, "storagePolicy": "wandb-storage-policy-v1", "storagePolicyConfig": {}, "contents": contents}, indent=4)


def tree(files):
    items = []
    for path, data in files.items():
        item = {"type": "file", "oid": git(data), "size": len(data), "path": path}
        if path.endswith(".bin"):
            item["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        items.append(item)
    return json.dumps([{"type": "directory", "oid": "0" * 40, "size": 0, "path": "sub"}, *items])


def hub():
    from huggingface_hub.hf_api import RepoFile
    from huggingface_hub.utils._verification import collect_local_files, verify_maps

    def make(folder):
        text = tree({path: (folder / path).read_bytes() for path in TREE})
        return {"name": "tree.json", "text": text, "more": {}}

    def check(folder):
        rows = [row for row in json.loads(tree({path: text.encode() for path, text in TREE.items()})) if row["type"] == "file"]
        listed = {row["path"]: RepoFile(**row) for row in rows}
        found = verify_maps(remote_by_path=listed, local_by_path=collect_local_files(folder), revision="main", verified_path=folder)
        files = {path: "ok" for path in listed}
        files |= {row["path"]: "mismatch" for row in found.mismatches}
        files |= dict.fromkeys(found.missing_paths, "missing") | dict.fromkeys(found.extra_paths, "unlisted")
        # It takes a tree with files more, unless it is told not to.
        return not found.mismatches and not found.missing_paths, files

    return checked(make, check)


def bag():
    import bagit

    def make(folder):
        bagit.make_bag(str(folder), checksums=["md5", "sha256", "sha512"])
        texts = {path.name: path.read_text() for path in folder.glob("*.txt") if path.name not in {"bag-info.txt"}}
        texts["bag-info.txt"] = (folder / "bag-info.txt").read_text()
        return {"name": "manifest-sha256.txt", "text": texts.pop("manifest-sha256.txt"), "more": texts}

    def check(folder):
        try:
            bagit.Bag(str(folder)).validate()
            return True, {}
        except bagit.BagValidationError as error:
            words = {bagit.ChecksumMismatch: "mismatch", bagit.FileMissing: "missing", bagit.UnexpectedFile: "unlisted"}
            told = error.details
            if not told:  # the oxum is looked at first, and nothing else when it differs
                try:
                    bagit.Bag(str(folder))._validate_completeness()
                except bagit.BagValidationError as inner:
                    told = inner.details
            return False, {detail.path.removeprefix("data/"): words[type(detail)] for detail in told if type(detail) in words}

    made, answers = checked(make, check, "data")
    return {**made, "root": "data"}, answers


def signed(method):
    def hashing():
        import model_signing

        config = model_signing.hashing.Config()
        if method == "shards":
            return config.use_shard_serialization(shard_size=100)
        return config if method == "files" else config.use_file_serialization(hashing_algorithm=method)

    def make(folder):
        keys = folder.parent / f"{folder.name}-keys"
        keys.mkdir(exist_ok=True)
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", keys / "key.pem", cwd=folder)
        run("openssl", "ec", "-in", keys / "key.pem", "-pubout", "-out", keys / "pub.pem", cwd=folder)
        import model_signing

        config = model_signing.signing.Config().set_hashing_config(hashing())
        config.use_elliptic_key_signer(private_key=keys / "key.pem").sign(folder, keys / "model.sig")
        return {"name": "model.sig", "text": (keys / "model.sig").read_text(), "more": {}}

    def check(folder):
        import model_signing

        keys = folder.parent / f"{folder.name}-keys"
        try:
            verifier = model_signing.verifying.Config().set_hashing_config(hashing()).use_elliptic_key_verifier(public_key=keys / "pub.pem")
            verifier.verify(folder, keys / "model.sig")
            return True, {}
        except Exception as error:
            said = str(error)
            mismatch = {path: "mismatch" for path in TREE if f"mismatch for '{path}" in said.replace("\\'", "'")}
            return False, mismatch
        finally:
            shutil.rmtree(keys, ignore_errors=True)

    return checked(make, check)


def dvc():
    def make(folder):
        run("dvc", "init", "--no-scm", "-q", cwd=folder)
        run("dvc", "config", "core.analytics", "false", cwd=folder)
        run("dvc", "add", "-q", "model.bin", "sub/config.json", cwd=folder)
        text, more = (folder / "model.bin.dvc").read_text(), {"sub/config.json.dvc": (folder / "sub/config.json.dvc").read_text()}
        (folder / "model.bin").chmod(0o644)
        return {"name": "model.bin.dvc", "text": text, "more": more}

    def check(folder):
        said = run("dvc", "status", "--json", cwd=folder).stdout
        words, files = {"modified": "mismatch", "deleted": "missing"}, {}
        for changes in json.loads(said).values():
            for change in changes:
                files |= {path: words[how] for path, how in change.get("changed outs", {}).items() if how in words}
        return not files, files

    return checked(make, check)


def main():
    rows = []

    def add(kind, made):
        row, answers = made
        rows.append({"kind": kind, "root": "", **row, "checks": answers})
        print(kind, row["name"], answers)

    add("checksums", sums("md5sum", "MD5SUMS"))
    add("checksums", sums("sha1sum", "SHA1SUMS"))
    add("checksums", sums("sha256sum", "SHA256SUMS", "--tag"))
    add("checksums", sums("sha384sum", "SHA384SUMS"))
    add("checksums", sums("sha512sum", "SHA512SUMS"))
    add("checksums", sums("sha512sum", "digests.txt", "--binary"))
    add("checksums", sums("b2sum", "B2SUMS"))
    add("checksums", sums("b2sum", "digests.txt", "--tag"))
    add("checksums", sums("b3sum", "B3SUMS"))
    md5 = lambda data: hashlib.md5(data).hexdigest()
    add("json_map", by_hand("files.json", lambda files: json.dumps({path: {"md5": md5(data), "bytes": len(data)} for path, data in files.items()}), md5))
    sha512 = lambda data: hashlib.sha512(data).hexdigest()
    add("json_records", by_hand("manifest.json", lambda files: json.dumps({"files": [{"path": path, "hash": f"sha512:{sha512(data)}", "size": len(data)} for path, data in files.items()]}, indent=1), sha512))
    add("json_records", by_hand("list.dir", lambda files: json.dumps([{"md5": md5(data), "relpath": path} for path, data in files.items()]), md5))
    add("wandb", by_hand("wandb_manifest.json", wandb, md5))
    add("hf_tree", hub())
    for kind, make in [("bagit", bag), *[("model_signing", lambda method=method: signed(method)) for method in ("files", "blake2", "blake3", "shards")], ("dvc", dvc)]:
        add(kind, make())
    target = pathlib.Path(__file__).parent / "manifests.json"
    lines = ",\n".join("  " + json.dumps(row, sort_keys=True) for row in rows)
    target.write_text('{"tree": ' + json.dumps(TREE) + ', "manifests": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
