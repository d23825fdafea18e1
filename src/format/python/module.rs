//! Whole modules of torch, pickled with their code by reference: shown as their `state_dict` would name them.

use super::document::Document;
use crate::error::Result;
use crate::model::{CLASS, TensorRole, Value};
use crate::pickle::{Id, Node, Object};

impl Document<'_> {
    /// The module that this is an instance of, when it has the fields of one.
    pub(super) fn module(&mut self, class: Id, object: &Object) -> Result<Option<Value>> {
        let heap = &self.program.heap;
        let Some(state) = object.states.last().copied() else { return Ok(None) };
        let field = |name: &str| heap.field(state, name);
        let (Some(parameters), Some(modules)) = (field("_parameters"), field("_modules")) else { return Ok(None) };
        let buffers = field("_buffers");
        let fleeting = field("_non_persistent_buffers_set").map(|id| self.members(id)).unwrap_or_default();
        let Node::Dict(fields) = heap.get(state) else { return Ok(None) };
        let mut map = vec![(CLASS.to_owned(), Value::Text(self.path(class)))];
        for (key, value) in fields {
            let is_own = heap.text(*key).is_some_and(|name| !name.starts_with('_'));
            if is_own {
                let key = self.key(*key);
                let value = self.at(&key, *value)?;
                map.push((key, value));
            }
        }
        let outer = self.take_role(TensorRole::Model);
        for (id, is_buffer) in [(Some(parameters), false), (buffers, true), (Some(modules), false)] {
            for (key, value) in id.map(|id| self.entries(id)).unwrap_or_default() {
                let name = self.key(key);
                if *heap.get(value) == Node::None || is_buffer && fleeting.contains(&name) {
                    continue;
                }
                let value = self.at(&name, value)?;
                map.push((name, value));
            }
        }
        self.give_role(outer);
        Ok(Some(Value::Map(map)))
    }

    /// The pairs of a dict or an ordered dict.
    fn entries(&self, id: Id) -> Vec<(Id, Id)> {
        match self.program.heap.get(id) {
            Node::Dict(pairs) => pairs.clone(),
            Node::Object(object) => object.items.clone(),
            _ => Vec::new(),
        }
    }

    /// The names in a set.
    fn members(&self, id: Id) -> Vec<String> {
        let heap = &self.program.heap;
        let items = match heap.get(id) {
            Node::Set(items) => items.as_slice(),
            Node::Object(object) => {
                let first = heap.items(object.arguments).and_then(<[Id]>::first);
                first.and_then(|id| heap.items(*id)).unwrap_or_default()
            }
            _ => &[],
        };
        items.iter().filter_map(|id| heap.text(*id).map(str::to_owned)).collect()
    }
}
