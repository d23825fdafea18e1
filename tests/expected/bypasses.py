"""Writes bypasses.json: files that scanners are known to have missed, and tricks of the same kind, each inert.

    python tests/expected/bypasses.py        (torch 2.15.0, numpy 2.4.6, joblib 1.6.0, Python 3.11)

Each row has the file's bytes (hexadecimal), the verdict it deserves, where the opcode stands that decides (entry, offset
in what is unpickled; pickletools says which), whether torch.load(weights_only=True) takes the file, and what its real
loader would import: the loader is run with an unpickler whose every import is a stub that does nothing.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import pathlib
import pickle
import pickletools
import struct
import tarfile
import types
import warnings
import zipfile
import zlib

import joblib
import joblib.numpy_pickle
import numpy as np
import torch

warnings.simplefilter("ignore")
EPOCH = (1980, 1, 1, 0, 0, 0)


# ---------------------------------------------------------------- opcodes

def glob(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def short(value):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def blob(data):
    return b"B" + struct.pack("<I", len(data)) + data


def call(function, *arguments):
    return function + b"(" + b"".join(arguments) + b"tR"


def two(body):
    return b"\x80\x02" + body + b"."


def four(body):
    return b"\x80\x04" + body + b"."


EVIL = two(call(glob("os", "system"), text("echo inert")))
OLD = b"cos\nsystem\n(S'echo inert'\ntR."
ORDERED = glob("collections", "OrderedDict")


def storage(count=4):
    return b"(" + text("storage") + glob("torch", "FloatStorage") + text("0") + text("cpu") + b"M" + struct.pack("<H", count) + b"tQ"


def tensor(count=4):
    return call(glob("torch._utils", "_rebuild_tensor_v2"), storage(count), b"K\x00", b"M" + struct.pack("<H", count) + b"\x85", b"K\x01\x85", b"\x89", ORDERED + b")R")


PLAIN = two(b"}" + text("w") + tensor() + b"s")


# ---------------------------------------------------------------- containers

def zipped(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def saved(data, *more, root="x", method=zipfile.ZIP_STORED):
    """What torch.save would make around a pickle."""
    members = [("data.pkl", data), ("byteorder", b"little"), ("data/0", bytes(16)), ("version", b"3\n")]
    return zipped([(f"{root}/{name}", data) for name, data in members] + list(more), method)


def patched(data, at, new):
    return data[:at] + new + data[at + len(new):]


def central(data, name):
    return data.rindex(name.encode()) - 46


def with_hidden_local(data, name, hidden):
    """A member that only a local header knows, in front of the directory."""
    end = data.rindex(b"PK\5\6")
    size, offset = struct.unpack("<II", data[end + 12:end + 20])
    raw = name.encode()
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 33, zlib.crc32(hidden), len(hidden), len(hidden), len(raw), 0) + raw + hidden
    return data[:offset] + local + data[offset:end] + patched(data[end:], 16, struct.pack("<I", offset + len(local)))


def tarred(members, compress=False):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0) if compress else out.getvalue()


def npy(data, shape=(1,)):
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "|O", "fortran_order": False, "shape": shape})
    return out.getvalue() + data


def legacy(first, second=two(b"M\xe9\x03"), system=two(b"}" + text("little_endian") + b"\x88s"), data=two(b"N"), keys=two(b"]"), rest=b""):
    return first + second + system + data + keys + rest


MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."


def with_joblib(tail):
    out = io.BytesIO()
    joblib.dump({"w": np.arange(3.0), "o": np.array([1, None], dtype=object)}, out)
    data = out.getvalue()
    assert data.endswith(b"u.")
    return data[:-1] + b"0" + tail


def joblib_with(element):
    """A joblib file whose array of objects holds another pickle than it should."""
    out = io.BytesIO()
    joblib.dump({"o": np.array([1, None], dtype=object), "z": 1}, out)
    data = out.getvalue()
    start = data.index(b"\x80\x05", 2)
    end = start + list(pickletools.genops(data[start:]))[-1][2] + 1
    return data[:start] + element + data[end:]


# ---------------------------------------------------------------- the table: name, where from, verdict, entry, bytes

def rows():
    bad, unknown, known, plain, not_read = "dangerous", "unknown", "known", "plain_tensors", "not_examined"
    yield "pip.pkl", "CVE-2025-1716", bad, None, two(call(glob("pip", "main"), b"](" + text("install") + b"e"))
    data = saved(two(call(glob("torch", "load"), text("config.p"))), ("x/config.p", EVIL))
    yield "other_extension.pt", "CVE-2025-1889", bad, "x/config.p", data
    data = saved(EVIL)
    yield "local_name.pt", "CVE-2025-1944", bad, "x/data.pkl", patched(data, data.index(b"x/data.pkl"), b"y/data.pkl")
    yield "local_flags.pt", "CVE-2025-1945", bad, "x/data.pkl", patched(data, 6, b"\x01\x00")
    yield "central_flags.pt", "CVE-2025-1945", bad, "x/data.pkl", patched(data, central(data, "x/data.pkl") + 8, b"\x01\x00")
    yield "both_flags.pt", "CVE-2025-1945", bad, "x/data.pkl", patched(patched(data, central(data, "x/data.pkl") + 8, b"\x01\x00"), 6, b"\x01\x00")
    yield "renamed.bin", "CVE-2025-10155", bad, None, EVIL
    yield "renamed.pt", "CVE-2025-10155", bad, None, EVIL
    yield "renamed.txt", "CVE-2025-10155", bad, None, OLD
    yield "renamed.safetensors", "CVE-2025-10155", bad, None, EVIL
    yield "renamed", "CVE-2025-10155", bad, None, OLD
    at = central(data, "x/data.pkl") + 16
    yield "bad_crc.pt", "CVE-2025-10156", bad, "x/data.pkl", patched(patched(data, at, b"\1\2\3\4"), 14, b"\1\2\3\4")
    yield "submodule.pkl", "CVE-2025-10157", bad, None, two(call(glob("asyncio.unix_events", "_UnixSubprocessTransport._start"), text("x")))
    yield "memo_order.pkl", "GHSA-9gvj-pp9x-gcfr", bad, None, four(short("system") + b"q\x05" + short("os") + b"q\x0300h\x03h\x05\x93" + short("x") + b"\x85R")
    yield "memoize.pkl", "picklescan #22", bad, None, four(short("os") + b"\x94" + short("system") + b"\x9400h\x00h\x01\x93" + short("x") + b"\x85R")
    yield "resolve_name.pkl", "GHSA-vvpj-8cmc-gx39", bad, None, two(call(call(glob("pkgutil", "resolve_name"), text("os:system")), text("x")))
    yield "nested_called.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, b"\x80\x03" + call(glob("pickle", "loads"), blob(EVIL)) + b"."
    yield "nested.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, b"\x80\x03}" + text("state") + blob(EVIL) + b"s."
    yield "nested_base64.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, two(b"}" + text("state") + text(base64.b64encode(EVIL).decode()) + b"s")
    yield "nested_zlib.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, b"\x80\x03}" + text("state") + blob(zlib.compress(EVIL)) + b"s."
    yield "nested_latin1.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, two(call(glob("_codecs", "encode"), text(EVIL.decode("latin1")), text("latin1")))
    yield "nested_text.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, two(b"}" + text("state") + text(OLD.decode()) + b"s")
    yield "nested_twice.pkl", "GHSA-84r2-jw7c-4r5q", bad, None, b"\x80\x03]" + blob(b"\x80\x03]" + blob(EVIL) + b"a.") + b"a."
    torch_tar = tarred([("sys_info", two(b"}")), ("pickle", EVIL), ("tensors", two(b"K\x00")), ("storages", two(b"K\x00"))])
    yield "old_tar.pt", "CVE-2025-32434", bad, "pickle", torch_tar
    yield "old_tar_storages.pt", "CVE-2025-32434", bad, "storages", tarred([("sys_info", two(b"}")), ("pickle", PLAIN), ("tensors", two(b"K\x00")), ("storages", EVIL)])
    yield "set_items_of_a_tensor.pt", "CVE-2026-24747", plain, "x/data.pkl", saved(two(tensor() + b"K\x00K\x01s"))
    yield "set_items_of_a_list.pt", "CVE-2026-24747", plain, "x/data.pkl", saved(two(b"](K\x01eK\x00K\x02s"))
    yield "storage_too_long.pt", "CVE-2026-24747", plain, "x/data.pkl", saved(two(b"}" + text("w") + tensor(4000) + b"s"))
    yield "storage_too_short.pt", "CVE-2026-24747", plain, "x/data.pkl", saved(two(b"}" + text("w") + tensor(2) + b"s"))
    yield "file_handler.pkl", "CVE-2026-56304", bad, None, two(call(glob("logging", "FileHandler"), text("/tmp/x")))
    yield "seven_zip.pt", "7z-wrapped", not_read, None, b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)
    yield "broken.pkl", "broken after the payload", bad, None, EVIL[:-1] + b"\xff\xff"
    yield "broken.pt", "broken after the payload", bad, "x/data.pkl", saved(EVIL[:-1] + b"\xff")
    yield "cut.pkl", "broken after the payload", bad, None, EVIL[:-1]
    yield "stacked.pkl", "stacked", bad, None, two(b"N") + EVIL
    yield "stacked_old.pkl", "stacked", bad, None, two(b"}" + text("a") + b"K\x01s") + OLD
    yield "after_padding.pkl", "stacked", bad, None, two(b"}" + text("a") + b"K\x01s") + bytes(100) + EVIL
    yield "after_a_break.pkl", "stacked", bad, None, b"\x80\x02}\xff" + EVIL
    yield "legacy.pt", "stacked", bad, None, legacy(MAGIC, data=EVIL)
    yield "legacy_magic.pt", "magic that is computed", bad, None, legacy(EVIL)
    yield "legacy_protocol.pt", "stacked", bad, None, legacy(MAGIC, second=EVIL)
    yield "legacy_system.pt", "stacked", bad, None, legacy(MAGIC, system=EVIL)
    yield "legacy_keys.pt", "stacked", bad, None, legacy(MAGIC, keys=EVIL)
    yield "legacy_behind.pt", "stacked", bad, None, legacy(MAGIC, rest=EVIL)
    yield "behind_data.pt", "bytes behind the pickle", bad, "x/data.pkl", saved(PLAIN + EVIL)
    yield "in_storage.pt", "a member nobody reads", bad, "x/data/7", saved(PLAIN, ("x/data/7", EVIL))
    yield "no_extension.pt", "a member nobody reads", bad, "x/notes", saved(PLAIN, ("x/notes", OLD))
    yield "second_root.pt", "a member nobody reads", bad, "y/data.pkl", saved(PLAIN, ("y/data.pkl", EVIL))
    yield "twice.pt", "two members of one name", bad, "x/data.pkl", saved(PLAIN, ("x/data.pkl", EVIL))
    yield "twice_first.pt", "two members of one name", bad, "x/data.pkl", saved(EVIL, ("x/data.pkl", PLAIN))
    yield "large_letters.pt", "PyTorch ignores the case of names", bad, "x/data.pkl", zipped([("x/DATA.PKL", EVIL), ("x/byteorder", b"little"), ("x/version", b"3\n")])
    yield "deflated.pt", "a compressed pickle", bad, "x/data.pkl", saved(EVIL, method=zipfile.ZIP_DEFLATED)
    yield "only_local.pt", "not in the directory", bad, None, with_hidden_local(saved(PLAIN), "x/evil.pkl", EVIL)
    yield "in_front.pt", "a pickle that is a zip too", bad, None, EVIL + saved(PLAIN)
    yield "behind.pt", "a pickle behind the archive", bad, None, saved(PLAIN) + EVIL
    yield "constants.pt", "TorchScript", bad, "x/constants.pkl", saved(PLAIN, ("x/constants.pkl", EVIL), ("x/code/__torch__.py", b""))
    yield "object.npy", "arrays of objects", bad, None, npy(EVIL)
    yield "object.npz", "arrays of objects", bad, "a.npy", zipped([("a.npy", npy(EVIL)), ("b.npy", npy(two(b"]N" + b"a")))])
    yield "deflated.npz", "arrays of objects", bad, "a.npy", zipped([("a.npy", npy(EVIL))], zipfile.ZIP_DEFLATED)
    out = io.BytesIO()
    np.save(out, np.arange(3.0))
    yield "stranger.npz", "a member nobody reads", bad, "b.pkl", zipped([("a.npy", out.getvalue()), ("b.pkl", EVIL)])
    yield "behind_arrays.joblib", "joblib", bad, None, with_joblib(EVIL[2:])
    yield "in_objects.joblib", "joblib", bad, None, joblib_with(EVIL)
    out = io.BytesIO()
    joblib.dump({"w": np.arange(3.0), "o": np.array([1, None], dtype=object)}, out)
    yield "healthy.joblib", "joblib", known, None, out.getvalue()
    yield "zlib.joblib", "joblib", bad, None, zlib.compress(EVIL)
    yield "gzip.joblib", "joblib", bad, None, gzip.compress(EVIL, mtime=0)
    yield "bz2.joblib", "joblib", not_read, None, bz2.compress(EVIL)
    yield "xz.joblib", "joblib", not_read, None, lzma.compress(EVIL)
    yield "in_a.tar", "archives", bad, None, tarred([("notes.txt", OLD)])
    yield "in_a.zip", "archives", bad, None, zipped([("readme.md", OLD), ("weights.dat", EVIL)])
    yield "model.nemo", "NeMo", bad, "x/data.pkl", tarred([("model_config.yaml", b"a: 1\n"), ("model_weights.ckpt", saved(EVIL))])
    yield "model_gz.nemo", "NeMo", bad, "x/data.pkl", tarred([("./model_weights.ckpt", saved(EVIL))], compress=True)
    yield "config.nemo", "NeMo", "yaml-python", None, tarred([("model_config.yaml", b"a: !!python/object/apply:os.system\n- echo inert\n")])
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA=\n"}}}}
    config = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}}).encode()
    yield "lambda.keras", "Keras", "keras-lambda", None, zipped([("metadata.json", b"{}"), ("config.json", config), ("model.weights.h5", b"")])
    yield "eval.pkl", "getattr", bad, None, two(call(call(glob("builtins", "getattr"), glob("builtins", "dict"), text("eval")), text("x")))
    yield "extension.pkl", "extension registry", bad, None, two(b"\x82\x01)R")
    yield "unknown.pkl", "on no list", unknown, None, two(call(glob("mine.models", "Net"), text("x")))
    yield "healthy.pt", "nothing", plain, "x/data.pkl", saved(PLAIN)
    yield "healthy_deflated.pt", "nothing", plain, "x/data.pkl", saved(PLAIN, method=zipfile.ZIP_DEFLATED)


# ---------------------------------------------------------------- what others say

class Stub:
    """Stands for everything that is imported; does nothing."""

    def __new__(cls, *_arguments, **_keywords):
        return object.__new__(cls)

    def __init__(self, *_arguments, **_keywords):
        pass

    def __call__(self, *_arguments, **_keywords):
        return Stub()

    def __setstate__(self, _state):
        pass

    def __setitem__(self, _key, _value):
        pass

    def append(self, _item):
        pass


def unpickler(found):
    class Unpickler(pickle._Unpickler):
        def find_class(self, module, name):
            found.append(f"{module}.{name}")
            return Stub

        def get_extension(self, code):
            self.stack.append(Stub)

        def persistent_load(self, _id):
            return Stub()

    return Unpickler


def stub_module(found):
    module = types.ModuleType("stub")
    module.Unpickler = unpickler(found)

    def load(file, **keywords):
        return module.Unpickler(file, **{k: v for k, v in keywords.items() if k in ("encoding", "errors")}).load()

    module.load = load
    module.loads = lambda data, **keywords: load(io.BytesIO(data))
    module.UnpicklingError = pickle.UnpicklingError
    return module


def imports(name, data):
    """What the loader for files of this name would import before it stops."""
    found = []
    stub = stub_module(found)
    try:
        if name.endswith((".pt", ".bin")):
            torch.load(io.BytesIO(data), pickle_module=stub, weights_only=False, map_location="cpu")
        elif name.endswith((".npy", ".npz")):
            real = np.lib._format_impl.pickle
            np.lib._format_impl.pickle = stub
            try:
                loaded = np.load(io.BytesIO(data), allow_pickle=True)
                if name.endswith(".npz"):
                    for key in loaded.files:
                        try:
                            loaded[key]
                        except Exception:
                            pass
            finally:
                np.lib._format_impl.pickle = real
        else:
            stub.load(io.BytesIO(data))
    except Exception:
        pass
    return sorted(set(found))


def loads(data):
    try:
        torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
        return True
    except Exception:
        return False


def offset(entry, data):
    """Where os.system is imported by GLOBAL, counted in the file or in its entry; None where it is written otherwise."""
    mark = b"cos\nsystem\n"
    if b"\xc2\x80" in data:  # bytes written as text: the place is in what they are decoded to
        return None
    places = [data]
    if entry is not None:
        places = []
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for info in archive.infolist():
                    if info.filename.lower() == entry.lower():
                        start = info.header_offset + 30 + len(info.filename)
                        stored = data[start:start + info.compress_size]
                        places.append(stored if info.compress_type == 0 else zlib.decompress(stored, -15))
    found = [place.index(mark) for place in places if place.count(mark) == 1]
    is_plain = entry is not None or data.startswith((b"\x80", b"c"))
    return found[0] if is_plain and len(found) == 1 else None


if __name__ == "__main__":
    lines = []
    for name, source, verdict, entry, data in rows():
        row = {"name": name, "source": source, "verdict": verdict, "entry": entry, "loads": loads(data), "imports": imports(name, data), "bytes": data.hex()}
        if (at := offset(entry, data)) is not None:
            row["offset"] = at
        lines.append(json.dumps(row, sort_keys=True))
    target = pathlib.Path(__file__).parent / "bypasses.json"
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(len(lines), "files,", sum(json.loads(line)["loads"] for line in lines), "load with weights_only")
