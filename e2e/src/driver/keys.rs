//! The keyboard.

use super::Driver;
use crate::Result;
use serde_json::{Value, json};

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the next control.
    Tab,
    /// Presses what has the focus.
    Enter,
    /// Closes what is open.
    Escape,
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One column right.
    Right,
    /// One column left.
    Left,
    /// Held while another is pressed.
    Shift,
    /// Held while another is pressed.
    Control,
    /// A letter, digit or sign.
    Character(char),
}

impl Key {
    /// The code of the recommendation's table of keys.
    pub fn code(self) -> char {
        match self {
            Key::Tab => '\u{e004}',
            Key::Enter => '\u{e007}',
            Key::Shift => '\u{e008}',
            Key::Control => '\u{e009}',
            Key::Escape => '\u{e00c}',
            Key::Left => '\u{e012}',
            Key::Up => '\u{e013}',
            Key::Right => '\u{e014}',
            Key::Down => '\u{e015}',
            Key::Character(character) => character,
        }
    }
}

impl Driver {
    /// Presses and releases keys one after another, wherever the focus is.
    pub fn press(&self, keys: &[Key]) -> Result {
        let strokes = keys.iter().flat_map(|&key| [stroke("keyDown", key), stroke("keyUp", key)]).collect();
        self.strokes(strokes)
    }

    /// Presses a key while others are held.
    pub fn press_with(&self, held: &[Key], key: Key) -> Result {
        let down = held.iter().map(|&held| stroke("keyDown", held));
        let up = held.iter().rev().map(|&held| stroke("keyUp", held));
        self.strokes(down.chain([stroke("keyDown", key), stroke("keyUp", key)]).chain(up).collect())
    }

    fn strokes(&self, strokes: Vec<Value>) -> Result {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("/actions", &json!({ "actions": [keyboard] })).map(drop)
    }
}

fn stroke(kind: &str, key: Key) -> Value {
    json!({ "type": kind, "value": key.code().to_string() })
}
