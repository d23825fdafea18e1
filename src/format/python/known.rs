//! Imports whose meaning is known.

use crate::model::{DType, Import};

/// What an import means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) enum Known {
    /// `OrderedDict`, `defaultdict`, `Counter`, `dict`: a dict.
    Dict,
    /// `list`, `tuple`, `set`, `frozenset`, `deque`, `torch.Size`: a list of the items of the first argument.
    List,
    /// `bytes`, `bytearray`.
    Bytes,
    /// `_codecs.encode`: bytes written as text.
    Encode,
    /// `complex`.
    Complex,
    /// A path.
    Path,
    /// `datetime`, `date`, `time`, `timedelta`.
    Time(&'static str),
    /// `getattr`.
    Attribute,
    /// `copyreg._reconstructor`, `copyreg.__newobj__`: an instance of the first argument.
    Reconstructor,
    /// A class of storages, with its element type; one without types its tensors instead.
    Storage(Option<DType>),
    /// `torch.storage._load_from_bytes`: a storage, as a whole file of the old format in bytes.
    StorageOfBytes,
    /// An element type.
    DType(DType),
    /// `_rebuild_tensor`, `_rebuild_tensor_v2`.
    Tensor,
    /// `_rebuild_tensor_v3`, which has the element type as its seventh argument.
    TypedTensor,
    /// `_rebuild_parameter`, `_rebuild_parameter_with_state`, a class around one tensor.
    Parameter,
    /// `_rebuild_from_type_v2`: function, class, arguments, state.
    FromType,
    /// `_rebuild_sparse_tensor`.
    Sparse,
    /// `_rebuild_qtensor`.
    Quantized,
    /// `_rebuild_nested_tensor`.
    Nested,
    /// `_rebuild_meta_tensor_no_storage`.
    Meta,
    /// `_rebuild_wrapper_subclass`.
    Wrapper,
    /// `torch.device`.
    Device,
    /// `torch.serialization._get_layout`.
    Layout,
    /// `numpy…_reconstruct`.
    Array,
    /// `numpy…_frombuffer`.
    ArrayOfBuffer,
    /// `joblib.numpy_pickle.NumpyArrayWrapper`, with the elements behind its state.
    ArrayBehind,
    /// `torch.distributed.checkpoint.metadata.MetadataIndex`.
    PieceIndex,
    /// `numpy…scalar`.
    Scalar,
    /// `numpy.dtype`.
    ArrayType,
    /// Anything else.
    Other,
}

impl Known {
    /// What `import` means. Modules that Python 2 called otherwise are known by both names.
    pub(in crate::format) fn of(import: &Import) -> Self {
        if !import.is_constant {
            return Self::Other;
        }
        let name = import.name.as_str();
        match import.module.as_str() {
            "collections" => collection(name),
            "builtins" | "__builtin__" => builtin(name),
            "_codecs" if name == "encode" => Self::Encode,
            "pathlib" | "pathlib._local" if name.ends_with("Path") => Self::Path,
            "datetime" => time(name),
            "copyreg" | "copy_reg" if matches!(name, "_reconstructor" | "__newobj__") => Self::Reconstructor,
            "torch._utils" => rebuild(name),
            "torch._tensor" | "torch.tensor" if name.starts_with("_rebuild_from_type") => Self::FromType,
            "torch.nn.parameter" if name == "Parameter" => Self::Parameter,
            "torch.serialization" if name == "_get_layout" => Self::Layout,
            "torch" | "torch.cuda" | "torch.storage" => torch(name),
            "numpy" => numpy(name),
            module if module.starts_with("numpy.") => numpy(name),
            "torch.distributed.checkpoint.metadata" if name == "MetadataIndex" => Self::PieceIndex,
            "joblib.numpy_pickle" | "sklearn.externals.joblib.numpy_pickle" if name == "NumpyArrayWrapper" => {
                Self::ArrayBehind
            }
            "ml_dtypes" => dtype(name).map_or(Self::Other, Self::DType),
            _ => Self::Other,
        }
    }
}

fn collection(name: &str) -> Known {
    match name {
        "OrderedDict" | "defaultdict" | "Counter" => Known::Dict,
        "deque" => Known::List,
        _ => Known::Other,
    }
}

fn builtin(name: &str) -> Known {
    match name {
        "dict" => Known::Dict,
        "list" | "tuple" | "set" | "frozenset" => Known::List,
        "bytes" | "bytearray" => Known::Bytes,
        "complex" => Known::Complex,
        "getattr" => Known::Attribute,
        _ => Known::Other,
    }
}

fn time(name: &str) -> Known {
    match name {
        "datetime" => Known::Time("datetime"),
        "date" => Known::Time("date"),
        "time" => Known::Time("time"),
        "timedelta" => Known::Time("timedelta"),
        _ => Known::Other,
    }
}

fn rebuild(name: &str) -> Known {
    match name {
        "_rebuild_tensor" | "_rebuild_tensor_v2" => Known::Tensor,
        "_rebuild_tensor_v3" => Known::TypedTensor,
        "_rebuild_parameter" | "_rebuild_parameter_with_state" => Known::Parameter,
        "_rebuild_device_tensor_from_numpy" | "_rebuild_xla_tensor" | "_rebuild_device_tensor_from_cpu_tensor" => {
            Known::Parameter
        }
        "_rebuild_sparse_tensor" | "_rebuild_sparse_csr_tensor" => Known::Sparse,
        "_rebuild_qtensor" => Known::Quantized,
        "_rebuild_nested_tensor" => Known::Nested,
        "_rebuild_meta_tensor_no_storage" => Known::Meta,
        "_rebuild_wrapper_subclass" => Known::Wrapper,
        _ => Known::Other,
    }
}

fn torch(name: &str) -> Known {
    match name {
        "Size" => Known::List,
        "device" => Known::Device,
        "UntypedStorage" => Known::Storage(None),
        "_load_from_bytes" => Known::StorageOfBytes,
        _ => match name.strip_suffix("Storage") {
            Some(kind) => storage_dtype(kind).map_or(Known::Other, |dtype| Known::Storage(Some(dtype))),
            None => dtype(name).map_or(Known::Other, Known::DType),
        },
    }
}

fn numpy(name: &str) -> Known {
    match name {
        "_reconstruct" => Known::Array,
        "_frombuffer" => Known::ArrayOfBuffer,
        "scalar" => Known::Scalar,
        "dtype" => Known::ArrayType,
        _ => Known::Other,
    }
}

/// The element type of `torch.<kind>Storage`.
fn storage_dtype(kind: &str) -> Option<DType> {
    let other = |name: &str, bits| DType::Other(name.into(), bits);
    Some(match kind {
        "Float" => DType::F32,
        "Double" => DType::F64,
        "Half" => DType::F16,
        "BFloat16" => DType::BF16,
        "Long" => DType::I64,
        "Int" => DType::I32,
        "Short" => DType::I16,
        "Char" => DType::I8,
        "Byte" => DType::U8,
        "Bool" => DType::Bool,
        "ComplexFloat" => DType::C64,
        "ComplexDouble" => DType::C128,
        "QInt8" => other("qint8", 8),
        "QUInt8" => other("quint8", 8),
        "QInt32" => other("qint32", 32),
        "QUInt4x2" => other("quint4x2", 8),
        "QUInt2x4" => other("quint2x4", 8),
        _ => return None,
    })
}

/// `torch.<name>` as an element type. Types narrower than a byte take a whole one in torch.
pub(super) fn dtype(name: &str) -> Option<DType> {
    Some(match name {
        "float32" => DType::F32,
        "float64" => DType::F64,
        "float16" => DType::F16,
        "bfloat16" => DType::BF16,
        "int64" => DType::I64,
        "int32" => DType::I32,
        "int16" => DType::I16,
        "int8" => DType::I8,
        "uint8" => DType::U8,
        "uint16" => DType::U16,
        "uint32" => DType::U32,
        "uint64" => DType::U64,
        "bool" => DType::Bool,
        "complex32" => DType::C32,
        "complex64" => DType::C64,
        "complex128" => DType::C128,
        "float8_e4m3fn" => DType::F8E4M3,
        "float8_e5m2" => DType::F8E5M2,
        "float8_e8m0fnu" => DType::F8E8M0,
        "float8_e4m3fnuz" => DType::F8E4M3Fnuz,
        "float8_e5m2fnuz" => DType::F8E5M2Fnuz,
        "qint8" | "quint8" | "quint4x2" | "quint2x4" | "float4_e2m1fn_x2" => DType::Other(name.into(), 8),
        "qint32" => DType::Other(name.into(), 32),
        _ => {
            let bits = name.strip_prefix("uint").or_else(|| name.strip_prefix("int"));
            let bits: u32 = bits.or_else(|| name.strip_prefix("bits"))?.split('x').next()?.parse().ok()?;
            DType::Other(name.into(), if bits == 16 { 16 } else { 8 })
        }
    })
}
