//! Groups: names and addresses of what is in them, as a symbol table (III.A to III.C) or as link messages (IV.A.2.g).

use super::header::{Header, Message};
use super::reader::Reader;
use crate::error::Result;
use crate::limits;
use crate::model::Finding;

/// Nodes of one tree: a group of two million members has fewer.
const NODES: u64 = 1 << 20;

/// What is in the group with this header, in order.
pub(super) fn children(
    reader: &mut Reader,
    header: &Header,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    if let Some(message) = header.find(Message::SYMBOL_TABLE) {
        reader.go_to(message.at);
        let tree = reader.address("the address of a tree")?;
        let heap = reader.address("the address of a heap")?;
        if let Some((tree, heap)) = tree.zip(heap) {
            let names = local_heap(reader, heap)?;
            table(reader, tree, names, &mut found, findings)?;
        }
    }
    for message in header.all(Message::LINK) {
        reader.go_to(message.at);
        found.extend(link(reader, findings)?);
    }
    if let Some(message) = header.find(Message::LINK_INFO) {
        reader.go_to(message.at);
        reader.skip(1, "the version of the link info")?;
        let flags = reader.uint(1, "flags")?;
        reader.skip(if flags & 1 == 1 { 8 } else { 0 }, "an index")?;
        if reader.address("the address of a heap")?.is_some() {
            let message = "a group whose members are in a fractal heap: they are not listed";
            add(findings, Finding::warning("hdf5-dense-group", message).at(reader.at()));
        }
    }
    Ok(found)
}

fn add(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < limits::FINDINGS {
        findings.push(finding);
    }
}

/// Where the names of a symbol table are in the file.
fn local_heap(reader: &mut Reader, address: u64) -> Result<u64> {
    reader.open(address, b"HEAP", "a local heap")?;
    reader.skip(4, "a local heap")?;
    reader.length("the length of a heap")?;
    reader.length("the free list of a heap")?;
    match reader.address("the address of names")? {
        Some(names) => Ok(reader.absolute(names)),
        None => Err(reader.wrong("a local heap without names")),
    }
}

/// Goes down the tree at `address` to its symbol nodes, from left to right.
fn table(
    reader: &mut Reader,
    address: u64,
    names: u64,
    found: &mut Vec<(String, u64)>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    // Nodes still to be visited, with the levels they may have: a node may not lead up again.
    let mut waiting = vec![(address, u64::MAX)];
    let mut nodes = 0_u64;
    while let Some((address, below)) = waiting.pop() {
        nodes = nodes.saturating_add(1);
        limits::check("HDF5 tree nodes", NODES, nodes)?;
        if below == 0 {
            symbols(reader, address, names, found, findings)?;
            continue;
        }
        reader.open(address, b"TREE", "a node of a tree")?;
        let kind = reader.uint(1, "the kind of a tree")?;
        let level = reader.uint(1, "the level of a node")?;
        if kind != 0 || level >= below {
            return Err(reader
                .wrong(format!("expected a node of a group below level {below}, found kind {kind}, level {level}")));
        }
        let used = reader.uint(2, "the entries of a node")?;
        reader.address("a neighbour")?;
        reader.address("a neighbour")?;
        let mut children = Vec::new();
        for _ in 0..used {
            reader.length("a key")?;
            children.extend(reader.address("a child")?);
        }
        waiting.extend(children.into_iter().rev().map(|child| (child, level)));
    }
    Ok(())
}

/// The symbols of one node.
fn symbols(
    reader: &mut Reader,
    address: u64,
    names: u64,
    found: &mut Vec<(String, u64)>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    reader.open(address, b"SNOD", "a symbol node")?;
    reader.skip(2, "a symbol node")?;
    let count = reader.uint(2, "the number of symbols")?;
    for _ in 0..count {
        let name = reader.address("the place of a name")?.unwrap_or(0);
        let object = reader.address("the address of an object")?;
        let cached = reader.uint(4, "a symbol")?;
        reader.skip(20, "a symbol")?;
        let next = reader.at();
        let name = text(reader, names.saturating_add(name))?;
        reader.go_to(next);
        limits::check("tensors", limits::TENSORS, found.len() as u64)?;
        match object.filter(|_| cached != 2) {
            Some(object) => found.push((name, object)),
            None => add(findings, Finding::note("hdf5-soft-link", format!("{name:?} is a link by name: not followed"))),
        }
    }
    Ok(())
}

/// The text from `at` to the next zero.
fn text(reader: &mut Reader, at: u64) -> Result<String> {
    reader.go_to(at);
    let mut bytes = Vec::new();
    loop {
        match reader.uint(1, "a name")? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            byte => bytes.push(u8::try_from(byte).unwrap_or(0)),
        }
        limits::check("length of a name", limits::PATH as u64, bytes.len() as u64)?;
    }
}

/// The link that begins here; `None` when it leads out of the file or by name.
fn link(reader: &mut Reader, findings: &mut Vec<Finding>) -> Result<Option<(String, u64)>> {
    reader.skip(1, "the version of a link")?;
    let flags = reader.uint(1, "flags")?;
    let kind = if flags & 8 != 0 { reader.uint(1, "the kind of a link")? } else { 0 };
    reader.skip(if flags & 4 != 0 { 8 } else { 0 }, "the order of a link")?;
    reader.skip(if flags & 0x10 != 0 { 1 } else { 0 }, "the characters of a link")?;
    let width = 1_u64.wrapping_shl(u32::try_from(flags & 3).unwrap_or(0));
    let len = reader.uint(width, "the length of a name")?;
    limits::check("length of a name", limits::PATH as u64, len)?;
    let name = String::from_utf8_lossy(reader.take(len, "a name")?).into_owned();
    if kind == 0 {
        return Ok(reader.address("the address of an object")?.map(|object| (name, object)));
    }
    add(findings, Finding::note("hdf5-soft-link", format!("{name:?} is a link by name: not followed")));
    Ok(None)
}
