use super::*;
use crate::model::Value;

fn read(text: &str) -> Contents {
    match Toml.read(&Source::memory("config.toml", text)).unwrap() {
        Reading::Done(contents) => contents,
        Reading::More(..) => panic!("read at once"),
    }
}

#[test]
fn tables_grow_where_they_were_begun() {
    let value = read("[a]\nx = 1\n[a.b]\ny = 2\n[[c]]\nz = 3\n[[c]]\n[c.d]\nw = 4\n").document.unwrap();
    assert_eq!(value.at(&["a", "x"]), Some(&Value::Int(1)));
    assert_eq!(value.at(&["a", "b", "y"]), Some(&Value::Int(2)));
    let list = value.get("c").unwrap().items().unwrap();
    assert_eq!((list.len(), list[1].at(&["d", "w"])), (2, Some(&Value::Int(4))));
}

#[test]
fn what_is_not_understood_says_where() {
    for (text, what) in [
        ("a = 1\na = 2\n", "a is there already at line 2 column 1"),
        ("a\n", "expected '=' at line 1 column 2"),
        ("a = \n", "expected a value at line 1 column 5"),
        ("a = 1 b = 2\n", "text behind a complete line at line 1 column 7"),
        ("a = \"x\n", "a text that does not end on its line at line 1 column 5"),
        ("a = 1\n[a]\n", "a is no table at line 2 column 1"),
        ("a = [1, 2\n", "expected a comma or ] at line 2 column 1"),
    ] {
        let contents = read(text);
        assert_eq!(contents.document, None);
        assert_eq!(contents.findings[0].message, format!("not understood, shown as text: {what}"), "{text}");
    }
    let deep = read(&format!("a = {}", "[".repeat(500)));
    assert!(deep.findings[0].message.contains("more values or levels"));
}

#[test]
fn any_cut_is_survived() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let text = std::fs::read(folder.join("toml/config.toml")).unwrap();
    for len in 0..text.len() {
        let _read = parser::parse(&text[..len]);
    }
}
