//! Datasets: shape (IV.A.2.b), type, and where the data is (IV.A.2.i).

use super::datatype::{self, Datatype};
use super::header::{Header, Message};
use super::reader::Reader;
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Place, Tensor, TensorRole, elements};

/// Where the data is.
enum Layout {
    /// In one piece: where, and how long.
    Piece(u64, u64),
    /// In chunks, or computed from other files.
    Scattered,
    /// Not written yet.
    Nowhere,
}

/// Reads the dataset with this header; true when its data is in pieces.
pub(super) fn read(
    reader: &mut Reader,
    header: &Header,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Result<(Tensor, bool)> {
    let missing = |what: &str, reader: &Reader| reader.wrong(format!("a dataset without {what}"));
    let message = header.find(Message::DATATYPE).ok_or_else(|| missing("a type", reader))?;
    let Datatype { dtype, endian, size, .. } = datatype::of_message(reader, message)?;
    let message = header.find(Message::DATASPACE).ok_or_else(|| missing("a shape", reader))?;
    reader.go_to(message.at);
    let shape = shape(reader)?;
    let message = header.find(Message::LAYOUT).ok_or_else(|| missing("a layout", reader))?;
    reader.go_to(message.at);
    let bytes = elements(&shape).and_then(|count| count.checked_mul(size));
    let layout = layout(reader, bytes.unwrap_or(0))?;
    let is_scattered = matches!(layout, Layout::Scattered);
    let place = match layout {
        Layout::Piece(at, len) if at.checked_add(len).is_none_or(|end| end > reader.len) => {
            let message =
                format!("the data of /{name} ends at byte {}, the file at {}", at.saturating_add(len), reader.len);
            add(findings, Finding::error("hdf5-data-missing", message).at(at));
            None
        }
        Layout::Piece(at, len) if bytes.is_some_and(|bytes| bytes != len) => {
            let message = format!("/{name}: {dtype} {shape:?} takes {} bytes, {len} are there", bytes.unwrap_or(0));
            add(findings, Finding::error("hdf5-size", message).at(at));
            None
        }
        Layout::Piece(at, len) => Some(Place { endian, ..Place::plain(at, len) }),
        Layout::Scattered | Layout::Nowhere => None,
    };
    let size_bytes = bytes.unwrap_or(0);
    let role = TensorRole::Model;
    Ok((Tensor { name: name.to_owned(), dtype, shape, size_bytes, role, place }, is_scattered))
}

fn add(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < limits::FINDINGS {
        findings.push(finding);
    }
}

/// The dataspace that begins here: lengths of the dimensions.
pub(super) fn shape(reader: &mut Reader) -> Result<Vec<u64>> {
    let version = reader.uint(1, "the version of a dataspace")?;
    let rank = reader.uint(1, "the number of dimensions")?;
    limits::check("dimensions", limits::DIMENSIONS as u64, rank)?;
    reader.skip(1, "flags")?;
    match version {
        1 => reader.skip(5, "a dataspace")?,
        2 if reader.uint(1, "the kind of a dataspace")? == 2 => return Ok(vec![0]),
        2 => {}
        _ => return Err(reader.wrong(format!("expected a dataspace of version 1 or 2, found {version}"))),
    }
    let mut shape = Vec::new();
    for _ in 0..rank {
        shape.push(reader.length("a dimension")?);
    }
    Ok(shape)
}

/// The layout that begins here, of a dataset of `bytes` bytes.
fn layout(reader: &mut Reader, bytes: u64) -> Result<Layout> {
    let version = reader.uint(1, "the version of a layout")?;
    match version {
        1 | 2 => {
            let rank = reader.uint(1, "the number of dimensions")?;
            let class = reader.uint(1, "the class of a layout")?;
            reader.skip(5, "a layout")?;
            if class == 0 {
                reader.skip(rank.saturating_mul(4), "dimensions")?;
                let len = reader.uint(4, "the length of data")?;
                return Ok(Layout::Piece(reader.at(), len));
            }
            let address = reader.address("the address of data")?;
            Ok(if class == 1 { piece(reader, address, bytes) } else { Layout::Scattered })
        }
        3..=5 => match reader.uint(1, "the class of a layout")? {
            0 => {
                let len = reader.uint(2, "the length of data")?;
                Ok(Layout::Piece(reader.at(), len))
            }
            1 => {
                let address = reader.address("the address of data")?;
                let len = reader.length("the length of data")?;
                Ok(piece(reader, address, len))
            }
            _ => Ok(Layout::Scattered),
        },
        _ => Err(reader.wrong(format!("expected a layout of version 1 to 5, found {version}"))),
    }
}

fn piece(reader: &Reader, address: Option<u64>, len: u64) -> Layout {
    address.map_or(Layout::Nowhere, |address| Layout::Piece(reader.absolute(address), len))
}
