//! Single elements as text.

use super::{Code, Elements, Number};
use crate::error::Result;
use crate::model::Endian;

/// Finds elements by their index and writes them out.
#[derive(Debug)]
pub struct Reader<'a> {
    elements: &'a Elements,
    code: Code,
    steps: Vec<u64>,
}

impl<'a> Reader<'a> {
    /// Of `elements`.
    ///
    /// # Errors
    /// As [`Elements::code`].
    pub fn new(elements: &'a Elements) -> Result<Self> {
        Ok(Self { elements, code: elements.code()?, steps: elements.steps() })
    }

    /// Where the element is that comes at `index` when they are read row by row: bytes from the tensor's first, and how
    /// many.
    pub fn place(&self, index: u64) -> (u64, u64) {
        let position = self.elements.position(&self.steps, index);
        match self.code.width() {
            Some(width) => (position.saturating_mul(width as u64), width as u64),
            None => (position.wrapping_shr(1), 1),
        }
    }

    /// The numbers of the element at `index`, whose bytes these are: two for a complex one. The low half of a byte comes
    /// before its high half (as torch packs `float4_e2m1fn_x2`).
    pub fn numbers(&self, index: u64, bytes: &[u8]) -> Vec<Number> {
        let Some(width) = self.code.width() else {
            let byte = u64::from(bytes.first().copied().unwrap_or(0));
            let half = if index & 1 == 1 { byte.wrapping_shr(4) } else { byte };
            return vec![self.code.number(half)];
        };
        let each = width.checked_div(self.code.parts()).unwrap_or(1).max(1);
        let raw = |part: &[u8]| {
            let join = |raw: u64, byte: &u8| raw.wrapping_shl(8) | u64::from(*byte);
            match self.elements.endian {
                Endian::Little => part.iter().rev().fold(0, join),
                Endian::Big => part.iter().fold(0, join),
            }
        };
        bytes.chunks_exact(each).map(|part| self.code.number(raw(part))).collect()
    }

    /// The element as text that reads back as the same: a number as Rust and Python read it, a complex one as Python
    /// does (`1.5-2.0j`), a truth value as `True` or `False`.
    pub fn text(&self, index: u64, bytes: &[u8]) -> String {
        match self.numbers(index, bytes).as_slice() {
            [Number::Uint(number)] if self.code.is_bool() => if *number == 0 { "False" } else { "True" }.to_owned(),
            [number] => number.to_string(),
            [real, imaginary] => {
                let imaginary = imaginary.to_string();
                let plus = if imaginary.starts_with('-') { "" } else { "+" };
                format!("{real}{plus}{imaginary}j")
            }
            _ => String::new(),
        }
    }
}
