//! Names that run code, or that reach something that does. Nothing here makes another name safe.

/// Why a name is dangerous, when it is known to be.
pub(super) fn reason(module: &str, name: &str) -> Option<&'static str> {
    let path = format!("{module}.{name}");
    let mut words = path.split('.');
    let top = words.next().unwrap_or_default();
    if matches!(top, "builtins" | "__builtin__" | "__builtins__") && is_builtin(name) {
        return Some("a builtin that runs code, or reaches what does");
    }
    if let Some((_, reason)) = MODULES.iter().find(|(names, _)| names.split(' ').any(|known| is_under(&path, known))) {
        return Some(reason);
    }
    if words.clone().any(|word| REACHED.contains(&word)) {
        return Some("reaches another module through this one");
    }
    if words.any(|word| word.starts_with("__") && word.ends_with("__") && word != "__main__") {
        return Some("reaches into how Python itself works");
    }
    None
}

/// Whether `path` is `known` or something in it.
fn is_under(path: &str, known: &str) -> bool {
    path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_builtin(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    name.contains('.') || BUILTINS.split(' ').any(|known| known == first)
}

const BUILTINS: &str = "eval exec execfile compile open file getattr setattr delattr hasattr __import__ globals locals \
     vars dir input raw_input breakpoint apply map filter reduce type super property classmethod staticmethod help exit \
     quit print next iter memoryview callable __build_class__ __loader__ __spec__ __dict__ reload intern buffer \
     sum min max sorted any all zip enumerate format id";

/// Modules that other modules import: reached through them, they are the same modules.
const REACHED: [&str; 22] = [
    "os",
    "_os",
    "sys",
    "_sys",
    "subprocess",
    "_subprocess",
    "posix",
    "nt",
    "builtins",
    "__builtins__",
    "importlib",
    "_importlib",
    "shutil",
    "_shutil",
    "socket",
    "pickle",
    "_pickle",
    "ctypes",
    "operator",
    "runpy",
    "pty",
    "pdb",
];

/// Modules, or names in them, and what they do. A name covers everything under it.
const MODULES: [(&str, &str); 14] = [
    (
        "os posix nt _posixsubprocess subprocess commands popen2 pty pexpect platform webbrowser antigravity \
      multiprocessing concurrent signal sched distutils setuptools ensurepip venv pip cgi cgitb fabric invoke \
      asyncio _aix_support _osx_support nturl2path",
        "starts programs, or touches the system",
    ),
    ("sys site sysconfig gc atexit faulthandler weakref resource", "changes the interpreter, or reaches into it"),
    (
        "shutil tempfile io _io _pyio fileinput linecache glob dbm shelve sqlite3 zipfile tarfile mmap fcntl \
      logging configparser ConfigParser zipimport filecmp codecs.open numpy.fromfile numpy.memmap numpy.save \
      numpy.savez numpy.savetxt numpy.loadtxt numpy.genfromtxt numpy.lib.npyio numpy.DataSource",
        "reads, writes or deletes files",
    ),
    (
        "socket _socket ssl urllib urllib2 urllib3 http httplib ftplib smtplib telnetlib poplib imaplib nntplib xmlrpc \
      xmlrpclib socketserver SocketServer requests httpx aiohttp botocore boto3 paramiko wsgiref",
        "uses the network",
    ),
    (
        "importlib imp pkgutil runpy _frozen_importlib _frozen_importlib_external pydoc modulefinder rlcompleter zipapp \
      inspect test idlelib lib2to3 unittest",
        "imports or finds anything by name",
    ),
    (
        "operator _operator functools _functools itertools types new copyreg.__reduce_ex__ copy_reg.__reduce_ex__ \
      copyreg.pickle copyreg.add_extension copyreg.constructor copy_reg.pickle",
        "turns harmless values into calls of anything",
    ),
    (
        "pickle _pickle cPickle cloudpickle dill jsonpickle marshal joblib.load joblib.numpy_pickle.load \
      joblib.numpy_pickle_utils joblib.memory pandas.read_pickle pandas.io.pickle pandas.compat.pickle_compat \
      numpy.load numpy.lib.format torch.load torch.serialization.load torch.serialization._load \
      torch.serialization._legacy_load torch.jit.load torch.package torch.distributed.distributed_c10d \
      sklearn.externals",
        "loads another pickle or program, unchecked",
    ),
    (
        "code codeop timeit cProfile profile bdb pdb trace doctest dis ast typing.get_type_hints typing.ForwardRef \
      dataclasses.make_dataclass dataclasses._create_fn collections.namedtuple enum._make_class_unpicklable \
      pyrepl _pyrepl lzma._compat this py_compile compileall tokenize IPython jinja2 mako sympy",
        "compiles or runs text as code",
    ),
    ("ctypes _ctypes cffi numpy.ctypeslib numpy.f2py numpy.distutils _testcapi", "calls machine code"),
    (
        "numpy.testing numpy.testing._private numpy._core._multiarray_tests numpy.core._multiarray_tests \
      numpy.lib.utils",
        "runs code given as text, as the tests of NumPy do",
    ),
    ("threading thread _thread queue.Queue contextlib", "runs what it is given"),
    (
        "torch.hub torch.utils.model_zoo torch.utils.cpp_extension torch.utils.bottleneck torch.utils.collect_env \
      torch.utils._config_module torch.utils.data.datapipes torch.utils.hipify torch.testing torch.multiprocessing \
      torch.distributed.rpc torch.distributed.launch torch.distributed.run torch.distributed.elastic torch.fx \
      torch._inductor torch._dynamo torch._jit_internal torch.ops torch.classes torch.onnx torch.jit torch.compile \
      torch.export torch._ops torch._classes torch.library torch.utils.checkpoint torch._C._jit_script_compile \
      torch.utils.tensorboard torch.utils._pytree torch.utils.show_pickle",
        "downloads, compiles or runs code",
    ),
    (
        "yaml ruamel pandas.eval pandas.core.computation pandas.DataFrame.query pandas.DataFrame.eval scipy.weave numexpr numba \
      tensorflow.io tensorflow.python tensorflow.load_op_library tensorflow.saved_model keras.models keras.saving \
      keras.layers.Lambda transformers.pipeline transformers.dynamic_module_utils nltk gradio \
      mlflow onnxruntime",
        "loads models or runs expressions",
    ),
    (
        "tkinter Tkinter turtle turtledemo uuid._get_command_stdout hmac._hashopenssl locale gettext ensurepip \
      nt._getfullpathname getpass curses readline winreg _winapi msvcrt",
        "runs or reaches more than it says",
    ),
];
