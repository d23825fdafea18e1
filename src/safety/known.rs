//! Names that are not on the list of PyTorch, but known to be harmless: each makes a value of its arguments, or restores
//! attributes, and calls nothing it is given.

/// Why a name is harmless, when it is known to be.
pub(super) fn reason(path: &str) -> Option<&'static str> {
    let (module, name) = path.rsplit_once('.')?;
    NAMES.iter().find(|(known, names, _)| *known == module && has(names, name)).map(|(_, _, reason)| *reason)
}

/// Whether `names` has `name`; `*` stands for every class.
fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name || known == "*" && is_class(name))
}

fn is_class(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_uppercase) && bytes.iter().any(u8::is_ascii_lowercase)
}

const ARRAY: &str = "restores an array of NumPy";
const NUMBER: &str = "a number or element type of NumPy";
const VALUE: &str = "makes a plain value";
const RANDOM: &str = "restores the state of a random generator";
const TIME: &str = "makes a date or time";
const PATH: &str = "makes a path and opens nothing";
const CONTAINER: &str = "makes a container of plain values";
const INSTANCE: &str = "makes an instance of a class that is listed for itself";
const SETTINGS: &str = "holds settings as attributes";
const LAYER: &str = "a class of PyTorch whose attributes are restored";
const TREE: &str = "describes the structure of a tree of JAX";
const SHARDS: &str = "describes where the shards of tensors are";
const NUMBERS: &str = "bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 \
     complex64 complex128 longlong str_ bytes_ datetime64 timedelta64 dtype";
const VALUES: &str = "dict list tuple set frozenset bytes bytearray str int float bool complex object slice range \
     unicode long NoneType Ellipsis";

/// Module, names in it, reason.
const NAMES: &[(&str, &str, &str)] = &[
    ("builtins", VALUES, VALUE),
    ("__builtin__", VALUES, VALUE),
    ("collections", "deque defaultdict OrderedDict Counter", CONTAINER),
    ("copyreg", "_reconstructor __newobj__", INSTANCE),
    ("copy_reg", "_reconstructor __newobj__", INSTANCE),
    ("datetime", "datetime date time timedelta timezone", TIME),
    ("decimal", "Decimal", VALUE),
    ("fractions", "Fraction", VALUE),
    ("uuid", "UUID SafeUUID", VALUE),
    ("pathlib", "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath", PATH),
    ("pathlib._local", "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath", PATH),
    ("argparse", "Namespace", SETTINGS),
    ("types", "SimpleNamespace", SETTINGS),
    ("typing", "Any", VALUE),
    ("random", "Random", RANDOM),
    ("numpy", "ndarray matrix", ARRAY),
    ("numpy", NUMBERS, NUMBER),
    ("numpy.core.multiarray", "_reconstruct", ARRAY),
    ("numpy._core.multiarray", "_reconstruct", ARRAY),
    ("numpy.core.multiarray", "scalar", NUMBER),
    ("numpy._core.multiarray", "scalar", NUMBER),
    ("numpy.core.numeric", "_frombuffer", ARRAY),
    ("numpy._core.numeric", "_frombuffer", ARRAY),
    ("numpy.ma.core", "_mareconstruct MaskedArray", ARRAY),
    ("numpy.dtypes", "*", NUMBER),
    ("numpy.random._pickle", "__randomstate_ctor __generator_ctor __bit_generator_ctor", RANDOM),
    ("numpy.random", "__RandomState_ctor", RANDOM),
    ("numpy.random._mt19937", "MT19937 __pyx_unpickle_MT19937", RANDOM),
    ("numpy.random._pcg64", "PCG64 PCG64DXSM", RANDOM),
    ("numpy.random._philox", "Philox", RANDOM),
    ("numpy.random._sfc64", "SFC64", RANDOM),
    ("numpy.random.bit_generator", "SeedSequence __pyx_unpickle_SeedSequence", RANDOM),
    ("joblib.numpy_pickle", "NumpyArrayWrapper", ARRAY),
    ("jaxlib._jax.pytree", "PyTreeDef PyTreeRegistry", TREE),
    ("jaxlib.xla_extension.pytree", "PyTreeDef PyTreeRegistry", TREE),
    ("jax._src.tree_util", "default_registry", TREE),
    ("optax._src.base", "EmptyState", TREE),
    ("optax._src.transform", "*", TREE),
    ("optax.transforms._accumulation", "*", TREE),
    ("flax.nnx.statelib", "State", TREE),
    ("flax.nnx.variablelib", "Param VariableState", TREE),
    ("flax.nnx.training.optimizer", "OptArray OptVariable OptState", TREE),
    ("torch._utils", "_rebuild_nested_tensor", "restores a tensor of PyTorch"),
    (
        "torch.jit._pickle",
        "build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag",
        "restores a typed list of TorchScript",
    ),
    ("torch.nn.modules.module", "Module", LAYER),
    ("torch.nn.modules.activation", "*", LAYER),
    ("torch.nn.modules.batchnorm", "*", LAYER),
    ("torch.nn.modules.container", "*", LAYER),
    ("torch.nn.modules.conv", "*", LAYER),
    ("torch.nn.modules.dropout", "*", LAYER),
    ("torch.nn.modules.flatten", "*", LAYER),
    ("torch.nn.modules.linear", "*", LAYER),
    ("torch.nn.modules.loss", "*", LAYER),
    ("torch.nn.modules.normalization", "*", LAYER),
    ("torch.nn.modules.pooling", "*", LAYER),
    ("torch.nn.modules.rnn", "*", LAYER),
    ("torch.nn.modules.sparse", "Embedding EmbeddingBag", LAYER),
    ("torch.nn.modules.transformer", "*", LAYER),
    ("torch.optim.adam", "Adam", LAYER),
    ("torch.optim.adamw", "AdamW", LAYER),
    ("torch.optim.sgd", "SGD", LAYER),
    ("torch.distributed.checkpoint.metadata", "* _MEM_FORMAT_ENCODING", SHARDS),
    ("torch.distributed._shard.sharding_spec.chunk_sharding_spec", "*", SHARDS),
    ("torch.distributed._shard.metadata", "*", SHARDS),
    ("torch.distributed.tensor.placement_types", "Shard Replicate Partial", SHARDS),
    ("torch.distributed.checkpoint.filesystem", "_StorageInfo _StoragePrefix", SHARDS),
    ("transformers.training_args", "*", SETTINGS),
    ("transformers.trainer_utils", "*", SETTINGS),
    ("transformers.trainer_pt_utils", "AcceleratorConfig", SETTINGS),
    ("transformers.debug_utils", "DebugOption", SETTINGS),
    ("accelerate.state", "PartialState AcceleratorState", SETTINGS),
    ("accelerate.utils.dataclasses", "*", SETTINGS),
    ("peft.utils.peft_types", "PeftType TaskType", SETTINGS),
    ("pytorch_lightning.utilities.parsing", "AttributeDict", SETTINGS),
    ("lightning.pytorch.utilities.parsing", "AttributeDict", SETTINGS),
    ("lightning.fabric.utilities.data", "AttributeDict", SETTINGS),
    ("lightning_fabric.utilities.data", "AttributeDict", SETTINGS),
];
