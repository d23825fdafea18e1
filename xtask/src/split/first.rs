//! The first part: the module as it was, but where a function went to the rest stands a door to it: it has the rest
//! loaded if it is not there yet, and calls the function through the table.

use super::deal::Deal;
use super::module::{Module, failed};
use super::rest::lent_name;
use crate::process::Result;
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder as encoder;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{ExportKind, ValType};
use wasmparser as parser;

type Done = std::result::Result<(), reencode::Error<Infallible>>;

/// What the first part imports to have the rest loaded: module and name.
pub(super) const LOAD: (&str, &str) = ("rest", "load");

/// Encodes the first part.
pub(super) fn encode(bytes: &[u8], module: &Module, deal: &Deal) -> Result<Vec<u8>> {
    let mut encoded = encoder::Module::new();
    let mut first = First::new(module, deal);
    first.parse_core_module(&mut encoded, parser::Parser::new(0), bytes).map_err(failed)?;
    Ok(encoded.finish())
}

struct First<'a> {
    module: &'a Module,
    deal: &'a Deal,
    /// New indexes of the functions that stay, and of doors.
    indexes: BTreeMap<u32, u32>,
    /// The own function whose body comes next.
    next: u32,
}

impl<'a> First<'a> {
    fn new(module: &'a Module, deal: &'a Deal) -> Self {
        let imported = 0..module.imported;
        // One function more is imported: the loader, after the others.
        let own = module.imported + 1..;
        let indexes = imported.map(|function| (function, function)).chain(deal.kept(module).zip(own)).collect();
        Self { module, deal, indexes, next: module.imported }
    }

    /// The type of a function without parameters and results comes after the module's own.
    fn load_type(&self) -> u32 {
        u32::try_from(self.module.types.len()).unwrap_or(u32::MAX)
    }

    /// Says whether the rest is there: a global after the module's own.
    fn is_there(&self) -> u32 {
        u32::try_from(self.module.globals.len()).unwrap_or(u32::MAX)
    }

    fn door(&self, function: u32, place: u32) -> encoder::Function {
        let kind = self.module.functions.get(function as usize).copied().unwrap_or(u32::MAX);
        let parameters = self.module.types.get(kind as usize).map_or(0, |kind| kind.params().len());
        let mut body = encoder::Function::new([]);
        let mut instructions = body.instructions();
        instructions.global_get(self.is_there()).i32_eqz().if_(encoder::BlockType::Empty);
        instructions.call(self.module.imported).end();
        for parameter in 0..u32::try_from(parameters).unwrap_or(u32::MAX) {
            instructions.local_get(parameter);
        }
        instructions.i32_const(place.cast_signed()).call_indirect(self.module.table, kind).end();
        body
    }
}

impl Reencode for First<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> std::result::Result<u32, reencode::Error<Infallible>> {
        // A function that is not there makes the module invalid, which is looked at in the end.
        Ok(self.indexes.get(&function).copied().unwrap_or(u32::MAX))
    }

    fn parse_type_section(&mut self, types: &mut encoder::TypeSection, old: parser::TypeSectionReader<'_>) -> Done {
        utils::parse_type_section(self, types, old)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut encoder::ImportSection,
        old: parser::ImportSectionReader<'_>,
    ) -> Done {
        utils::parse_import_section(self, imports, old)?;
        let (module, name) = LOAD;
        imports.import(module, name, encoder::EntityType::Function(self.load_type()));
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut encoder::FunctionSection,
        _: parser::FunctionSectionReader<'_>,
    ) -> Done {
        for function in self.module.own().filter(|function| self.indexes.contains_key(function)) {
            functions.function(self.module.functions.get(function as usize).copied().unwrap_or(u32::MAX));
        }
        Ok(())
    }

    fn parse_table_section(&mut self, tables: &mut encoder::TableSection, _: parser::TableSectionReader<'_>) -> Done {
        for (index, table) in self.module.tables.iter().enumerate() {
            let mut table = self.table_type(*table)?;
            if index == self.module.table as usize {
                table.minimum = self.deal.table_size;
                table.maximum = table.maximum.map(|maximum| maximum.max(self.deal.table_size));
            }
            tables.table(table);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut encoder::GlobalSection,
        old: parser::GlobalSectionReader<'_>,
    ) -> Done {
        utils::parse_global_section(self, globals, old)?;
        let kind = encoder::GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(kind, &encoder::ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut encoder::ExportSection,
        old: parser::ExportSectionReader<'_>,
    ) -> Done {
        utils::parse_export_section(self, exports, old)?;
        exports.export("$there", ExportKind::Global, self.is_there());
        for (kind, letter, count) in lent_parts(self.module) {
            for index in 0..count {
                exports.export(&format!("${letter}{index}"), kind, index);
            }
        }
        for (order, function) in self.deal.lent.iter().enumerate() {
            let index = self.function_index(*function)?;
            exports.export(&lent_name(order), ExportKind::Func, index);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut encoder::CodeSection, old: parser::CodeSectionReader<'_>) -> Done {
        for body in old {
            self.parse_function_body(code, body?)?;
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut encoder::CodeSection, body: parser::FunctionBody<'_>) -> Done {
        let function = self.next;
        self.next += 1;
        if !self.deal.rest.contains(&function) {
            return utils::parse_function_body(self, code, body);
        }
        if let Some(place) = self.deal.doors.get(&function).and_then(|places| places.first()) {
            code.function(&self.door(function, *place));
        }
        Ok(())
    }

    // Names, producers: nothing that is needed to run.
    fn parse_custom_section(&mut self, _: &mut encoder::Module, _: parser::CustomSectionReader<'_>) -> Done {
        Ok(())
    }
}

/// What else the rest shares: kind, letter of its names, number.
pub(super) fn lent_parts(module: &Module) -> [(ExportKind, char, u32); 3] {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    [
        (ExportKind::Memory, 'm', count(module.memories.len())),
        (ExportKind::Table, 't', count(module.tables.len())),
        (ExportKind::Global, 'g', count(module.globals.len())),
    ]
}
