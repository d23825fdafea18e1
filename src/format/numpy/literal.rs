//! The subset of Python literals that NumPy puts into its headers: what `ast.literal_eval` would make of them.

use std::fmt;

/// A Python literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) enum Literal {
    Text(String),
    Int(i128),
    Bool(bool),
    None,
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

/// Where a text is no literal (byte, and what was expected there).
pub(super) type Wrong = (usize, String);

/// Nesting of structured types.
const DEPTH: usize = 32;

/// Parses `text`; also where the literal ends.
pub(super) fn parse(text: &[u8]) -> Result<(Literal, usize), Wrong> {
    let mut reader = Reader { text, at: 0 };
    let literal = reader.literal(0)?;
    Ok((literal, reader.at))
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        self.at = self.at.saturating_add(rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count());
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at = self.at.saturating_add(1);
        }
        found
    }

    fn expected<T>(&mut self, what: &str) -> Result<T, Wrong> {
        let found = match self.peek() {
            Some(byte) => format!("{:?}", char::from(byte)),
            None => "its end".to_owned(),
        };
        Err((self.at, format!("expected {what}, found {found}")))
    }

    fn literal(&mut self, depth: usize) -> Result<Literal, Wrong> {
        let inner = depth.saturating_add(1);
        if inner > DEPTH {
            return Err((self.at, format!("nested more than {DEPTH} deep")));
        }
        match self.peek() {
            Some(b'\'' | b'"') => self.text().map(Literal::Text),
            Some(b'(') => self.items(b')', inner),
            Some(b'[') => self.items(b']', inner).map(|items| match items {
                Literal::Tuple(items) => Literal::List(items),
                // One item in brackets is a list, in parentheses it is itself.
                other => Literal::List(vec![other]),
            }),
            Some(b'{') => self.dict(inner),
            Some(byte) if byte.is_ascii_digit() || byte == b'-' => self.int(),
            Some(byte) if byte.is_ascii_alphabetic() => self.word(),
            _ => self.expected("a value"),
        }
    }

    /// Items up to `close`. `(x)` is `x`; `(x,)` and `()` are tuples.
    fn items(&mut self, close: u8, depth: usize) -> Result<Literal, Wrong> {
        self.at = self.at.saturating_add(1);
        let mut items = Vec::new();
        let mut comma = true;
        while !self.eat(close) {
            if !comma {
                return self.expected("a comma");
            }
            items.push(self.literal(depth)?);
            comma = self.eat(b',');
        }
        match (items.pop(), comma) {
            (Some(only), false) if items.is_empty() && close == b')' => Ok(only),
            (last, _) => {
                items.extend(last);
                Ok(Literal::Tuple(items))
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, Wrong> {
        self.at = self.at.saturating_add(1);
        let mut pairs = Vec::new();
        let mut comma = true;
        while !self.eat(b'}') {
            if !comma {
                return self.expected("a comma or }");
            }
            let key = self.literal(depth)?;
            if !self.eat(b':') {
                return self.expected("a colon");
            }
            pairs.push((key, self.literal(depth)?));
            comma = self.eat(b',');
        }
        Ok(Literal::Dict(pairs))
    }

    /// A number; Python 2 wrote long ones with an `L`.
    fn int(&mut self) -> Result<Literal, Wrong> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
        let len = sign.saturating_add(digits);
        let token = rest.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let Ok(value) = token.parse() else { return self.expected("a whole number of at most 38 digits") };
        self.at = self.at.saturating_add(len);
        if self.text.get(self.at) == Some(&b'L') {
            self.at = self.at.saturating_add(1);
        }
        Ok(Literal::Int(value))
    }

    fn word(&mut self) -> Result<Literal, Wrong> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let value = match rest.get(..len).unwrap_or_default() {
            b"True" => Literal::Bool(true),
            b"False" => Literal::Bool(false),
            b"None" => Literal::None,
            // Python 2 wrote unicode keys as u'…'.
            b"u" | b"b" if matches!(rest.get(1), Some(b'\'' | b'"')) => {
                self.at = self.at.saturating_add(1);
                return self.text().map(Literal::Text);
            }
            _ => return self.expected("True, False or None"),
        };
        self.at = self.at.saturating_add(len);
        Ok(value)
    }

    fn text(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        let quote = self.text.get(start).copied();
        let mut bytes = Vec::new();
        let mut at = start.saturating_add(1);
        loop {
            match self.text.get(at).copied() {
                None => return Err((start, "a string that begins here does not end".to_owned())),
                byte if byte == quote => break,
                Some(b'\\') => {
                    let (character, len) = escape(self.text.get(at..).unwrap_or_default())
                        .ok_or_else(|| (at, "an escape that is not understood".to_owned()))?;
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    at = at.saturating_add(len);
                }
                Some(byte) => {
                    bytes.push(byte);
                    at = at.saturating_add(1);
                }
            }
        }
        self.at = at.saturating_add(1);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The character of an escape and its length, backslash included.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let hex = |digits: usize| {
        let end = digits.checked_add(2)?;
        let code = u32::from_str_radix(std::str::from_utf8(text.get(2..end)?).ok()?, 16).ok()?;
        Some((char::from_u32(code)?, end))
    };
    match text.get(1)? {
        quote @ (b'\'' | b'"' | b'\\') => Some((char::from(*quote), 2)),
        b'n' => Some(('\n', 2)),
        b't' => Some(('\t', 2)),
        b'r' => Some(('\r', 2)),
        b'x' => hex(2),
        b'u' => hex(4),
        b'U' => hex(8),
        _ => None,
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self]| {
            for (at, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
            }
            Ok(())
        };
        match self {
            Self::Text(text) => write!(f, "'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Int(value) => write!(f, "{value}"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::None => f.write_str("None"),
            Self::Tuple(items) => {
                f.write_str("(")?;
                list(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Self::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Self::Dict(pairs) => {
                f.write_str("{")?;
                for (at, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        parse(text.as_bytes()).map_or_else(|(at, what)| format!("{what} at {at}"), |(literal, _)| literal.to_string())
    }

    #[test]
    fn numpy_headers_are_literals() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }          \n";
        assert_eq!(shown(header), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}");
        assert_eq!(
            shown("{'shape': (3L,), 'descr': [('a', '<f4', (2, 2))]}"),
            "{'shape': (3,), 'descr': [('a', '<f4', (2, 2))]}"
        );
        assert_eq!(shown("(())"), "()");
        assert_eq!(shown("[('x',)]"), "[('x',)]");
        assert_eq!(shown("['x']"), "['x']");
        assert_eq!(shown(r"'a\'b\\\u00e9'"), r"'a\'b\\é'");
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        assert_eq!(shown("{'a': 1 'b': 2}"), "expected a comma or }, found '\\'' at 8");
        assert_eq!(shown("{'a': os}"), "expected True, False or None, found 'o' at 6");
        assert_eq!(shown("'abc"), "a string that begins here does not end at 0");
        assert_eq!(shown("(1, "), "expected a value, found its end at 4");
        assert!(shown(&"(".repeat(100)).contains("nested more than 32 deep"));
    }
}
