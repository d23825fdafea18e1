//! The report as JSON: parts over several lines, each row of a list on one, so that a person can read it and `diff` and
//! `grep` work by line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::Report;

/// The report as UTF-8 JSON with a line end at its end.
///
/// # Errors
/// None that is known of: writing to memory does not fail, and every key is text.
pub fn to_json(report: &Report<'_>) -> serde_json::Result<Vec<u8>> {
    // Most of a large report is tensors, about this long each.
    let mut bytes = Vec::with_capacity(report.tensors.len().saturating_mul(160).saturating_add(4096));
    report.serialize(&mut Serializer::with_formatter(&mut bytes, Rows::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Keys whose object, or the objects in whose list, are parts: one line a key.
const PARTS: [&str; 8] =
    ["runs", "checkpoints", "pickles", "integrity", "comparison", "lora", "retention", "run_sheet"];

/// How an open list or object is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// An object with a line a key.
    Part,
    /// A list with a line an item.
    Lines {
        /// The items are parts.
        of_parts: bool,
    },
    /// All on one line.
    Row,
}

/// Lays the report out.
#[derive(Default)]
struct Rows {
    open: Vec<(Layout, bool)>,
    key: String,
    reads_key: bool,
}

impl Rows {
    fn layout(&self) -> Option<Layout> {
        self.open.last().map(|(layout, _)| *layout)
    }

    fn is_part_key(&self) -> bool {
        PARTS.contains(&self.key.as_str())
    }

    fn break_line<W: Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| writer.write_all(b"  "))
    }

    /// What stands between two items, or before the first; `space` for an object on one line.
    fn separate<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool, space: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if let Some((_, has_items)) = self.open.last_mut() {
            *has_items = true;
        }
        match self.layout() {
            Some(Layout::Row) if space || !first => writer.write_all(b" "),
            Some(Layout::Row) => Ok(()),
            _ => self.break_line(writer),
        }
    }

    fn close<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8], space: bool) -> io::Result<()> {
        match self.open.pop() {
            Some((Layout::Row, true)) if space => writer.write_all(b" ")?,
            Some((Layout::Part | Layout::Lines { .. }, true)) => self.break_line(writer)?,
            _ => {}
        }
        writer.write_all(bracket)
    }
}

impl Formatter for Rows {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        let layout = match self.layout() {
            Some(Layout::Part) => Layout::Lines { of_parts: self.is_part_key() },
            _ => Layout::Row,
        };
        self.open.push((layout, false));
        writer.write_all(b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]", false)
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.separate(writer, first, false)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        let layout = match self.layout() {
            None | Some(Layout::Lines { of_parts: true }) => Layout::Part,
            Some(Layout::Part) if self.is_part_key() => Layout::Part,
            _ => Layout::Row,
        };
        self.open.push((layout, false));
        writer.write_all(b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}", true)
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.reads_key = true;
        self.key.clear();
        self.separate(writer, first, true)
    }

    fn write_string_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if self.reads_key {
            self.key.push_str(fragment);
        }
        writer.write_all(fragment.as_bytes())
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.reads_key = false;
        Ok(())
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
