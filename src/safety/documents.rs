//! Code in documents: Keras' Lambda layers carry it, YAML can name what an unsafe loader calls.

use super::import;
use crate::model::{CLASS, Contents, Finding, Import, PickleVerdict, Value};

/// Findings of one file.
const MOST: usize = 100;

/// What in the document of `contents` would run code with a careless loader.
pub(super) fn findings(contents: &Contents) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(document) = &contents.document else { return found };
    match contents.format.as_str() {
        "json" => walk(document, &mut |value| lambda(value), &mut found),
        "hdf5" => walk(document, &mut |value| config(value), &mut found),
        "yaml" => walk(document, &mut |value| tag(value), &mut found),
        _ => {}
    }
    found.truncate(MOST);
    found
}

fn walk(value: &Value, each: &mut dyn FnMut(&Value) -> Option<Finding>, found: &mut Vec<Finding>) {
    if found.len() < MOST {
        found.extend(each(value));
    }
    match value {
        Value::List(items) => items.iter().for_each(|item| walk(item, each, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, value)| walk(value, each, found)),
        _ => {}
    }
}

/// `{"class_name": "Lambda", "config": {"name": …, "function": …}}`. Code that was compiled stands in base64, in a list
/// or under `__lambda__`; a function of the user's own only by its name.
fn lambda(value: &Value) -> Option<Finding> {
    if value.get("class_name")?.text() != Some("Lambda") {
        return None;
    }
    let config = value.get("config")?;
    let name = config.get("name").and_then(Value::text).unwrap_or("?");
    let function = config.get("function")?;
    let is_code =
        matches!(function, Value::List(_)) || function.get("class_name").and_then(Value::text) == Some("__lambda__");
    let message = |what: &str| format!("layer {name:?} is a Lambda: Keras runs {what} when the model is used");
    Some(match is_code {
        true => Finding::error("keras-lambda", message("compiled code from this file")),
        false => Finding::warning("keras-lambda", message("a function that the file names")),
    })
}

/// The model's configuration as text in an attribute.
fn config(value: &Value) -> Option<Finding> {
    let text = value.text().filter(|text| text.starts_with('{') && text.contains("\"Lambda\""))?;
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !compact.contains("\"class_name\":\"Lambda\"") {
        return None;
    }
    let message = "the model has a Lambda layer: Keras runs its code when the model is used";
    Some(Finding::error("keras-lambda", message))
}

/// `!!python/object/apply:os.system`: what `yaml.unsafe_load` would import and call.
fn tag(value: &Value) -> Option<Finding> {
    let path = match value {
        Value::Map(pairs) => match pairs.first() {
            Some((key, Value::Text(class))) if key == CLASS => class.as_str(),
            _ => return None,
        },
        Value::Opaque(words) => {
            ["python/name:", "python/module:"].iter().find_map(|start| words.strip_prefix(start))?
        }
        _ => return None,
    };
    let (module, name) = path.rsplit_once('.').unwrap_or(("builtins", path));
    let (module, name) = (module.to_owned(), name.to_owned());
    let (verdict, reason) = import::judge(&Import { module, name, offset: 0, times: 1, is_constant: true });
    let message = format!("a tag names {path}, which an unsafe YAML loader would call: {reason}");
    match verdict {
        PickleVerdict::Dangerous => Some(Finding::error("yaml-python", message)),
        PickleVerdict::Unknown => Some(Finding::warning("yaml-python", message)),
        PickleVerdict::Known | PickleVerdict::PlainTensors => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn map(pairs: &[(&str, Value)]) -> Value {
        Value::Map(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn said(format: &str, document: Value) -> Vec<(String, String)> {
        let contents = Contents { document: Some(document), ..Contents::new(format, "") };
        findings(&contents).into_iter().map(|f| (f.code, format!("{:?}", f.severity))).collect()
    }

    #[test]
    fn lambda_layers_are_told_by_what_they_carry() {
        let layer = |function: Value| {
            let config = map(&[("name", text("l")), ("function", function)]);
            map(&[("layers", Value::List(vec![map(&[("class_name", text("Lambda")), ("config", config)])]))])
        };
        let code = map(&[("class_name", text("__lambda__")), ("config", map(&[("code", text("4wEA"))]))]);
        let expected = |severity: &str| vec![("keras-lambda".to_owned(), severity.to_owned())];
        assert_eq!(said("json", layer(code)), expected("Error"));
        assert_eq!(said("json", layer(Value::List(vec![text("4wEA"), Value::Null]))), expected("Error"));
        assert_eq!(said("json", layer(text("scale"))), expected("Warning"));
        let attribute = "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Lambda\"}]}";
        assert_eq!(said("hdf5", map(&[("model_config", text(attribute))])), expected("Error"));
        assert_eq!(said("json", map(&[("class_name", text("Dense"))])), []);
    }

    #[test]
    fn tags_are_judged_like_imports() {
        let object = |class: &str| map(&[("x", map(&[(CLASS, text(class))]))]);
        assert_eq!(said("yaml", object("os.system")), [("yaml-python".to_owned(), "Error".to_owned())]);
        assert_eq!(said("yaml", object("mine.Thing")), [("yaml-python".to_owned(), "Warning".to_owned())]);
        assert_eq!(said("yaml", object("pathlib.PosixPath")), []);
        assert_eq!(said("yaml", Value::Opaque("python/name:builtins.eval".to_owned())).len(), 1);
    }
}
