//! Calls: what is known of a class is used, anything else is its name with arguments and fields.

use super::document::Document;
use super::known::Known;
use crate::error::Result;
use crate::model::{CLASS, Value};
use crate::pickle::{Id, Node, Object, float_repr};

impl Document<'_> {
    /// The value of a call.
    pub(super) fn object(&mut self, id: Id, object: &Object) -> Result<Value> {
        if let Some(made) = self.tensor(id) {
            return self.made(made);
        }
        let program = self.program;
        let arguments = program.heap.items(object.arguments).unwrap_or_default();
        let first = arguments.first().copied();
        let known = match self.known(object.callee) {
            Known::Dict => self.dict_like(first, object).map(Some)?,
            Known::List => {
                let inner = first.and_then(|id| match program.heap.get(id) {
                    Node::List(items) | Node::Tuple(items) | Node::Set(items) => Some(items.as_slice()),
                    _ => None,
                });
                let items = [inner.unwrap_or_default(), &object.appended].concat();
                self.list(&items).map(Some)?
            }
            Known::Array | Known::ArrayOfBuffer | Known::ArrayBehind => match self.array(id) {
                Some((_, Some(objects))) => self.objects(id, objects).map(Some)?,
                Some((array, None)) => self.place_array(array).map(Some)?,
                None => None,
            },
            Known::Scalar => self.scalar(arguments)?,
            Known::ArrayType => {
                self.array_type(id).map(|described| Value::Opaque(format!("dtype {}", described.dtype)))
            }
            Known::Bytes | Known::Encode => self.raw(id)?.map(|bytes| Value::Opaque(format!("{} bytes", bytes.len()))),
            Known::Path => self.joined(arguments).map(Value::Text),
            Known::Time(kind) => self.time(kind, arguments)?.map(Value::Text),
            Known::Complex => self.complex(arguments),
            Known::Device => self.device(arguments),
            Known::Layout => first.and_then(|id| program.heap.text(id)).map(|text| Value::Opaque(text.to_owned())),
            Known::Attribute => match arguments {
                [of, name] => program.heap.text(*name).map(|name| Value::Opaque(format!("{}.{name}", self.path(*of)))),
                _ => None,
            },
            _ => None,
        };
        match known {
            Some(value) => Ok(value),
            None => self.instance(object),
        }
    }

    /// A dict by another name. Items come as the argument (a dict, or a list of pairs) or are set later.
    fn dict_like(&mut self, first: Option<Id>, object: &Object) -> Result<Value> {
        let heap = &self.program.heap;
        let mut pairs = Vec::new();
        match first.map(|id| heap.get(id)) {
            Some(Node::Dict(inner)) => pairs.extend(inner),
            Some(Node::List(items) | Node::Tuple(items)) => {
                for item in items {
                    if let Some([key, value]) = heap.items(*item) {
                        pairs.push((*key, *value));
                    }
                }
            }
            _ => {}
        }
        pairs.extend(&object.items);
        self.dict(&pairs, Vec::new())
    }

    /// An array of objects: of no dimension the object itself, else a list.
    fn objects(&mut self, id: Id, objects: Id) -> Result<Value> {
        let is_scalar = self.array(id).is_some_and(|(array, _)| array.shape.is_empty());
        let items = self.program.heap.items(objects).unwrap_or_default();
        match items {
            [only] if is_scalar => self.value(*only),
            items => self.list(items),
        }
    }

    /// An instance: its class, then what it was made of and its fields.
    fn instance(&mut self, object: &Object) -> Result<Value> {
        let heap = &self.program.heap;
        let mut class = object.callee;
        let mut arguments = heap.items(object.arguments).unwrap_or_default();
        if self.known(class) == Known::Reconstructor
            && let [real, rest @ ..] = arguments
        {
            // (class, base, state of the base): the base is `object` most often.
            (class, arguments) = (*real, if rest.last() == Some(&Id::NONE) { &[] } else { rest });
        }
        if let Some(module) = self.module(class, object)? {
            return Ok(module);
        }
        let mut map = vec![(CLASS.to_owned(), Value::Text(self.path(class)))];
        match arguments {
            [] => {}
            [only] if object.states.is_empty() && object.items.is_empty() => {
                map.push(("value".to_owned(), self.at("value", *only)?));
            }
            arguments => {
                let arguments = arguments.to_vec();
                map.push(("args".to_owned(), self.list(&arguments)?));
            }
        }
        if let Some(keywords) = object.keywords {
            map.push(("kwargs".to_owned(), self.at("kwargs", keywords)?));
        }
        let mut fields = Vec::new();
        for state in &object.states {
            match heap.get(*state) {
                Node::Dict(pairs) => fields.extend(pairs),
                Node::None => {}
                // (fields, fields in slots)
                Node::Tuple(parts) if parts.len() == 2 && parts.iter().all(|part| is_fields(heap.get(*part))) => {
                    for part in parts {
                        if let Node::Dict(pairs) = heap.get(*part) {
                            fields.extend(pairs);
                        }
                    }
                }
                _ => map.push(("state".to_owned(), self.at("state", *state)?)),
            }
        }
        fields.extend(&object.items);
        let mut value = self.dict(&fields, map)?;
        if let (Value::Map(map), false) = (&mut value, object.appended.is_empty()) {
            map.push(("items".to_owned(), self.list(&object.appended)?));
        }
        Ok(value)
    }

    /// A path from its parts.
    fn joined(&self, arguments: &[Id]) -> Option<String> {
        let parts: Option<Vec<&str>> = arguments.iter().map(|id| self.program.heap.text(*id)).collect();
        let parts = parts?;
        Some(match parts.as_slice() {
            [] => ".".to_owned(),
            ["/"] => "/".to_owned(),
            ["/", rest @ ..] => format!("/{}", rest.join("/")),
            parts => parts.join("/"),
        })
    }

    fn complex(&self, arguments: &[Id]) -> Option<Value> {
        let number = |id: &Id| match self.program.heap.get(*id) {
            Node::Float(value) => Some(float_repr(*value)),
            Node::Int(value) => Some(value.to_string()),
            _ => None,
        };
        let [real, imaginary] = arguments else { return None };
        let (real, imaginary) = (number(real)?, number(imaginary)?);
        let plus = if imaginary.starts_with('-') { "" } else { "+" };
        Some(Value::Opaque(format!("complex {real}{plus}{imaginary}j")))
    }

    fn device(&self, arguments: &[Id]) -> Option<Value> {
        let heap = &self.program.heap;
        let kind = heap.text(*arguments.first()?)?;
        let index = arguments.get(1).and_then(|id| heap.int(*id));
        Some(Value::Text(index.map_or_else(|| kind.to_owned(), |index| format!("{kind}:{index}"))))
    }

    /// Points and spans of time as ISO 8601 writes them (`datetime.__reduce__`).
    fn time(&self, kind: &str, arguments: &[Id]) -> Result<Option<String>> {
        if kind == "timedelta" {
            let numbers: Option<Vec<i64>> = arguments.iter().map(|id| self.program.heap.int(*id)).collect();
            return Ok(match numbers.as_deref() {
                Some([days, seconds, micros]) => Some(format!("{days} days, {seconds}.{micros:06} s")),
                _ => None,
            });
        }
        let Some(first) = arguments.first() else { return Ok(None) };
        let Some(bytes) = self.raw(*first)? else { return Ok(None) };
        let zone = arguments.get(1).map_or_else(String::new, |zone| format!(" {}", self.path(*zone)));
        Ok(stamp(kind, &bytes).map(|text| text + &zone))
    }
}

fn is_fields(node: &Node) -> bool {
    matches!(node, Node::Dict(_) | Node::None)
}

/// Year in two bytes, month, day; hour, minute, second, microseconds in three.
fn stamp(kind: &str, bytes: &[u8]) -> Option<String> {
    let date = |bytes: &[u8; 4]| {
        let [high, low, month, day] = *bytes;
        format!("{:04}-{:02}-{day:02}", u16::from_be_bytes([high, low]), month & 0x7f)
    };
    let time = |bytes: &[u8; 6]| {
        let [hour, minute, second, a, b, c] = *bytes;
        let micros = u32::from_be_bytes([0, a, b, c]);
        let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
        format!("{:02}:{minute:02}:{second:02}{fraction}", hour & 0x7f)
    };
    match (kind, bytes.len()) {
        ("date", 4) => Some(date(bytes.first_chunk()?)),
        ("time", 6) => Some(time(bytes.first_chunk()?)),
        ("datetime", 10) => Some(format!("{}T{}", date(bytes.first_chunk()?), time(bytes.last_chunk()?))),
        _ => None,
    }
}
