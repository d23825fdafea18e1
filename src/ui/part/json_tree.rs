//! A document as a tree that unfolds as it is asked to, with search.

use std::sync::Arc;

use super::copy::{copy_button, copy_text};
use super::icon::fold_icon;
use crate::model::Value;
use crate::ui::dom::*;
use crate::words;

/// Children drawn at once; more are drawn on request.
const AT_ONCE: usize = 200;

/// A document with a search box. A click on a key copies its path, one on a value copies the value; the outermost
/// `unnamed` levels of keys are not part of a path.
pub(in crate::ui) fn json_tree(document: Value, name: &str, unnamed: usize) -> Markup {
    let document = Arc::new(document);
    let search = RwSignal::new(String::new());
    let copied = RwSignal::new(String::new());
    let text = document_text(&document);
    let tree = move || {
        let asked = search.get().to_lowercase();
        let found = if asked.is_empty() { None } else { Some(asked) };
        let place = Place { path: String::new(), depth: 0, unnamed, copied };
        node(String::new(), &place, Arc::clone(&document), found)
    };
    let label = format!("Search {name}");
    let told = move || {
        let copied = copied.read();
        if copied.is_empty() {
            "Click a key to copy its path, a value to copy the value.".to_owned()
        } else {
            format!("Copied {copied}")
        }
    };
    view! {
        <div class="section" data-testid="document-tree">
            <div class="controls grid-controls">
                <input class="input wide" type="search" placeholder="Search keys and values" aria-label=label data-testid="document-search"
                    prop:value=search on:input:target=move |event| search.set(event.target().value())/>
                <span class="soft small">"Copy all "{copy_button(text, "the document")}</span>
            </div>
            <p class="faint small told" role="status">{told}</p>
            <div class="json">{tree}</div>
        </div>
    }
}

/// Where in a document a value is.
#[derive(Clone)]
struct Place {
    /// Keys and list indexes, joined with dots.
    path: String,
    /// Levels above it.
    depth: usize,
    unnamed: usize,
    /// What was copied last.
    copied: RwSignal<String>,
}

impl Place {
    fn under(&self, key: &str) -> Self {
        let path = match (self.depth < self.unnamed, self.path.is_empty()) {
            (true, _) => String::new(),
            (false, true) => key.to_owned(),
            (false, false) => format!("{}.{key}", self.path),
        };
        Self { path, depth: self.depth.saturating_add(1), ..self.clone() }
    }

    /// The key, which copies the path.
    fn key(&self, key: String) -> Markup {
        if self.path.is_empty() {
            return view! { <span class="key">{key}</span> };
        }
        let (path, copied) = (self.path.clone(), self.copied);
        let copy = move |_: leptos::ev::MouseEvent| {
            copy_text(&path);
            copied.set(path.clone());
        };
        view! { <button type="button" class="key" title=format!("Copy the path {}", self.path) on:click=copy>{key}</button> }
    }

    /// The value of a leaf, which copies itself.
    fn value(&self, class: &'static str, shown: Markup, text: String) -> Markup {
        let copied = self.copied;
        let copy = move |_: leptos::ev::MouseEvent| {
            copy_text(&text);
            copied.set(text.clone());
        };
        view! { <button type="button" class=class title="Copy the value" on:click=copy>{shown}</button> }
    }
}

/// One value under its key.
fn node(key: String, place: &Place, value: Arc<Value>, search: Option<String>) -> Markup {
    let children = children_of(&value);
    if children.is_empty() {
        return leaf(key, place, &value, search.as_deref());
    }
    let hits = search.as_deref().map(|asked| matches(&key, &value, asked));
    if hits == Some(false) {
        return Markup::Nothing;
    }
    let is_open = RwSignal::new(place.depth < 2 || search.is_some());
    let shown = RwSignal::new(AT_ONCE);
    let summary = summary(&value);
    let at = place.clone();
    let inner = move || {
        is_open.get().then(|| {
            let children = children_of(&value);
            let rest = children.len().saturating_sub(shown.get());
            let list = children.into_iter().take(shown.get()).map(|(key, child)| {
                let place = at.under(&key);
                view! { <li>{node(key, &place, Arc::new(child), search.clone())}</li> }
            });
            let more = (rest > 0).then(|| {
                let words = format!("Show {} more", words::count(rest.min(AT_ONCE) as u64));
                view! { <li><button type="button" class="link" on:click=move |_| shown.update(|n| *n = n.saturating_add(AT_ONCE))>{words}</button></li> }
            });
            view! { <ul>{list.collect::<Markup>()}{more}</ul> }
        })
    };
    let name = if key.is_empty() { "the document".to_owned() } else { key.clone() };
    view! {
        <div class="json-line">
            <button type="button" class="tree-fold" aria-expanded=move || is_open.get().to_string() aria-label=format!("Unfold {name}")
                on:click=move |_| is_open.update(|is| *is = !*is)>{fold_icon()}</button>
            {place.key(key)}
            <span class="faint">{summary}</span>
        </div>
        {inner}
    }
}

fn leaf(key: String, place: &Place, value: &Value, search: Option<&str>) -> Markup {
    let (class, text) = match value {
        Value::Text(text) => ("text", format!("\"{text}\"")),
        Value::Null | Value::Bool(_) | Value::Opaque(_) => ("word", value_text(value)),
        _ => ("figure-value", value_text(value)),
    };
    let is_hit = search.map(|asked| key.to_lowercase().contains(asked) || text.to_lowercase().contains(asked));
    if is_hit == Some(false) {
        return Markup::Nothing;
    }
    let shown = if is_hit == Some(true) {
        view! { <mark>{text}</mark> }
    } else {
        markup(text)
    };
    view! { <div class="json-line leaf">{place.key(format!("{key}:"))}{place.value(class, shown, value_text(value))}</div> }
}

fn matches(key: &str, value: &Value, asked: &str) -> bool {
    if key.to_lowercase().contains(asked) {
        return true;
    }
    match value {
        Value::Map(pairs) => pairs.iter().any(|(key, value)| matches(key, value, asked)),
        Value::List(items) => items.iter().any(|value| matches("", value, asked)),
        _ => value_text(value).to_lowercase().contains(asked),
    }
}

fn children_of(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Map(pairs) => pairs.clone(),
        Value::List(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item.clone())).collect(),
        _ => Vec::new(),
    }
}

fn summary(value: &Value) -> String {
    match value {
        Value::Map(pairs) => words::plural(pairs.len() as u64, "key"),
        Value::List(items) => words::plural(items.len() as u64, "item"),
        _ => String::new(),
    }
}

/// A value in a line, as its file would write it.
pub(in crate::ui) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Big(digits) => digits.clone(),
        Value::Float(number) => words::exact(*number),
        Value::Text(text) | Value::Opaque(text) => text.clone(),
        Value::List(items) if items.is_empty() => "[]".to_owned(),
        Value::Map(pairs) if pairs.is_empty() => "{}".to_owned(),
        Value::List(items) => format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| format!("{key}: {}", value_text(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The document as indented text, for the clipboard.
fn document_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, 0, &mut text);
    text
}

fn write_value(value: &Value, depth: usize, text: &mut String) {
    let inner = depth.saturating_add(1);
    let children = children_of(value);
    if children.is_empty() {
        let is_text = matches!(value, Value::Text(_) | Value::Opaque(_));
        let plain = value_text(value);
        text.push_str(&if is_text { quoted(&plain) } else { plain });
        return;
    }
    let is_map = matches!(value, Value::Map(_));
    text.push(if is_map { '{' } else { '[' });
    for (at, (key, child)) in children.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(inner));
        if is_map {
            text.push_str(&quoted(key));
            text.push_str(": ");
        }
        write_value(child, inner, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(if is_map { '}' } else { ']' });
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
