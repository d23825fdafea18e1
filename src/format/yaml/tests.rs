use super::*;
use crate::model::Value;

fn read(text: &str) -> Contents {
    match Yaml.read(&Source::memory("config.yaml", text)).unwrap() {
        Reading::Done(contents) => contents,
        Reading::More(..) => panic!("read at once"),
    }
}

fn value(text: &str) -> Value {
    let contents = read(text);
    assert_eq!(contents.findings, [], "{text}");
    contents.document.unwrap()
}

fn said(text: &str) -> String {
    let contents = read(text);
    assert_eq!(contents.document, None, "{text}");
    contents.findings[0].message.clone()
}

#[test]
fn a_number_that_pyyaml_takes_for_text_is_named() {
    let contents = read("lr: 1e-4\nwd: 1.0e-4\n");
    assert_eq!(contents.document.unwrap().get("lr"), Some(&Value::Text("1e-4".to_owned())));
    let said: Vec<_> = contents.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(said, ["1e-4 at line 1 column 5 is text for PyYAML, which wants a point in it to be a number"]);
}

#[test]
fn what_is_not_understood_says_where() {
    let start = "not understood, shown as text: ";
    for (text, what) in [
        ("a:\n\tb: 1\n", "a tab in the indentation at line 2 column 1"),
        ("a: b: c\n", "a colon inside a plain text at line 1 column 5"),
        ("a: [1, 2\n", "expected a comma or the end of a flow collection at line 2 column 1"),
        ("a: 'x\n", "a quoted text that does not end at line 1 column 4"),
        ("a: \"\\q\"\n", "an escape that YAML does not have at line 1 column 5"),
        ("a: *b\n", "an alias of \"b\", which is not there at line 1 column 4"),
        ("? a\n: b\n", "a key that is marked by ? at line 1 column 1"),
        ("a: 1\nb\n", "expected a key and a colon at line 2 column 1"),
        ("- a\nb: 1\n", "text that belongs to nothing before it at line 2 column 1"),
        ("a: \"x\" y\n", "text behind a complete value at line 1 column 8"),
        ("%YAML 1.2\n---\na: 1\n", "a directive at line 1 column 1"),
    ] {
        assert_eq!(said(text), format!("{start}{what}"), "{text}");
    }
}

#[test]
fn aliases_of_aliases_do_not_explode() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..20 {
        let list = vec![format!("*a{}", n - 1); 10].join(", ");
        text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
    }
    assert!(said(&text).contains("more than 50000 values"));
    assert!(said(&"- ".repeat(500)).contains("more than 96 levels"));
    assert!(said(&"[".repeat(500)).contains("more than 96 levels"));
}

#[test]
fn empty_is_nothing_and_a_mark_is_null() {
    assert_eq!(read("# only a comment\n").document, None);
    assert_eq!(value("---\n"), Value::Null);
    assert_eq!(value("5"), Value::Int(5));
    assert_eq!(read("a: 1\n---\nb: 2\n").findings[0].code, "yaml-documents");
}

/// Every prefix of every fixture is read or refused, never more.
#[test]
fn any_cut_is_survived() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for path in ["yaml/config.yaml", "yaml/dumped.yaml", "yaml/flow.yml"] {
        let text = std::fs::read(folder.join(path)).unwrap();
        for len in 0..text.len() {
            let _read = Parser::new(&text[..len]).document();
        }
    }
}
