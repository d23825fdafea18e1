"""Writes torch_bad.json: how far Python gets in the damaged pickles among the fixtures (torch-bad, pickle-bad): the byte of
the opcode at which it stops, and the names of the tensors that were made before, by the keys of the dicts around them.

    python tests/expected/torch_bad.py

The pickles are run by CPython 3.11's own `pickle._Unpickler`, opcode by opcode; every class is one that stands for it.
"""

import io
import json
import pathlib
import pickle
import zipfile

import joblib  # noqa: F401  (the version is that of the fixtures)

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"


class Made:
    """What a call gave."""

    def __init__(self, name):
        self.name = name

    def __call__(self, *arguments):
        return {} if self.name == "OrderedDict" else Made(f"{self.name}()")

    def __setstate__(self, state):
        pass


class Watched(pickle._Unpickler):
    """Stops where the pickle breaks, and keeps what was there."""

    def find_class(self, module, name):
        return Made(name)

    def persistent_load(self, key):
        return Made("storage")

    def run(self, file):
        self._unframer = pickle._Unframer(self._file_read, self._file_readline)
        self.read, self.readinto, self.readline = self._unframer.read, self._unframer.readinto, self._unframer.readline
        self.metastack, self.stack, self.proto = [], [], 0
        self.append = self.stack.append
        while True:
            at = file.tell()
            try:
                key = self.read(1)
                if not key:
                    raise EOFError
                self.dispatch[key[0]](self)
            except pickle._Stop:
                return None
            except Exception:
                return at

    def made(self):
        """Names of the tensors in the open containers."""
        found = []
        levels = [*self.metastack, self.stack]
        for level, around in zip(levels, [None, *levels]):
            target = around[-1] if around else None
            if isinstance(target, dict):
                for key, value in zip(level[::2], level[1::2]):
                    target[key] = value
        for level in levels[:1]:
            for value in level:
                walk(value, [], found)
        return found


def walk(value, path, found):
    if isinstance(value, Made) and value.name.startswith("_rebuild") and value.name.endswith("()"):
        found.append(".".join(path))
    elif isinstance(value, dict):
        for key, inner in value.items():
            walk(inner, [*path, str(key)], found)


def pickles():
    for path in sorted([*FIXTURES.glob("torch-bad/*.pt"), *FIXTURES.glob("pickle-bad/*.pkl")]):
        data = path.read_bytes()
        if path.suffix == ".pkl":
            yield path, data, 0
        elif data[:2] == b"PK" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield path, archive.read("archive/data.pkl"), 0
        elif data[:2] == b"\x80\x02":
            # The old format: number, protocol and system come before.
            file = io.BytesIO(data)
            for _ in range(3):
                pickle.load(file)
            yield path, data, file.tell()


def main():
    told = {}
    for path, data, start in pickles():
        file = io.BytesIO(data)
        file.seek(start)
        watched = Watched(file)
        stops = watched.run(file)
        told[path.relative_to(FIXTURES).as_posix()] = {"stops": stops, "tensors": watched.made() if stops is not None else None}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(one)}" for name, one in told.items())
    (HERE / "torch_bad.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
