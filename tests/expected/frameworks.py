"""Writes frameworks.json: what gguf-py, msgpack and h5py make of the fixtures of these formats. The tests compare with it.

    python tests/expected/frameworks.py

Arrays: path -> name -> [type, shape, sha256 of the bytes in the file, or null where they are not in one piece].
Documents: path -> what is there besides arrays, as far as JSON has it.
"""

import hashlib
import json
import pathlib
import tomllib

import gguf
import h5py
import msgpack
import numpy as np
import yaml

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
NAMES = {
    "bool": "BOOL", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64", "uint8": "U8", "uint16": "U16",
    "uint32": "U32", "uint64": "U64", "float16": "F16", "float32": "F32", "float64": "F64", "complex64": "C64",
    "complex128": "C128", "bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def gguf_facts(path):
    reader = gguf.GGUFReader(path)
    data = path.read_bytes()
    arrays = {}
    for tensor in reader.tensors:
        raw = data[tensor.data_offset:tensor.data_offset + int(tensor.n_bytes)]
        arrays[tensor.name] = [tensor.tensor_type.name, [int(n) for n in reversed(tensor.shape)], sha256(raw)]
    values = {}
    for key, field in reader.fields.items():
        if key.startswith("GGUF."):
            continue
        value = field.contents()
        if field.types[0] == gguf.GGUFValueType.FLOAT32:
            value = float(str(np.float32(value)))  # the shortest decimal
        values[key] = {"length": len(value)} if isinstance(value, list) and len(value) > 64 else value
    return arrays, values


def unpacked(code, data):
    if code == 2:
        return complex(*msgpack.unpackb(data))
    if code not in (1, 3):
        return msgpack.ExtType(code, data)
    shape, name, raw = msgpack.unpackb(data)
    return ("array", NAMES[name], list(shape), raw, name)


def joined(chunked):
    values = lambda part: [part[str(at)] for at in range(len(part))]
    chunks = values(chunked["chunks"])
    raw = b"".join(chunk[3] for chunk in chunks)
    whole = sha256(raw) if len(chunks) == 1 else None
    return [chunks[0][1], values(chunked["shape"]), whole]


def msgpack_facts(path):
    tree = msgpack.unpackb(path.read_bytes(), ext_hook=unpacked, strict_map_key=False, timestamp=0)
    arrays = {}

    def walk(value, name):
        """What is left of `value` without its arrays; raises KeyError where nothing is."""
        if isinstance(value, tuple):
            arrays[name] = [value[1], value[2], sha256(value[3])]
            if value[2]:
                raise KeyError
            return np.frombuffer(value[3], value[4])[0].item()
        if isinstance(value, dict) and "__msgpack_chunked_array__" in value:
            arrays[name] = joined(value)
            raise KeyError
        if isinstance(value, dict):
            left = {}
            for key, inner in value.items():
                try:
                    left[str(key)] = walk(inner, f"{name}.{key}" if name else str(key))
                except KeyError:
                    pass
            if value and not left:
                raise KeyError
            return left
        if isinstance(value, complex):
            return [value.real, value.imag]
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        return "extension -1, 4 bytes" if isinstance(value, msgpack.Timestamp) else value

    try:
        document = walk(tree, "")
    except KeyError:
        document = {}
    return arrays, document


def plain(value):
    """An attribute as JSON has it; texts that are JSON are taken apart."""
    if isinstance(value, h5py.Empty):
        return []
    if isinstance(value, (bytes, np.bytes_)):
        value = value.decode()
    if isinstance(value, str):
        try:
            return json.loads(value) if value.startswith("{") else value
        except ValueError:
            return value
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    value = value if isinstance(value, np.float32) else value.item()
    return float(str(value)) if isinstance(value, np.float32) else value


def dataset(data, raw):
    name = NAMES.get(data.dtype.name, data.dtype.newbyteorder("=").str.lstrip("|<>="))
    if data.attrs.get("dtype") == "bfloat16":
        name = "BF16"
    offset, size = data.id.get_offset(), data.id.get_storage_size()
    layout = data.id.get_create_plist().get_layout()
    digest = None
    if offset is not None:
        digest = sha256(raw[offset:offset + size])
    elif layout == h5py.h5d.COMPACT:
        digest = sha256(data[()].tobytes())
    return [name, list(data.shape), digest]


def hdf5_facts(path):
    arrays, documents = {}, {}
    raw = path.read_bytes()

    def visit(name, item):
        attributes = {key: plain(value) for key, value in item.attrs.items()}
        if name and attributes:
            documents[f"/{name}"] = attributes
        elif not name:
            documents.update(attributes)
        if isinstance(item, h5py.Dataset):
            arrays[name] = dataset(item, raw)

    with h5py.File(path, "r") as file:
        visit("", file)
        file.visititems(visit)
    return arrays, documents


class Loader(yaml.SafeLoader):
    """What is no plain data is told as the reader tells it; dates stay text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp",)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

    def flatten_mapping(self, node):
        """Merge keys are kept as keys."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"


def tagged(loader, suffix, node):
    kind, _, name = suffix.partition(":")
    if kind in ("name", "module"):
        return f"python/{suffix}"
    if isinstance(node, yaml.SequenceNode):
        items = loader.construct_sequence(node, deep=True)
        return items if not name else {"__class__": name, "args": items}
    return {"__class__": name} | loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("tag:yaml.org,2002:python/", tagged)


def marked(value):
    """Numbers that JSON does not have become the report's words, keys become texts."""
    if isinstance(value, dict):
        return {str(key): marked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [marked(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def yaml_facts(path):
    return {}, marked(next(yaml.load_all(path.read_text(), Loader)))


def toml_facts(path):
    # Python shows dates in its own way; the reader keeps the file's.
    value = marked(tomllib.loads(path.read_text()))
    words = {"1979-05-27 07:32:00+00:00": "1979-05-27T07:32:00Z"}
    return {}, {key: words.get(item, item) if isinstance(item, str) else item for key, item in value.items()}


READERS = {
    "yaml/*.y*ml": yaml_facts, "frameworks/*/*/*/hparams.yaml": yaml_facts, "toml/*.toml": toml_facts,
    "hdf5/*.h5": hdf5_facts, "frameworks/keras/*.h5": hdf5_facts,
    "gguf/*.gguf": gguf_facts, "frameworks/*.gguf": gguf_facts,
    "msgpack/*": msgpack_facts, "frameworks/*.msgpack": msgpack_facts,
}
# gguf-py has forgotten the first version.
UNREAD = {"gguf/version1.gguf"}


def main():
    arrays, documents = {}, {}
    for pattern, reader in READERS.items():
        for path in sorted(FIXTURES.glob(pattern)):
            name = path.relative_to(FIXTURES).as_posix()
            if name not in UNREAD:
                arrays[name], document = reader(path)
                documents[name] = marked(document)
    text = json.dumps({"arrays": arrays, "documents": documents}, indent=1, ensure_ascii=False, allow_nan=False)
    (HERE / "frameworks.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
