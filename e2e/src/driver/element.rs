//! Elements: finding them, and what a person does with them.

use super::{Driver, Key};
use crate::{Result, wait};
use serde_json::{Value, json};
use std::path::Path;

// The constant of the recommendation that marks a reference to an element.
const REFERENCE: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of the document. The page may replace it: look again rather than keep it.
pub struct Element<'a> {
    driver: &'a Driver,
    id: String,
}

impl Driver {
    /// The first element that matches, once there is one.
    pub fn find(&self, css: &str) -> Result<Element<'_>> {
        wait::until(css, || Ok(self.find_all(css)?.into_iter().next()))
    }

    /// All elements that match now.
    pub fn find_all(&self, css: &str) -> Result<Vec<Element<'_>>> {
        let found = self.post("/elements", &json!({ "using": "css selector", "value": css }))?;
        let references = found.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(references.iter().filter_map(|reference| self.element(reference)).collect())
    }

    /// The element that has the focus.
    pub fn focused(&self) -> Result<Element<'_>> {
        self.element(&self.get("/element/active")?).ok_or_else(|| "nothing has the focus".to_owned())
    }

    /// Clicks where a person would: waits until the element is there, in view and not covered.
    pub fn click(&self, css: &str) -> Result {
        let mut last = String::new();
        let clicked = wait::until(css, || match self.find_all(css)?.first().map(Element::click) {
            Some(Ok(())) => Ok(Some(())),
            Some(Err(reason)) => {
                // Something that stays in its place may cover it.
                if reason.contains("intercepted") {
                    let centre = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
                    self.run(centre, &[json!(css)])?;
                }
                last = reason;
                Ok(None)
            }
            None => Ok(None),
        });
        clicked.map_err(|waited| if last.is_empty() { waited } else { format!("{waited} to be clickable: {last}") })
    }

    fn element(&self, reference: &Value) -> Option<Element<'_>> {
        let id = reference.get(REFERENCE)?.as_str()?.to_owned();
        Some(Element { driver: self, id })
    }
}

impl Element<'_> {
    /// Scrolls it into view and clicks its middle.
    pub fn click(&self) -> Result {
        self.post("click", &json!({})).map(drop)
    }

    /// Puts the pointer on its middle.
    pub fn hover(&self) -> Result {
        let there = json!({ "type": "pointerMove", "duration": 0, "origin": self.reference(), "x": 0, "y": 0 });
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": [there] });
        self.driver.post("/actions", &json!({ "actions": [mouse] })).map(drop)
    }

    /// Empties a text field.
    pub fn clear(&self) -> Result {
        self.post("clear", &json!({})).map(drop)
    }

    /// Types into it.
    pub fn type_text(&self, text: &str) -> Result {
        self.post("value", &json!({ "text": text })).map(drop)
    }

    /// Presses one key while it has the focus.
    pub fn press(&self, key: Key) -> Result {
        self.type_text(&key.code().to_string())
    }

    /// Chooses files, or one folder, in a file input.
    pub fn choose(&self, paths: &[&Path]) -> Result {
        let absolute = paths.iter().map(|path| {
            let whole = path.canonicalize().map_err(|cause| format!("{}: {cause}", path.display()))?;
            Ok(whole.to_string_lossy().into_owned())
        });
        self.type_text(&absolute.collect::<Result<Vec<_>>>()?.join("\n"))
    }

    /// The text as it is shown.
    pub fn text(&self) -> Result<String> {
        Ok(self.get("text")?.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute, as written.
    pub fn attribute(&self, name: &str) -> Result<Option<String>> {
        Ok(self.get(&format!("attribute/{name}"))?.as_str().map(str::to_owned))
    }

    /// A property, as it is now.
    pub fn property(&self, name: &str) -> Result<Value> {
        self.get(&format!("property/{name}"))
    }

    /// The element as an argument of a script.
    pub fn reference(&self) -> Value {
        json!({ REFERENCE: self.id })
    }

    fn get(&self, what: &str) -> Result<Value> {
        self.driver.get(&format!("/element/{}/{what}", self.id))
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value> {
        self.driver.post(&format!("/element/{}/{what}", self.id), body)
    }
}
