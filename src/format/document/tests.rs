use super::*;
use crate::error::Result;

fn parse(text: &str) -> Result<Parsed> {
    let mut parser = Parser::new(0);
    loop {
        if let Some(parsed) = parser.step(text.as_bytes(), 3)? {
            return Ok(parsed);
        }
    }
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn order_duplicates_and_big_numbers_are_kept() {
    let parsed = parse(r#"{"b": 1, "a": [true, null, -0.5e1], "b": 123456789012345678901234567890}"#).unwrap();
    let Value::Map(pairs) = &parsed.value else { panic!("a map") };
    assert_eq!(pairs.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b", "a", "b"]);
    assert_eq!(parsed.value.get("b"), Some(&Value::Big("123456789012345678901234567890".to_owned())));
    assert_eq!(parsed.value.at(&["a"]).unwrap().items().unwrap()[2], Value::Float(-5.0));
    assert_eq!(parsed.findings[0].code, "json-duplicate-key");
}

#[test]
fn what_python_writes_is_accepted() {
    let parsed = parse("{\"loss\": NaN, \"best\": [Infinity, -Infinity]}").unwrap();
    assert!(parsed.value.get("loss").unwrap().number().unwrap().is_nan());
    assert_eq!(parsed.value.get("best").unwrap().items().unwrap()[1], Value::Float(f64::NEG_INFINITY));
    assert_eq!(parsed.findings[0].message.split(',').next(), Some("3 × NaN or Infinity"));
}

#[test]
fn strings_are_unescaped() {
    let parsed = parse(r#"["\u00e9\ud83d\ude00\n\/", "\ud800x", "ä"]"#).unwrap();
    let texts: Vec<_> = parsed.value.items().unwrap().iter().map(|item| item.text().unwrap().to_owned()).collect();
    assert_eq!(texts, ["é😀\n/", "\u{fffd}x", "ä"]);
    assert_eq!(parsed.findings[0].code, "json-surrogate");
}

#[test]
fn errors_say_line_and_column_expected_and_found() {
    assert_eq!(
        refusal("{\n  \"a\": 1,\n}"),
        "json: expected a key in double quotes, found \"}\" at line 3 column 1 (at byte 12)"
    );
    assert_eq!(
        refusal("[1, 2"),
        "json: expected a comma or ], found the end of the file at line 1 column 6 (at byte 5)"
    );
    assert!(refusal("[01]").contains("expected a value, found \"01]\""));
    assert!(refusal("[1] x").contains("expected the end of the file, found \"x\""));
    assert!(refusal("\"abc").contains("does not end"));
    assert!(refusal(r#"["\q"]"#).contains("escape"));
    assert!(refusal("").contains("expected a value, found the end of the file"));
}

#[test]
fn depth_is_limited() {
    let deep = "[".repeat(100_000);
    assert!(refusal(&deep).contains("document depth"));
    let fine = format!("{}{}", "[".repeat(96), "]".repeat(96));
    assert!(parse(&fine).is_ok());
}

#[test]
fn numbers_that_json_does_not_have_are_refused() {
    for text in ["+1", "1.", ".5", "1e", "0x10", "1_000", "--1", "nan", "True"] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert_eq!(parse("9223372036854775807").unwrap().value, Value::Int(i64::MAX));
    assert_eq!(parse("1e400").unwrap().value, Value::Float(f64::INFINITY));
}

#[test]
fn a_repeated_key_is_found_in_a_large_map_too() {
    let pairs: Vec<String> = (0..1000).map(|n| format!("\"k{}\": {n}", n % 999)).collect();
    let parsed = parse(&format!("{{{}}}", pairs.join(", "))).unwrap();
    assert_eq!(parsed.findings.len(), 1);
    assert!(parsed.findings[0].message.starts_with("key \"k0\" is repeated"));
}
