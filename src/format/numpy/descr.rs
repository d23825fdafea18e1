//! NumPy's descriptions of element types (`numpy.lib.format`, "descr").

use super::literal::Literal;
use crate::model::{DType, Endian, elements};

/// What a description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Described {
    /// The element type.
    pub(in crate::format) dtype: DType,
    /// Bytes of one element; `None` when not known.
    pub(in crate::format) width: Option<u64>,
    /// Byte order of an element.
    pub(in crate::format) endian: Endian,
    /// Whether elements are Python objects, so that the data is a pickle.
    pub(in crate::format) object: bool,
    /// Whether a two-byte void was taken for bfloat16.
    pub(in crate::format) bfloat16: bool,
}

/// What `descr` says; `None` when it is no description.
pub(in crate::format) fn describe(descr: &Literal) -> Option<Described> {
    match descr {
        Literal::Text(text) => simple(text),
        Literal::List(_) | Literal::Tuple(_) | Literal::Dict(_) => {
            let (width, object) = measure(descr)?;
            let name = descr.to_string();
            let bits = u32::try_from(width.checked_mul(8)?).ok()?;
            let dtype = DType::Other(name.into(), bits);
            Some(Described { dtype, width: Some(width), endian: Endian::Little, object, bfloat16: false })
        }
        _ => None,
    }
}

/// A type without fields: byte order, kind, width and, for times, a unit.
fn simple(text: &str) -> Option<Described> {
    let (order, rest) = match text.as_bytes().first()? {
        b'<' | b'>' | b'|' | b'=' => text.split_at(1),
        _ => ("|", text),
    };
    let kind = rest.get(..1)?;
    let digits: String = rest.get(1..)?.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let (width, object) = match kind {
        "O" => (None, true),
        "U" => (Some(number.checked_mul(4)?), false),
        "b" | "i" | "u" | "f" | "c" | "S" | "a" | "V" | "M" | "m" if !digits.is_empty() => (Some(number), false),
        _ => (None, false),
    };
    let endian = if order == ">" { Endian::Big } else { Endian::Little };
    let bfloat16 = kind == "V" && number == 2;
    // Where it means nothing some writers put a byte order all the same.
    let name = if matches!(order, "|" | "=") || matches!(kind, "V" | "S" | "a" | "O") { rest } else { text };
    let other = || {
        let bits = width.and_then(|width| u32::try_from(width.checked_mul(8)?).ok()).unwrap_or(0);
        DType::Other(name.into(), bits)
    };
    let dtype = match (kind, number) {
        ("b", 1) => DType::Bool,
        ("i", 1) => DType::I8,
        ("i", 2) => DType::I16,
        ("i", 4) => DType::I32,
        ("i", 8) => DType::I64,
        ("u", 1) => DType::U8,
        ("u", 2) => DType::U16,
        ("u", 4) => DType::U32,
        ("u", 8) => DType::U64,
        ("f", 2) => DType::F16,
        ("f", 4) => DType::F32,
        ("f", 8) => DType::F64,
        ("c", 8) => DType::C64,
        ("c", 16) => DType::C128,
        ("V", 2) => DType::BF16,
        _ => other(),
    };
    Some(Described { dtype, width, endian, object, bfloat16 })
}

/// Bytes of one element, and whether there are objects in it.
fn measure(descr: &Literal) -> Option<(u64, bool)> {
    match descr {
        Literal::Text(text) => {
            let simple = simple(text)?;
            // An object is a pointer in memory; in the file it is a part of a pickle.
            Some((if simple.object { 8 } else { simple.width? }, simple.object))
        }
        Literal::List(fields) => fields.iter().try_fold((0_u64, false), |(sum, objects), field| {
            let (width, object) = field_width(field)?;
            Some((sum.checked_add(width)?, objects || object))
        }),
        // A sub-array: (type, shape).
        Literal::Tuple(parts) => match parts.as_slice() {
            [inner, shape] => repeated(inner, shape),
            _ => None,
        },
        // Fields with offsets: {'names': …, 'formats': …, 'offsets': …, 'itemsize': …}.
        Literal::Dict(pairs) => pairs.iter().find_map(|(key, value)| match (key, value) {
            (Literal::Text(key), Literal::Int(size)) if key == "itemsize" => Some((u64::try_from(*size).ok()?, false)),
            _ => None,
        }),
        _ => None,
    }
}

/// A field: (name or (title, name), type) with an optional shape.
fn field_width(field: &Literal) -> Option<(u64, bool)> {
    let Literal::Tuple(parts) = field else { return None };
    match parts.as_slice() {
        [_, inner] => measure(inner),
        [_, inner, shape] => repeated(inner, shape),
        _ => None,
    }
}

fn repeated(inner: &Literal, shape: &Literal) -> Option<(u64, bool)> {
    let (width, object) = measure(inner)?;
    Some((width.checked_mul(elements(&dimensions(shape)?)?)?, object))
}

/// A shape: a tuple (or list) of lengths, or one length.
pub(super) fn dimensions(shape: &Literal) -> Option<Vec<u64>> {
    let length = |literal: &Literal| match literal {
        Literal::Int(length) => u64::try_from(*length).ok(),
        _ => None,
    };
    match shape {
        Literal::Int(_) => Some(vec![length(shape)?]),
        Literal::Tuple(lengths) | Literal::List(lengths) => lengths.iter().map(length).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::literal::parse;
    use super::*;

    fn described(text: &str) -> (String, Option<u64>) {
        let found = describe(&parse(text.as_bytes()).unwrap().0).unwrap();
        (found.dtype.name().to_owned(), found.width)
    }

    #[test]
    fn types_with_a_safetensors_name_get_it_others_keep_their_own() {
        let cases = [
            ("'<f4'", "F32", Some(4)),
            ("'>i8'", "I64", Some(8)),
            ("'|b1'", "BOOL", Some(1)),
            ("'<c16'", "C128", Some(16)),
            ("'<f16'", "<f16", Some(16)),
            ("'<c32'", "<c32", Some(32)),
            ("'|S5'", "S5", Some(5)),
            ("'<U8'", "<U8", Some(32)),
            ("'|V2'", "BF16", Some(2)),
            ("'|V3'", "V3", Some(3)),
            ("'<V1'", "V1", Some(1)),
            ("'|O'", "O", None),
            ("'<M8[ns]'", "<M8[ns]", Some(8)),
            ("[('a', '<f4'), ('b', '|O')]", "[('a', '<f4'), ('b', '|O')]", Some(12)),
            ("[('p', [('x', '<f8'), ('', '|V4')], (2, 3))]", "[('p', [('x', '<f8'), ('', '|V4')], (2, 3))]", Some(72)),
            ("('<f4', (2,))", "('<f4', (2,))", Some(8)),
        ];
        for (text, name, width) in cases {
            assert_eq!(described(text), (name.to_owned(), width), "{text}");
        }
    }

    #[test]
    fn sizes_that_overflow_are_not_believed() {
        let huge = "[('a', '<f8', (4294967296, 4294967296))]";
        assert_eq!(describe(&parse(huge.as_bytes()).unwrap().0), None);
    }
}
