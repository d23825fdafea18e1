//! What has to be known of a WebAssembly module before its functions are dealt out: its functions by name, who calls
//! whom, and which of them lie in a table.

use crate::process::Result;
use std::collections::BTreeMap;
use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FuncType, GlobalType, KnownCustom, MemoryType, Name, Operator, Parser,
    Payload, TableType, TypeRef,
};

/// A module, read.
#[derive(Default)]
pub(super) struct Module {
    /// The number of imported functions, which come first among the functions.
    pub(super) imported: u32,
    /// The type of each function, imported ones too, as an index of `types`.
    pub(super) functions: Vec<u32>,
    /// The types of functions; a module of wasm-bindgen has no others.
    pub(super) types: Vec<FuncType>,
    /// The tables.
    pub(super) tables: Vec<TableType>,
    /// The memories.
    pub(super) memories: Vec<MemoryType>,
    /// The globals.
    pub(super) globals: Vec<GlobalType>,
    /// The exported functions, and the one that starts the module.
    pub(super) exported: Vec<u32>,
    /// Where functions lie in the table of functions: the place, and the function.
    pub(super) places: BTreeMap<u32, u32>,
    /// Which of the tables that is.
    pub(super) table: u32,
    /// Of every own function: whom it calls, and its size in bytes.
    bodies: Vec<(Vec<u32>, u64)>,
    names: BTreeMap<u32, String>,
}

impl Module {
    /// Reads a module; everything that this project's modules do not have is refused.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload.map_err(failed)?).map_err(failed)?;
        }
        if module.names.is_empty() { Err("the module has no names of functions".into()) } else { Ok(module) }
    }

    /// A function's name.
    pub(super) fn name(&self, function: u32) -> &str {
        self.names.get(&function).map_or("", String::as_str)
    }

    /// The module's own functions.
    pub(super) fn own(&self) -> impl Iterator<Item = u32> + use<> {
        self.imported..u32::try_from(self.functions.len()).unwrap_or(u32::MAX)
    }

    /// Whom an own function calls.
    pub(super) fn calls_of(&self, function: u32) -> &[u32] {
        self.body_of(function).map_or(&[], |(calls, _)| calls)
    }

    /// The size of an own function in bytes.
    pub(super) fn size(&self, function: u32) -> u64 {
        self.body_of(function).map_or(0, |(_, size)| *size)
    }

    fn body_of(&self, function: u32) -> Option<&(Vec<u32>, u64)> {
        self.bodies.get(function.checked_sub(self.imported)? as usize)
    }

    fn take(&mut self, payload: Payload<'_>) -> std::result::Result<(), String> {
        match payload {
            Payload::TypeSection(types) => {
                for group in types.into_iter_err_on_gc_types() {
                    self.types.push(group.map_err(failed)?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let TypeRef::Func(kind) = import.map_err(failed)?.ty else {
                        return Err("something other than a function is imported".into());
                    };
                    self.imported += 1;
                    self.functions.push(kind);
                }
            }
            Payload::FunctionSection(kinds) => {
                for kind in kinds {
                    self.functions.push(kind.map_err(failed)?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table.map_err(failed)?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(memory.map_err(failed)?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(global.map_err(failed)?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(failed)?;
                    if export.kind == ExternalKind::Func {
                        self.exported.push(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => self.exported.push(func),
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.element(element.map_err(failed)?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.take_names(names)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, element: wasmparser::Element<'_>) -> std::result::Result<(), String> {
        let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            return Err("a table is filled in a way that is not known here".into());
        };
        let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read() else {
            return Err("a table is filled from a place that is not known before the module runs".into());
        };
        let table = table_index.unwrap_or(0);
        if !self.places.is_empty() && table != self.table {
            return Err("more than one table holds functions".into());
        }
        self.table = table;
        let first = u32::try_from(value).map_err(failed)?;
        for (place, function) in (first..).zip(functions) {
            self.places.insert(place, function.map_err(failed)?);
        }
        Ok(())
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'_>) -> std::result::Result<(), String> {
        let range = body.range();
        let mut calls = Vec::new();
        for operator in body.get_operators_reader().map_err(failed)? {
            match operator.map_err(failed)? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    calls.push(function_index);
                }
                Operator::RefFunc { .. } | Operator::MemoryInit { .. } | Operator::TableInit { .. } => {
                    return Err("an instruction that would need more than calls to be followed".into());
                }
                _ => {}
            }
        }
        calls.sort_unstable();
        calls.dedup();
        self.bodies.push((calls, range.end.saturating_sub(range.start)));
        Ok(())
    }

    fn take_names(&mut self, names: wasmparser::NameSectionReader<'_>) -> std::result::Result<(), String> {
        for part in names {
            if let Name::Function(map) = part.map_err(failed)? {
                for naming in map {
                    let naming = naming.map_err(failed)?;
                    self.names.insert(naming.index, naming.name.to_owned());
                }
            }
        }
        Ok(())
    }
}

/// A library's error, in its words.
pub(super) fn failed(cause: impl std::fmt::Display) -> String {
    cause.to_string()
}
