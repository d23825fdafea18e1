"""Writes pickles.bin.gz: ten thousand pickles of every protocol, with what pickletools and pickle make of each.

    python tests/expected/pickles.py

A record is the length of a pickle (four bytes, little-endian), the pickle, eight bytes of the SHA-256 of a line
"offset name" for each opcode, and eight bytes of the SHA-256 of the loaded value as text: Python's `repr`, with bytes
as `<bytes, n bytes>` and sets in braces. The same seed writes the same file (Python 3.11).
"""

import gzip
import hashlib
import pathlib
import pickle
import pickletools
import random
import struct

COUNT = 10_000
LETTERS = "abcXYZ019 _./-'\"\\\n\té€漢😀"


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = []

    def text(self):
        length = self.random.choice([0, 1, 3, 8, 20, 300] if self.random.random() < 0.1 else [0, 1, 3, 8])
        return "".join(self.random.choice(LETTERS) for _ in range(length))

    def scalar(self):
        choose = self.random.randrange
        return [
            lambda: None,
            lambda: choose(2) == 1,
            lambda: choose(300),
            lambda: choose(-70_000, 70_000),
            lambda: choose(-2**40, 2**40),
            lambda: choose(-2**90, 2**90),
            lambda: choose(2**600) * choose(2),
            lambda: self.random.uniform(-10, 10),
            lambda: self.random.choice([0.0, -0.0, 1e-8, 1e16, 1e300, 5e-324, float("inf"), float("nan"), 0.1]),
            self.text,
            lambda: bytes(choose(256) for _ in range(choose(6))),
        ][choose(11)]()

    def key(self):
        return self.random.choice([self.text, self.text, lambda: self.random.randrange(50), lambda: (self.text(), 1)])()

    def value(self, depth):
        roll = self.random.random()
        if roll < 0.05 and self.made:
            return self.random.choice(self.made)
        if depth >= 5 or roll < 0.4:
            return self.scalar()
        count = self.random.choice([0, 1, 2, 3, 4])
        items = [self.value(depth + 1) for _ in range(count)]
        kind = self.random.randrange(5)
        made = [
            lambda: items,
            lambda: tuple(items),
            lambda: {self.key(): item for item in items},
            lambda: {self.random.randrange(100)},
            lambda: frozenset([self.text()]),
        ][kind]()
        # Only what is shallow is shared: the text of the whole must not be cut off.
        if depth >= 3:
            self.made.append(made)
        return made


def text(value):
    if isinstance(value, bytes):
        return f"<bytes, {len(value)} bytes>"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(text, value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(text, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(key)}: {text(item)}" for key, item in value.items()) + "}"
    return repr(value)


def digest(words):
    return hashlib.sha256(words.encode()).digest()[:8]


def records():
    for seed in range(COUNT):
        generator, protocol = Generator(seed), seed % 6
        write = pickle._dumps if seed % 12 >= 6 else pickle.dumps
        data = write(generator.value(0), protocol=protocol)
        if seed % 5 == 0:
            data = pickletools.optimize(data)
        names = "".join(f"{position} {opcode.name}\n" for opcode, _, position in pickletools.genops(data))
        yield struct.pack("<I", len(data)) + data + digest(names) + digest(text(pickle.loads(data)))


if __name__ == "__main__":
    target = pathlib.Path(__file__).parent / "pickles.bin.gz"
    target.write_bytes(gzip.compress(b"".join(records()), 9, mtime=0))
    print(target.stat().st_size, "bytes")
