"""Writes verdicts.json: what torch.load(weights_only=True) says to every file among the fixtures, and a table of
hostile and harmless pickles with the verdict each deserves and what torch says to each as `data.pkl` of a file.

    python tests/expected/verdicts.py    (torch 2.15.0, Python 3.11)
    python tests/expected/verdicts.py    (again with torch 2.6.0: adds what that one says)

Nothing is ever unpickled but by the weights-only unpickler. The pickles are put together from opcodes as bytes; what
they would call is never called.

"files": path -> whether it loads, with 2.15 and with 2.6. "pickles": a list of {name, pickle (hexadecimal), verdict, loads,
loads_2_6}. "bypasses": name of a file of bypasses.json -> whether 2.6 loads it.
"""

import io
import json
import pathlib
import random
import struct
import warnings
import zipfile

import torch

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
warnings.simplefilter("ignore")


def loads(data):
    try:
        torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
        return True
    except Exception:
        return False


def as_file(pickle):
    """The pickle as torch.save would wrap it, with one storage of 16 bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("x/data.pkl", pickle)
        archive.writestr("x/byteorder", b"little")
        archive.writestr("x/data/0", bytes(16))
        archive.writestr("x/version", b"3\n")
    return buffer.getvalue()


# Opcodes.
def glob(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def short(value):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def stack_global(module, name):
    return short(module) + short(name) + b"\x93"


def call(function, *arguments):
    return function + b"(" + b"".join(arguments) + b"tR"


def two(body):
    return b"\x80\x02" + body + b"."


def four(body):
    return b"\x80\x04" + body + b"."


def storage(kind="FloatStorage", count=4):
    return b"(" + text("storage") + glob("torch", kind) + text("0") + text("cpu") + b"K" + bytes([count]) + b"tQ"


ORDERED = glob("collections", "OrderedDict")


def tensor(count=4):
    rebuild = glob("torch._utils", "_rebuild_tensor_v2")
    return call(rebuild, storage(count=count), b"K\x00", b"(K\x02K\x02t", b"(K\x02K\x01t", b"\x89", ORDERED + b")R")


SYSTEM = glob("os", "system")
COMMAND = text("echo inert")


def table():
    plain, known, unknown, dangerous = "plain_tensors", "known", "unknown", "dangerous"
    # What is harmless.
    yield "a tensor in a dict", plain, two(b"}" + text("w") + tensor() + b"s")
    yield "an OrderedDict with items and a state", plain, two(ORDERED + b")R(" + text("w") + tensor() + b"u}" + text("a") + b"K\x01sb")
    yield "a parameter", plain, two(call(glob("torch._utils", "_rebuild_parameter"), tensor(), b"\x88", ORDERED + b")R"))
    yield "an element type", plain, two(glob("torch", "float32"))
    yield "a size", plain, two(call(glob("torch", "Size"), b"(K\x02K\x03t"))
    yield "a set", plain, two(call(glob("builtins", "set"), b"(K\x01K\x02" + b"l" if False else b"](K\x01K\x02e"))
    yield "bytes as protocol 2 writes them", plain, two(call(glob("_codecs", "encode"), text("abc"), text("latin1")))
    yield "Python 2 names", plain, two(call(glob("__builtin__", "set"), b"]"))
    yield "UserDict of Python 2", plain, two(glob("UserDict", "OrderedDict") + b")R")
    yield "nothing but numbers", plain, two(b"(K\x01K\x02t")
    yield "protocol 4", plain, four(short("a"))
    yield "protocol 0", plain, b"(lp0\nI1\na."
    yield "a path", known, two(call(glob("pathlib", "PosixPath"), text("a")))
    yield "a namespace", known, two(glob("argparse", "Namespace") + b")\x81}" + text("lr") + b"K\x01sb")
    yield "an array", known, two(call(glob("numpy.core.multiarray", "_reconstruct"), glob("numpy", "ndarray"), b"(K\x00t", b"C\x01b"))
    yield "a member of an Enum as Python 3.11 writes it", known, two(call(glob("builtins", "getattr"), glob("transformers.trainer_utils", "IntervalStrategy"), text("NO")))
    yield "an unknown class", unknown, two(glob("mine", "Model") + b")\x81}b")
    yield "another unknown class", unknown, two(b"}" + text("w") + tensor() + text("m") + glob("__main__", "Net") + b"u" if False else b"}(" + text("w") + tensor() + text("m") + glob("__main__", "Net") + b"u")
    # Refused although nothing in it is bad.
    yield "items of a list", plain, two(b"](K\x01e" + b"K\x00K\x02s")
    yield "a call of an element type", plain, two(glob("torch", "float32") + b")R")
    yield "an id that is a number", plain, two(b"K\x01Q")
    yield "an id that is text", plain, two(text("storage") + b"Q")
    yield "an id of something else", plain, two(b"(" + text("module") + glob("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ")
    yield "a list as a key", plain, two(b"}]K\x01s")
    yield "a list in a tuple as a key", plain, two(b"}(]tK\x01s")
    yield "nothing for a set", plain, two(call(glob("builtins", "set"), b"K\x01"))
    yield "arguments that are a number", plain, two(ORDERED + b"K\x01R")
    yield "a tensor without a storage", plain, two(call(glob("torch._utils", "_rebuild_tensor_v2"), b"K\x00"))
    yield "items of a set", plain, two(glob("builtins", "set") + b")RK\x00K\x01s")
    yield "append to an OrderedDict", plain, two(ORDERED + b")RK\x01a")
    yield "state of a tuple", unknown, two(b")}" + text("a") + b"K\x01sb")
    yield "cut", unknown, b"\x80\x02}" + text("w")
    # What runs code: every way to name it.
    yield "GLOBAL", dangerous, two(call(SYSTEM, COMMAND))
    yield "posix", dangerous, two(call(glob("posix", "system"), COMMAND))
    yield "nt", dangerous, two(call(glob("nt", "system"), COMMAND))
    yield "INST", dangerous, b"(S'echo inert'\nios\nsystem\n."
    yield "OBJ", dangerous, b"\x80\x02(" + SYSTEM + COMMAND + b"o."
    yield "NEWOBJ", dangerous, two(glob("subprocess", "Popen") + b"(" + COMMAND + b"t\x81")
    yield "NEWOBJ_EX", dangerous, four(stack_global("subprocess", "Popen") + b")}\x92")
    yield "STACK_GLOBAL", dangerous, four(stack_global("os", "system") + short("x") + b"\x85R")
    yield "STACK_GLOBAL from the memo", dangerous, four(short("os") + b"\x94" + short("system") + b"\x9400h\x00h\x01\x93" + short("x") + b"\x85R")
    yield "STACK_GLOBAL with memo entries in another order", dangerous, four(short("system") + b"q\x05" + short("os") + b"q\x0300h\x03h\x05\x93)R")
    yield "STACK_GLOBAL with DUP and POP between", dangerous, four(short("os") + b"20" + short("system") + b"20\x93)R")
    yield "STACK_GLOBAL with a mark between", dangerous, four(short("os") + short("system") + b"(1\x93)R")
    yield "STACK_GLOBAL of what a call gives", dangerous, four(stack_global("builtins", "str") + short("os") + b"\x85R" + short("system") + b"\x93")
    yield "LONG_BINPUT and GET in text", dangerous, four(short("os") + b"r\x00\x01\x00\x00" + short("system") + b"00g256\n" + short("system") + b"\x93)R")
    yield "GET with an underscore", dangerous, four(short("os") + b"p1_0\n0g1_0\n" + short("system") + b"\x93)R")
    yield "a dotted name", dangerous, four(stack_global("torch", "serialization.os.system") + b")R")
    yield "a name through an alias", dangerous, four(stack_global("random", "_os.system") + b")R")
    yield "letters that look alike", dangerous, two(glob("c\u043ellections", "OrderedDict") + b")R")
    yield "a name with a blank", dangerous, two(glob("os ", "system"))
    yield "an empty name", dangerous, two(glob("os", ""))
    yield "EXT1", dangerous, two(b"\x82\x01)R")
    yield "EXT2", dangerous, two(b"\x83\x01\x00)R")
    yield "EXT4", dangerous, two(b"\x84\x01\x00\x00\x00)R")
    # What was missed by scanners.
    for module, name in [
        ("pip", "main"), ("pip._internal", "main"), ("pkgutil", "resolve_name"), ("logging", "FileHandler"),
        ("logging.config", "fileConfig"), ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
        ("asyncio.subprocess", "create_subprocess_shell"), ("builtins", "eval"), ("builtins", "exec"),
        ("builtins", "getattr"), ("builtins", "__import__"), ("__builtin__", "eval"), ("builtins", "compile"),
        ("builtins", "open"), ("operator", "attrgetter"), ("operator", "methodcaller"), ("_operator", "attrgetter"),
        ("functools", "partial"), ("functools", "reduce"), ("types", "FunctionType"), ("types", "CodeType"),
        ("importlib", "import_module"), ("importlib.machinery", "SourceFileLoader"), ("runpy", "_run_code"),
        ("pickle", "loads"), ("_pickle", "loads"), ("torch", "load"), ("torch.serialization", "load"),
        ("torch.hub", "load"), ("torch.hub", "load_state_dict_from_url"), ("torch.jit", "load"),
        ("torch.utils.cpp_extension", "load_inline"), ("torch.utils.bottleneck.__main__", "run_cprofile"),
        ("torch.utils.collect_env", "run"), ("torch._dynamo.guards", "GuardBuilder.get"),
        ("torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression"),
        ("torch.utils._config_module", "ConfigModule.load_config"), ("torch.jit.unsupported_tensor_ops", "execWrapper"),
        ("numpy.testing._private.utils", "runstring"), ("numpy.f2py.crackfortran", "getlincoef"),
        ("numpy", "load"), ("timeit", "timeit"), ("cProfile", "run"), ("profile", "Profile.run"), ("pdb", "run"),
        ("bdb", "Bdb.run"), ("trace", "Trace.run"), ("doctest", "debug_script"), ("code", "InteractiveInterpreter.runcode"),
        ("idlelib.pyshell", "ModifiedInterpreter.runcode"), ("idlelib.run", "Executive.runcode"),
        ("lib2to3.pgen2.pgen", "ParserGenerator.make_label"), ("lib2to3.pgen2.grammar", "Grammar.loads"),
        ("ensurepip", "_run_pip"), ("distutils.file_util", "write_file"), ("distutils.spawn", "spawn"),
        ("shutil", "rmtree"), ("socket", "create_connection"), ("urllib.request", "urlopen"), ("http.client", "HTTPSConnection"),
        ("ssl", "get_server_certificate"), ("ctypes", "CDLL"), ("_ctypes", "dlopen"), ("webbrowser", "open"), ("pty", "spawn"),
        ("platform", "popen"), ("uuid", "_get_command_stdout"), ("pydoc", "pipepager"), ("pydoc", "locate"),
        ("multiprocessing.util", "spawnv_passfds"), ("sqlite3", "connect"), ("marshal", "loads"), ("shelve", "open"),
        ("cgitb", "lookup"), ("imaplib", "IMAP4_stream"), ("test.support.script_helper", "assert_python_ok"),
        ("joblib", "load"), ("pandas", "read_pickle"), ("dill", "loads"), ("cloudpickle", "loads"), ("site", "main"),
        ("sys", "setprofile"), ("threading", "Thread"), ("zipimport", "zipimporter"), ("collections", "namedtuple"),
        ("dataclasses", "make_dataclass"), ("typing", "get_type_hints"), ("nturl2path", "os"), ("yaml", "unsafe_load"),
    ]:
        yield f"{module}.{name}", dangerous, two(call(glob(module, name), COMMAND))
    # What stands around it.
    yield "in a dict beside tensors", dangerous, two(b"}(" + text("w") + tensor() + text("x") + call(SYSTEM, COMMAND) + b"u")
    yield "made and thrown away", dangerous, two(call(SYSTEM, COMMAND) + b"0" + tensor())
    yield "before an unknown opcode", dangerous, b"\x80\x02" + call(SYSTEM, COMMAND) + b"\xff."
    yield "before the end of the file", dangerous, b"\x80\x02" + call(SYSTEM, COMMAND)
    yield "before an empty stack", dangerous, b"\x80\x02" + call(SYSTEM, COMMAND) + b"00."
    yield "after APPENDS of nothing on a dict", dangerous, two(b"}(e0" + call(SYSTEM, COMMAND))
    yield "after SETITEMS of nothing on a list", dangerous, two(b"](u0" + call(SYSTEM, COMMAND))
    yield "after an empty state of a list", dangerous, two(b"]Nb0" + call(SYSTEM, COMMAND))
    yield "after an item of a list", dangerous, two(b"](K\x01eK\x00K\x02s0" + call(SYSTEM, COMMAND))
    yield "after a number in hexadecimal", dangerous, b"I0x10\n0" + call(SYSTEM, b"S'x'\n") + b"."
    yield "after a number with underscores", dangerous, b"L1_000L\n0" + call(SYSTEM, b"S'x'\n") + b"."
    yield "after an append to a bytearray", dangerous, b"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x01a0" + stack_global("os", "system") + b")R."
    yield "PROTO twice", dangerous, b"\x80\x02\x80\x02" + call(SYSTEM, COMMAND) + b"."
    yield "PROTO in the middle", unknown, b"\x80\x02N\x80\x02."
    yield "a frame that is too long", dangerous, b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f" + stack_global("os", "system") + b")R."
    yield "as the factory of a defaultdict", dangerous, two(call(glob("collections", "defaultdict"), SYSTEM))
    yield "as the constructor of a random generator", dangerous, two(call(glob("numpy.random._pickle", "__generator_ctor"), COMMAND, SYSTEM))
    yield "through _rebuild_from_type_v2", dangerous, two(call(glob("torch._tensor", "_rebuild_from_type_v2"), SYSTEM, glob("torch", "Tensor"), b"(" + COMMAND + b"t", b"}"))
    yield "getattr handed to _rebuild_from_type_v2", dangerous, two(call(glob("builtins", "getattr"), glob("torch", "Tensor"), text("T")) + b"0" + call(glob("torch._tensor", "_rebuild_from_type_v2"), glob("builtins", "getattr"), glob("torch", "Tensor"), b"(K\x01" + text("__class__") + b"t", b"}"))
    yield "what getattr gives is called", dangerous, two(call(call(glob("builtins", "getattr"), glob("pathlib", "PosixPath"), text("unlink")), text("x")))
    yield "a state set on a class", dangerous, two(ORDERED + b"}" + text("a") + b"K\x01sb")
    yield "the state of a function", dangerous, two(glob("torch._utils", "_rebuild_tensor_v2") + b"N}" + text("__code__") + b"K\x01s\x86b")
    yield "in the id of a storage", dangerous, two(b"(" + text("storage") + call(SYSTEM, COMMAND) + text("0") + text("cpu") + b"K\x04tQ")
    yield "in a key", dangerous, two(b"}" + call(SYSTEM, COMMAND) + b"K\x01s")
    yield "a storage of bytes", unknown, two(call(glob("torch.storage", "_load_from_bytes"), b"C\x01a"))


def hostile(count):
    """Pickles put together at random around an attack: the name hidden, the surroundings harmless."""
    names = [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("runpy", "run_path"), ("torch", "load"),
             ("operator", "attrgetter"), ("importlib", "import_module"), ("nt", "popen"), ("pickle", "loads")]
    for seed in range(count):
        choose = random.Random(seed)
        module, name = choose.choice(names)
        a, b = choose.sample(range(1, 200), 2)
        function = choose.choice([
            lambda: glob(module, name),
            lambda: stack_global(module, name),
            lambda: short(module) + b"q" + bytes([a]) + short(name) + b"q" + bytes([b]) + b"00h" + bytes([a]) + b"h" + bytes([b]) + b"\x93",
            lambda: short(name) + b"q" + bytes([b]) + b"0" + short(module) + b"h" + bytes([b]) + b"\x93",
            lambda: b"V" + module.encode() + b"\n" + b"V" + name[:-1].encode() + b"\\u%04x\n" % ord(name[-1]) + b"\x93",
            lambda: b"S'" + module.encode() + b"'\nS'" + name.encode() + b"'\n\x93",
            lambda: text(module) + text(name) + b"N0\x93",
            lambda: b"(" + short(module) + short(name) + b"\x93l" + b"0" + glob(module, name),
        ])()
        deed = choose.choice([
            lambda: function + b")R",
            lambda: function + b"(" + text("x") + b"tR",
            lambda: function + b")\x81",
            lambda: function,
            lambda: function + text("x") + b"\x85R",
            lambda: b"(" + function + text("x") + b"o",
        ])()
        harmless = [b"N0", b"]0", b"K\x010", tensor() + b"0", b"(1", b"}(" + text("a") + b"K\x01u0", ORDERED + b")R0"]
        before = b"".join(choose.choice(harmless) for _ in range(choose.randrange(4)))
        around = choose.choice([
            lambda: deed,
            lambda: b"}" + text("w") + deed + b"s",
            lambda: b"](" + tensor() + deed + b"e",
            lambda: b"(" + deed + b"t",
            lambda: deed + b"0" + tensor(),
        ])()
        end = choose.choice([b".", b".", b".", b"", b"\xff", b"0000."])
        yield f"hostile {seed}", "dangerous", b"\x80" + bytes([choose.choice([2, 4])]) + before + around + end


def plain(count):
    """Pickles of allowed things put together at random, some of them wrongly."""
    pieces = [
        tensor, lambda: b"K\x01", lambda: text("a"), lambda: b"N", lambda: b"\x88", lambda: b"]", lambda: b"}", lambda: b")",
        lambda: ORDERED + b")R", lambda: glob("torch", "float16"), lambda: call(glob("torch", "Size"), b"(K\x01t"),
        lambda: glob("collections", "Counter") + b")R", lambda: b"\x8a\x01\x05", lambda: b"G" + struct.pack(">d", 0.5),
        lambda: b"U\x01a", lambda: call(glob("_codecs", "encode"), text("a"), text("latin1")), lambda: b"\x8f",
        lambda: call(glob("torch", "device"), text("cpu")), lambda: b"U\x01\xff", lambda: short("a"), lambda: b"C\x01a",
        lambda: call(glob("torch", "FloatTensor")), lambda: call(glob("builtins", "set"), b"](K\x01e"),
    ]
    weights = [6, 6, 6, 4, 4, 4, 4, 4, 4, 3, 3, 2, 3, 3, 3, 2, 1, 2, 0.3, 0.3, 0.3, 0, 2]
    keys = [lambda i: text(f"k{i}"), lambda i: b"K" + bytes([i]), lambda i: b"(K\x01" + text("x") + b"t", lambda i: b"]", lambda i: b"N"]
    for seed in range(count):
        choose = random.Random(seed)

        def value(depth):
            if depth > 3 or choose.random() < 0.5:
                return choose.choices(pieces, weights)[0]()
            items = [value(depth + 1) for _ in range(choose.randrange(4))]
            pairs = b"".join(choose.choices(keys, [8, 4, 1, 0.1, 1])[0](i) + item for i, item in enumerate(items))
            return choose.choices([
                lambda: b"](" + b"".join(items) + b"e",
                lambda: b"(" + b"".join(items) + b"t",
                lambda: b"}(" + pairs + b"u",
                lambda: ORDERED + b")R(" + pairs + b"u",
                lambda: ORDERED + b")R(" + b"".join(items) + b"e",
                lambda: glob("collections", "Counter") + b")R(" + pairs + b"u",
            ], [4, 4, 6, 4, 0.2, 1])[0]()

        yield f"plain {seed}", None, two(value(0))


def write(files, pickles, bypasses):
    text_of = lambda value: json.dumps(value, sort_keys=True)
    lines = ",\n".join("  " + text_of(row) for row in pickles)
    listed = lambda found: ",\n".join(f"  {text_of(path)}: {text_of(value)}" for path, value in found.items())
    TARGET.write_text('{"files": {\n' + listed(files) + '\n}, "pickles": [\n' + lines + '\n], "bypasses": {\n' + listed(bypasses) + "\n}}\n")
    print(torch.__version__, len(files), "files,", sum(value[0] for value in files.values()), "load;", len(pickles), "pickles")


if __name__ == "__main__":
    TARGET = pathlib.Path(__file__).parent / "verdicts.json"
    if torch.__version__.startswith("2.6."):
        known = json.loads(TARGET.read_text())
        for name, said in known["files"].items():
            said[1:] = [loads((FIXTURES / name).read_bytes())]
        for row in known["pickles"]:
            row["loads_2_6"] = loads(as_file(bytes.fromhex(row["pickle"])))
        rows = json.loads((TARGET.parent / "bypasses.json").read_text())
        write(known["files"], known["pickles"], {row["name"]: loads(bytes.fromhex(row["bytes"])) for row in rows})
    else:
        files = {}
        for path in sorted(FIXTURES.rglob("*")):
            name = path.relative_to(FIXTURES).as_posix()
            if path.is_file() and "/" in name and not name.startswith("registry/"):
                files[name] = [loads(path.read_bytes())]
        rows = [*table(), *hostile(300), *plain(1000)]
        pickles = [{"name": name, "pickle": data.hex(), "verdict": verdict, "loads": loads(as_file(data))} for name, verdict, data in rows]
        write(files, pickles, {})
