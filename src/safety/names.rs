//! Names and texts that are meant to deceive a reader, or to run where they are shown: they are shown as text here, and
//! told.

use crate::model::{Contents, Finding, Value};

/// Texts of a document that are looked at: vocabularies have hundreds of thousands, configurations do not.
const TEXTS: usize = 50_000;
/// Longest list of texts that is looked at.
const LIST: usize = 256;
/// Longest text looked at.
const LONGEST: usize = 1 << 20;

/// What a page that shows text as HTML would run.
const SCRIPT: [&str; 4] = ["<script", "javascript:", "<iframe", "onerror="];
/// Words of a Jinja template by which it leaves the sandbox that loaders run it in (`tokenizer.chat_template`).
const ESCAPES: [&str; 7] =
    ["__globals__", "__subclasses__", "__builtins__", "__import__", "__mro__", "__class__", "os.popen"];

/// What is odd about the names of tensors, the metadata and the texts of `contents`.
pub(super) fn findings(contents: &Contents) -> Vec<Finding> {
    let mut seen = Seen::default();
    for tensor in &contents.tensors {
        seen.name(&tensor.name);
    }
    for (key, value) in &contents.metadata {
        seen.name(key);
        seen.text(value);
    }
    if let Some(document) = &contents.document {
        seen.walk(document);
    }
    seen.finish()
}

/// The first of each kind, and how many there are.
#[derive(Default)]
struct Seen {
    hidden: Option<(String, u64)>,
    alike: Option<(String, u64)>,
    script: Option<(String, u64)>,
    template: Option<(String, u64)>,
    texts: usize,
}

impl Seen {
    fn name(&mut self, name: &str) {
        if name.is_ascii() && !name.contains(|c: char| c.is_ascii_control() || matches!(c, '<' | ':' | '=')) {
            return;
        }
        if name.contains(is_hidden) {
            note(&mut self.hidden, name);
        } else if is_mixed(name) {
            note(&mut self.alike, name);
        }
        if has(name, &SCRIPT) {
            note(&mut self.script, name);
        }
    }

    fn text(&mut self, text: &str) {
        self.texts = self.texts.saturating_add(1);
        if text.len() > LONGEST {
            return;
        }
        if has(text, &SCRIPT) {
            note(&mut self.script, text);
        }
        if (text.contains("{{") || text.contains("{%")) && ESCAPES.iter().any(|word| text.contains(word)) {
            note(&mut self.template, text);
        }
    }

    fn walk(&mut self, value: &Value) {
        if self.texts >= TEXTS {
            return;
        }
        match value {
            Value::Text(text) => self.text(text),
            // Longer lists are vocabularies, in which anything stands.
            Value::List(items) if items.len() <= LIST => items.iter().for_each(|item| self.walk(item)),
            Value::Map(pairs) => pairs.iter().for_each(|(_, value)| self.walk(value)),
            _ => {}
        }
    }

    fn finish(self) -> Vec<Finding> {
        let rows = [
            (self.hidden, "name-hidden-characters", "names hold characters that are not seen, or turn the text around"),
            (self.alike, "name-look-alike", "names mix letters of alphabets that look alike"),
            (self.script, "text-script", "texts hold script, which is shown as text here"),
            (self.template, "template-code", "templates reach for what Python objects are made of"),
        ];
        let told = rows.into_iter().filter_map(|(seen, code, words)| {
            let (first, count) = seen?;
            Some(Finding::warning(code, format!("{words}: {count}, the first is \"{}\"", first.escape_debug())))
        });
        told.collect()
    }
}

fn note(seen: &mut Option<(String, u64)>, text: &str) {
    let first = || (text.chars().take(80).collect(), 0);
    let (_, count) = seen.get_or_insert_with(first);
    *count = count.saturating_add(1);
}

fn has(text: &str, words: &[&str]) -> bool {
    // Most texts have none of these characters.
    text.contains(['<', ':', '=']) && {
        let lower = text.to_ascii_lowercase();
        words.iter().any(|word| lower.contains(word))
    }
}

/// Controls, marks of direction (Unicode TR9) and characters without width.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Latin letters beside Cyrillic ones, or Greek ones that look like Latin: `mоdel` with a Cyrillic o.
fn is_mixed(name: &str) -> bool {
    let foreign = |c: char| matches!(c, '\u{400}'..='\u{4ff}') || "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντρυχ".contains(c);
    name.split(|c: char| !c.is_alphabetic())
        .any(|word| word.contains(foreign) && word.contains(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DType, Tensor, TensorRole};

    fn named(names: &[&str]) -> Contents {
        let tensor = |name: &&str| Tensor {
            name: (*name).to_owned(),
            dtype: DType::F32,
            shape: Vec::new(),
            size_bytes: 4,
            role: TensorRole::Model,
            place: None,
        };
        Contents { tensors: names.iter().map(tensor).collect(), ..Contents::new("safetensors", "") }
    }

    fn codes(contents: &Contents) -> Vec<String> {
        findings(contents).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn names_that_deceive_are_told() {
        assert_eq!(codes(&named(&["model.layers.0.weight", "größe", "重み", "Δt", "вес", "a:0", "x=1"])), [""; 0]);
        assert_eq!(codes(&named(&["a\u{202e}b"])), ["name-hidden-characters"]);
        assert_eq!(codes(&named(&["a\u{200b}b", "a\nb"])), ["name-hidden-characters"]);
        assert_eq!(codes(&named(&["m\u{43e}del.weight"])), ["name-look-alike"]);
        assert_eq!(codes(&named(&["<SCRIPT>alert(1)</script>"])), ["text-script"]);
        let found = findings(&named(&["a\u{202e}b", "c\u{202e}d"]));
        assert!(found[0].message.ends_with("2, the first is \"a\\u{202e}b\""), "{}", found[0].message);
    }

    #[test]
    fn texts_that_run_where_they_are_shown_are_told() {
        let with = |text: &str| {
            let document = Value::Map(vec![("chat_template".to_owned(), Value::Text(text.to_owned()))]);
            codes(&Contents { document: Some(document), ..Contents::new("json", "") })
        };
        assert_eq!(with("{% for m in messages %}{{ m.content }}{% endfor %}"), [""; 0]);
        assert_eq!(with("{{ x.__class__.__mro__[1].__subclasses__() }}"), ["template-code"]);
        assert_eq!(with("javascript:alert(1)"), ["text-script"]);
        assert_eq!(with("https://huggingface.co/docs"), [""; 0]);
    }
}
