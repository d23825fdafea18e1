//! The header of an array (`numpy.lib.format`, versions 1 to 3): magic, version, length, a Python dict.

use super::descr::{Described, describe, dimensions};
use super::literal::{self, Literal};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{DType, Finding, Order, Place, Tensor, TensorRole, elements};

/// How an array begins.
pub(in crate::format) const MAGIC: &[u8] = b"\x93NUMPY";

/// Code of the note that a two-byte void was taken for bfloat16.
pub(in crate::format) const BFLOAT16: &str = "npy-void2-bfloat16";

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Header {
    /// Where the data begins.
    pub(in crate::format) data: u64,
    described: Described,
    shape: Vec<u64>,
    order: Order,
    findings: Vec<Finding>,
}

impl Header {
    /// Bytes from the start of the file to its data, as far as `head` (10 bytes or more) tells.
    ///
    /// # Errors
    /// When `head` is no header, or claims to be longer than any.
    pub(in crate::format) fn len(head: &[u8]) -> Result<u64> {
        if head.len() < 10 && (MAGIC.starts_with(head) || head.starts_with(MAGIC)) {
            let what = format!("the array ends inside its header: {} bytes are there", head.len());
            return Err(Error::malformed("npy", head.len() as u64, what));
        }
        if !head.starts_with(MAGIC) {
            return Err(Error::malformed("npy", 0, "expected \\x93NUMPY, found other bytes"));
        }
        let version = (head.get(6).copied().unwrap_or(0), head.get(7).copied().unwrap_or(0));
        let rest = head.get(8..).unwrap_or_default();
        let (before, len) = match version {
            (1, 0) => (10_u64, rest.first_chunk().map(|bytes| u64::from(u16::from_le_bytes(*bytes)))),
            (2 | 3, 0) => (12, rest.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)))),
            (major, minor) => {
                return Err(Error::malformed("npy", 6, format!("expected version 1.0 to 3.0, found {major}.{minor}")));
            }
        };
        let len = len.ok_or_else(|| Error::malformed("npy", head.len() as u64, "the header is cut off"))?;
        limits::check("npy header", limits::NPY_HEADER, len)?;
        before.checked_add(len).ok_or_else(|| Error::malformed("npy", 8, "the header is too long"))
    }

    /// Parses a whole header.
    ///
    /// # Errors
    /// When it is no header, or one of its three entries is missing or not understood.
    pub(in crate::format) fn parse(bytes: &[u8]) -> Result<Self> {
        let data = Self::len(bytes)?;
        let before: usize = if bytes.get(6) == Some(&1) { 10 } else { 12 };
        let text = usize::try_from(data).ok().and_then(|end| bytes.get(before..end)).ok_or_else(|| {
            let (takes, there) = (data, bytes.len());
            Error::malformed("npy", 8, format!("the header takes {takes} bytes, {there} are there"))
        })?;
        let latin1;
        let text = if bytes.get(6) == Some(&3) || text.is_ascii() {
            text
        } else {
            latin1 = text.iter().map(|&byte| char::from(byte)).collect::<String>();
            latin1.as_bytes()
        };
        let at = |offset: usize| before.saturating_add(offset) as u64;
        let (dict, end) = literal::parse(text).map_err(|(offset, what)| Error::malformed("npy", at(offset), what))?;
        let mut findings = Vec::new();
        if text.get(end..).unwrap_or_default().iter().any(|byte| !byte.is_ascii_whitespace()) {
            findings.push(Finding::warning("npy-header", "something follows the dict in the header").at(at(end)));
        }
        let Literal::Dict(pairs) = dict else {
            return Err(Error::malformed("npy", at(0), "expected a dict in the header, found another value"));
        };
        Self::from_pairs(&pairs, data, at(0), findings)
    }

    fn from_pairs(pairs: &[(Literal, Literal)], data: u64, at: u64, mut findings: Vec<Finding>) -> Result<Self> {
        let get = |name: &str| {
            let found = pairs.iter().rev().find(|(key, _)| matches!(key, Literal::Text(key) if key == name));
            found
                .map(|(_, value)| value)
                .ok_or_else(|| Error::malformed("npy", at, format!("the header has no {name:?}")))
        };
        let wrong = |name: &str, value: &Literal| {
            let shown: String = value.to_string().chars().take(80).collect();
            Error::malformed("npy", at, format!("{name:?} in the header is {shown}, which means nothing"))
        };
        let (descr, shape, order) = (get("descr")?, get("shape")?, get("fortran_order")?);
        let described = describe(descr).ok_or_else(|| wrong("descr", descr))?;
        let lengths = dimensions(shape).ok_or_else(|| wrong("shape", shape))?;
        limits::check("dimensions", limits::DIMENSIONS as u64, lengths.len() as u64)?;
        let Literal::Bool(fortran) = order else { return Err(wrong("fortran_order", order)) };
        if pairs.len() > 3 {
            findings
                .push(Finding::warning("npy-header", format!("the header has {} entries, not 3", pairs.len())).at(at));
        }
        let order = if *fortran { Order::Fortran } else { Order::C };
        Ok(Self { data, described, shape: lengths, order, findings })
    }

    /// Whether the data is a pickle of Python objects.
    pub(in crate::format) fn is_object(&self) -> bool {
        self.described.object
    }

    /// The tensor called `name` in a file of `len` bytes (inflated), and what is wrong with it. The layers of its place
    /// lead from the start of the array's file to its data; the caller puts what leads there in front.
    pub(in crate::format) fn tensor(self, name: String, len: u64) -> (Tensor, Vec<Finding>) {
        let Self { data, described, shape, order, mut findings } = self;
        let available = len.saturating_sub(data);
        let count = elements(&shape);
        let claimed = described.width.and_then(|width| count?.checked_mul(width));
        if described.object {
            let message = format!("{} holds Python objects: its data is a pickle, which is read and never run", name);
            findings.push(Finding::warning("npy-object-array", message).at(data));
        } else if described.width.is_none() {
            let message = format!("{} has the type {}, whose width is not known", name, described.dtype);
            findings.push(Finding::warning("npy-unknown-type", message));
        } else if let Some(claimed) = claimed {
            findings.extend(compare(&name, claimed, available, data));
        } else {
            let message = format!("the shape {shape:?} of {} has more bytes than can be counted", name);
            findings.push(Finding::error("npy-shape-overflow", message));
        }
        if described.bfloat16 {
            let message = format!("{} is stored as V2, NumPy's two-byte void: taken for bfloat16", name);
            findings.push(Finding::note(BFLOAT16, message));
        }
        let whole = claimed.filter(|&claimed| claimed <= available && !described.object);
        let place = whole.map(|len| Place { order, endian: described.endian, ..Place::plain(data, len) });
        let size_bytes = claimed.filter(|_| !described.object).unwrap_or(available);
        (Tensor { name, dtype: described.dtype, shape, size_bytes, role: TensorRole::Model, place }, findings)
    }
}

fn compare(name: &str, claimed: u64, available: u64, data: u64) -> Option<Finding> {
    if available < claimed {
        let message = format!("the header of {name} says {claimed} bytes of data, the file has {available}");
        Some(Finding::error("npy-truncated", message).at(data.saturating_add(available)))
    } else if available > claimed {
        let message = format!("{} bytes follow the data of {name}", available.saturating_sub(claimed));
        Some(Finding::warning("npy-trailing", message).at(data.saturating_add(claimed)))
    } else {
        None
    }
}

/// A tensor of which only the name is known yet.
pub(in crate::format) fn pending(name: String) -> Tensor {
    let dtype = DType::Other("".into(), 0);
    Tensor { name, dtype, shape: Vec::new(), size_bytes: 0, role: TensorRole::Model, place: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endian;

    fn header(dict: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(dict.len()).unwrap().to_le_bytes());
        bytes.extend(dict.as_bytes());
        bytes
    }

    #[test]
    fn data_that_is_too_short_is_said_with_both_numbers() {
        let bytes = header("{'descr': '>f4', 'fortran_order': True, 'shape': (32, 32), }\n");
        let data = bytes.len() as u64;
        let (tensor, findings) = Header::parse(&bytes).unwrap().tensor("w".into(), data + 1024);
        assert_eq!((tensor.dtype.name(), tensor.shape.as_slice(), tensor.place), ("F32", &[32, 32][..], None));
        assert_eq!(findings[0].message, "the header of w says 4096 bytes of data, the file has 1024");
        let (tensor, findings) = Header::parse(&bytes).unwrap().tensor("w".into(), data + 4096);
        let place = tensor.place.unwrap();
        assert_eq!((place.order, place.endian), (Order::Fortran, Endian::Big));
        assert!(findings.is_empty());
    }

    #[test]
    fn lies_are_errors_or_findings() {
        let said = |bytes: &[u8]| Header::parse(bytes).unwrap_err().to_string();
        assert!(said(b"\x93NUMPY\x01\x00\xff\xff{}").contains("takes 65545 bytes, 12 are there"));
        assert!(said(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("limit npy header"));
        assert!(said(b"\x93NUMPY\x09\x00\0\0").contains("found 9.0"));
        assert!(said(&header("{'descr': '<f4', 'shape': ()}")).contains("no \"fortran_order\""));
        assert!(said(&header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}")).contains("(-1,)"));
        let huge = header("{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551615, 2)}");
        let (tensor, findings) = Header::parse(&huge).unwrap().tensor(String::new(), 100);
        assert_eq!((findings[0].code.as_str(), tensor.place), ("npy-shape-overflow", None));
    }
}
