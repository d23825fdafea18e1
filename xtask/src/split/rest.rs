//! The rest: the functions that were taken out, on the memory, tables and globals of the first part. Once made, it puts
//! its functions into their places in the table.

use super::deal::Deal;
use super::first::lent_parts;
use super::module::{Module, failed};
use crate::process::Result;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder as encoder;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{EntityType, ExportKind};
use wasmparser as parser;

/// The module under whose name the rest imports from the first part.
pub(super) const FROM_FIRST: &str = "first";

/// What the first part calls a function that the rest borrows.
pub(super) fn lent_name(order: usize) -> String {
    format!("${order}")
}

/// Encodes the rest.
pub(super) fn encode(bytes: &[u8], module: &Module, deal: &Deal) -> Result<Vec<u8>> {
    let mut encoded = encoder::Module::new();
    let mut rest = Rest::new(module, deal);
    for payload in parser::Parser::new(0).parse_all(bytes) {
        match payload.map_err(failed)? {
            parser::Payload::TypeSection(old) => {
                let mut types = encoder::TypeSection::new();
                rest.parse_type_section(&mut types, old).map_err(failed)?;
                encoded.section(&types).section(&rest.imports()?).section(&rest.functions());
                encoded.section(&rest.elements());
            }
            parser::Payload::CodeSectionStart { .. } => {}
            parser::Payload::CodeSectionEntry(body) => rest.take(body)?,
            _ => {}
        }
    }
    encoded.section(&rest.code);
    Ok(encoded.finish())
}

struct Rest<'a> {
    module: &'a Module,
    deal: &'a Deal,
    indexes: BTreeMap<u32, u32>,
    next: u32,
    code: encoder::CodeSection,
}

impl<'a> Rest<'a> {
    fn new(module: &'a Module, deal: &'a Deal) -> Self {
        let indexes = deal.lent.iter().chain(&deal.rest).copied().zip(0..).collect();
        Self { module, deal, indexes, next: module.imported, code: encoder::CodeSection::new() }
    }

    fn kind(&self, function: u32) -> u32 {
        self.module.functions.get(function as usize).copied().unwrap_or(u32::MAX)
    }

    fn imports(&mut self) -> Result<encoder::ImportSection> {
        let mut imports = encoder::ImportSection::new();
        for (order, function) in self.deal.lent.iter().enumerate() {
            imports.import(FROM_FIRST, &lent_name(order), EntityType::Function(self.kind(*function)));
        }
        for (kind, letter, count) in lent_parts(self.module) {
            for index in 0..count {
                imports.import(FROM_FIRST, &format!("${letter}{index}"), self.shared(kind, index as usize)?);
            }
        }
        Ok(imports)
    }

    fn shared(&mut self, kind: ExportKind, index: usize) -> Result<EntityType> {
        let module = self.module;
        Ok(match kind {
            ExportKind::Memory => {
                let memory = module.memories.get(index).ok_or("no such memory")?;
                self.memory_type(*memory).map_err(failed)?.into()
            }
            ExportKind::Table => {
                let table = module.tables.get(index).ok_or("no such table")?;
                let mut table = self.table_type(*table).map_err(failed)?;
                if index == module.table as usize {
                    table.minimum = self.deal.table_size;
                    table.maximum = table.maximum.map(|maximum| maximum.max(self.deal.table_size));
                }
                table.into()
            }
            _ => {
                let global = module.globals.get(index).ok_or("no such global")?;
                self.global_type(*global).map_err(failed)?.into()
            }
        })
    }

    fn functions(&self) -> encoder::FunctionSection {
        let mut functions = encoder::FunctionSection::new();
        for function in &self.deal.rest {
            functions.function(self.kind(*function));
        }
        functions
    }

    /// One segment for every run of places.
    fn elements(&self) -> encoder::ElementSection {
        let places: BTreeMap<u32, u32> = (self.deal.doors.iter())
            .flat_map(|(function, places)| places.iter().map(|place| (*place, *function)))
            .collect();
        let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
        for (place, function) in places {
            let index = self.indexes.get(&function).copied().unwrap_or(u32::MAX);
            match runs.last_mut() {
                Some((first, run)) if (*first as usize) + run.len() == place as usize => run.push(index),
                _ => runs.push((place, vec![index])),
            }
        }
        let mut elements = encoder::ElementSection::new();
        for (first, run) in runs {
            let table = Some(self.module.table).filter(|table| *table != 0);
            let start = encoder::ConstExpr::i32_const(first.cast_signed());
            elements.active(table, &start, encoder::Elements::Functions(Cow::Owned(run)));
        }
        elements
    }

    fn take(&mut self, body: parser::FunctionBody<'_>) -> Result {
        let function = self.next;
        self.next += 1;
        if !self.deal.rest.contains(&function) {
            return Ok(());
        }
        let mut code = std::mem::take(&mut self.code);
        let taken = self.parse_function_body(&mut code, body).map_err(failed);
        self.code = code;
        taken
    }
}

impl Reencode for Rest<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> std::result::Result<u32, reencode::Error<Infallible>> {
        Ok(self.indexes.get(&function).copied().unwrap_or(u32::MAX))
    }
}
