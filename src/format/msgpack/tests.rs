use super::*;
use crate::model::{Place, TensorRole, Value};

/// A text of less than 32 bytes.
fn text(text: &str) -> Vec<u8> {
    [&[0xa0 | text.len() as u8], text.as_bytes()].concat()
}

/// An array of extension `code` as Flax packs it.
fn array(code: u8, shape: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
    let inner = [&[0x93, 0x90 | shape.len() as u8], shape, &text(name), &[0xc4, data.len() as u8], data].concat();
    [&[0xc7, inner.len() as u8, code], inner.as_slice()].concat()
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let inner = pairs.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    [0x80 | pairs.len() as u8].into_iter().chain(inner).collect()
}

fn read(bytes: Vec<u8>) -> Result<Contents> {
    match Msgpack.read(&Source::memory("flax_model.msgpack", bytes))? {
        Reading::Done(contents) => Ok(contents),
        Reading::More(..) => panic!("small is done at once"),
    }
}

#[test]
fn numbers_are_kept_and_arrays_become_tensors() {
    let contents = read(map(&[
        ("step", array(1, &[], "int32", &[7, 0, 0, 0])),
        ("params", map(&[("w", array(1, &[1, 2], "bfloat16", &[1, 2, 3, 4]))])),
        (
            "opt_state",
            map(&[("0", map(&[("mu", array(1, &[2], "int8", &[1, 2]))])), ("lr", vec![0xca, 0x3d, 0xcc, 0xcc, 0xcd])]),
        ),
        ("scale", array(3, &[], "uint16", &[0x34, 0x12])),
    ]))
    .unwrap();
    let told: Vec<_> = contents.tensors.iter().map(|t| (t.name.as_str(), t.dtype.name(), t.role)).collect();
    assert_eq!(
        told,
        [
            ("step", "I32", TensorRole::Other),
            ("params.w", "BF16", TensorRole::Model),
            ("opt_state.0.mu", "I8", TensorRole::Optimizer),
            ("scale", "U16", TensorRole::Model),
        ]
    );
    let document = contents.document.unwrap();
    assert_eq!(document.get("step"), Some(&Value::Int(7)));
    assert_eq!(document.get("scale"), Some(&Value::Int(0x1234)));
    assert_eq!(document.at(&["opt_state", "lr"]), Some(&Value::Float(0.1)));
    assert!(document.get("params").is_none());
}

#[test]
fn pieces_become_one_array() {
    let number = |n: u8| vec![n];
    let piece = |bytes: &[u8]| array(1, &[bytes.len() as u8], "uint8", bytes);
    let whole = |pieces: &[(&str, Vec<u8>)]| {
        let shape = map(&[("0", number(2)), ("1", number(3))]);
        map(&[("big", map(&[("__msgpack_chunked_array__", vec![0xc3]), ("shape", shape), ("chunks", map(pieces))]))])
    };
    let contents = read(whole(&[("0", piece(&[1, 2, 3, 4])), ("1", piece(&[5, 6]))])).unwrap();
    let [tensor] = contents.tensors.as_slice() else { panic!("one tensor: {:?}", contents.tensors) };
    assert_eq!((tensor.name.as_str(), tensor.shape.as_slice(), tensor.size_bytes), ("big", [2, 3].as_slice(), 6));
    assert_eq!((tensor.place.clone(), contents.findings.as_slice()), (None, [].as_slice()));
    let single = read(whole(&[("0", piece(&[1, 2, 3, 4, 5, 6]))])).unwrap();
    assert!(matches!(&single.tensors[0].place, Some(Place { .. })));
    let short = read(whole(&[("0", piece(&[1]))])).unwrap();
    assert_eq!(short.findings[0].message, "big: U8 [2, 3] in pieces of 1 bytes together");
}

#[test]
fn claims_are_not_believed() {
    let said = |bytes: &[u8]| read(bytes.to_vec()).unwrap_err().to_string();
    assert_eq!(said(&[0x81, 0xa1, b'a', 0xc1]), "msgpack: byte 0xc1, which begins no value (at byte 3)");
    assert_eq!(
        said(&[0x81, 0xa1, b'a', 0xc6, 0xff, 0xff, 0xff, 0xff]),
        "msgpack: a byte string takes 4294967295 bytes, 0 are there (at byte 8)"
    );
    assert!(said(&[0x91; 200]).contains("document depth"));
    assert!(said(&[0x81, 0xc0]).contains("expected a key that is text or a number, found Plain(Null)"));
    let wrong = read(map(&[("a", array(1, &[3], "float32", &[0; 4]))])).unwrap();
    assert_eq!(wrong.findings[0].message, "a: F32 [3] takes 12 bytes, 4 are there");
    assert!(wrong.tensors[0].place.is_none());
}
