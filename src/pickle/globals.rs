//! What PyTorch's weights-only unpickler lets a pickle name (`_get_allowed_globals` of
//! `torch/_weights_only_unpickler.py`), and what calling it gives.

/// What a value of the weights-only unpickler is, as far as opcodes ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `list`.
    List,
    /// `dict`.
    Dict,
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `collections.Counter`.
    Counter,
    /// `torch.Tensor` or one of its old classes.
    Tensor,
    /// `torch.nn.Parameter`.
    Parameter,
    /// Another value.
    Other,
}

/// What a name is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Not on the list.
    Refused,
    /// A class.
    Class(Kind),
    /// A function.
    Function(Kind),
    /// An element type, a storage class, a scheme: to be named, not to be called.
    Value,
}

/// Modules of Python 2 that are taken for those of Python 3 (`torch._utils.IMPORT_MAPPING`), as far as something of
/// theirs is on the list.
fn mapped(module: &str) -> &str {
    match module {
        "__builtin__" => "builtins",
        "UserDict" | "UserList" | "UserString" => "collections",
        other => other,
    }
}

/// Whether `torch.load(weights_only=True)` of the newest PyTorch lets a pickle name this.
pub fn is_weights_only(module: &str, name: &str) -> bool {
    class(module, name) != Named::Refused && !is_only_2_6(module, name)
}

/// Modules that are refused whatever the list says.
pub(super) fn is_blocked(module: &str) -> bool {
    matches!(module, "sys" | "os" | "posix" | "nt")
}

/// Element types that came after 2.6: two names, and the integers of one to seven bits.
pub(super) fn is_after_2_6(module: &str, name: &str) -> bool {
    let is_bits = || {
        let width = name.strip_prefix('u').unwrap_or(name).strip_prefix("int");
        width.is_some_and(|width| matches!(width.as_bytes(), [b'1'..=b'7']))
    };
    module == "torch" && (matches!(name, "float8_e8m0fnu" | "float4_e2m1fn_x2" | "bcomplex32") || is_bits())
}

/// What 2.6 took and the newest does not.
pub(super) fn is_only_2_6(module: &str, name: &str) -> bool {
    module == "torch._utils" && name == "_rebuild_nested_tensor"
}

/// What this name is.
pub(super) fn class(module: &str, name: &str) -> Named {
    let path = format!("{}.{name}", mapped(module));
    match path.as_str() {
        "collections.OrderedDict" => Named::Class(Kind::OrderedDict),
        "collections.Counter" => Named::Class(Kind::Counter),
        "torch.nn.parameter.Parameter" => Named::Class(Kind::Parameter),
        "torch.Tensor" => Named::Class(Kind::Tensor),
        "torch.Size"
        | "torch.device"
        | "builtins.bytearray"
        | "builtins.set"
        | "builtins.complex"
        | "torch.storage.TypedStorage"
        | "torch.storage.UntypedStorage" => Named::Class(Kind::Other),
        "_codecs.encode" | "torch.serialization._get_layout" => Named::Function(Kind::Other),
        "torch._tensor._rebuild_from_type_v2" => Named::Function(Kind::Tensor),
        path => match path.strip_prefix("torch.") {
            Some(rest) => of_torch(rest),
            None => Named::Refused,
        },
    }
}

fn of_torch(rest: &str) -> Named {
    if let Some(rebuild) = rest.strip_prefix("_utils._rebuild_") {
        return match rebuild {
            "parameter" | "parameter_with_state" => Named::Function(Kind::Parameter),
            "tensor"
            | "tensor_v2"
            | "tensor_v3"
            | "qtensor"
            | "sparse_tensor"
            | "nested_tensor"
            | "meta_tensor_no_storage"
            | "wrapper_subclass"
            | "device_tensor_from_numpy"
            | "device_tensor_from_cpu_tensor" => Named::Function(Kind::Tensor),
            _ => Named::Refused,
        };
    }
    let (place, word) = rest.rsplit_once('.').unwrap_or(("", rest));
    if let Some(kind) = word.strip_suffix("Tensor").filter(|kind| !kind.is_empty()) {
        let is_sparse = place.ends_with("sparse");
        let is_there = matches!(place, "" | "cuda" | "sparse" | "cuda.sparse")
            && (matches!(kind, "Byte" | "Char" | "Double" | "Float" | "Half" | "Int" | "Long" | "Short")
                || kind == "BFloat16"
                || kind == "Bool" && !is_sparse);
        return if is_there { Named::Class(Kind::Tensor) } else { Named::Refused };
    }
    if let Some(kind) = word.strip_suffix("Storage") {
        let is_plain = matches!(
            kind,
            "BFloat16"
                | "Bool"
                | "Byte"
                | "Char"
                | "ComplexDouble"
                | "ComplexFloat"
                | "Double"
                | "Float"
                | "Half"
                | "Int"
                | "Long"
                | "Short"
        );
        let is_quantized = matches!(kind, "QInt32" | "QInt8" | "QUInt2x4" | "QUInt4x2" | "QUInt8");
        let is_there = is_plain && matches!(place, "" | "cuda") || is_quantized && place.is_empty();
        return if is_there { Named::Value } else { Named::Refused };
    }
    if place.is_empty() && VALUES.contains(&word) { Named::Value } else { Named::Refused }
}

/// Element types and quantisation schemes.
const VALUES: [&str; 52] = [
    "bcomplex32",
    "bfloat16",
    "bits16",
    "bits1x8",
    "bits2x4",
    "bits4x2",
    "bits8",
    "bool",
    "complex128",
    "complex32",
    "complex64",
    "float16",
    "float32",
    "float4_e2m1fn_x2",
    "float64",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "int1",
    "int16",
    "int2",
    "int3",
    "int32",
    "int4",
    "int5",
    "int6",
    "int64",
    "int7",
    "int8",
    "per_channel_affine",
    "per_channel_affine_float_qparams",
    "per_channel_symmetric",
    "per_tensor_affine",
    "per_tensor_symmetric",
    "qint32",
    "qint8",
    "quint2x4",
    "quint4x2",
    "quint8",
    "uint1",
    "uint16",
    "uint2",
    "uint3",
    "uint32",
    "uint4",
    "uint5",
    "uint6",
    "uint64",
    "uint7",
    "uint8",
];
