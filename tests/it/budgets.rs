//! Every budget under attack: the file says which one it broke, and the file beside it is shown as if nothing were.

use std::io::Write;
use std::rc::Rc;

use flate2::Compression;
use flate2::write::GzEncoder;
use weighbridge::source::{Memory, ReadAt};
use zip::CompressionMethod;

use crate::opening::inspect_folder;
use crate::verdicts::zipped;

/// Codes, words and ledger lines of everything below the attacked file, beside a healthy one.
fn told(name: &str, bytes: Vec<u8>) -> Vec<String> {
    let healthy = br#"{"step": 7}"#.to_vec();
    let files: [(&str, Vec<u8>); 2] = [(name, bytes), ("zz_config.json", healthy)];
    let files =
        files.into_iter().map(|(name, bytes)| (format!("run/{name}"), Rc::new(Memory::new(bytes)) as Rc<dyn ReadAt>));
    let opened = inspect_folder("run", files.collect());
    let beside = opened.find("run/zz_config.json").unwrap();
    let contents = opened.contents_at(beside).unwrap();
    assert!(contents.document.is_some() && contents.findings.is_empty(), "{name}: the file beside is not shown");
    let of_files = opened.contents.iter().flatten().flat_map(|contents| {
        contents.findings.iter().map(|f| format!("{}: {}", f.code, f.message)).chain(contents.not_examined.clone())
    });
    of_files.chain(opened.findings.iter().map(|f| format!("{}: {}", f.code, f.message))).collect()
}

fn gzip(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    (0..times).for_each(|_| encoder.write_all(bytes).unwrap());
    encoder.finish().unwrap()
}

fn npy(dict: &str) -> Vec<u8> {
    [b"\x93NUMPY\x01\0".as_slice(), &(dict.len() as u16).to_le_bytes(), dict.as_bytes()].concat()
}

fn nested_zips() -> Vec<u8> {
    (0..6).fold(b"x".to_vec(), |inner, depth| {
        let name = if depth == 0 { "note.txt" } else { "inner.zip" };
        zipped(&[(name, &inner)], CompressionMethod::Stored)
    })
}

fn attacks() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let pickle = |body: &[u8]| [b"\x80\x02".as_slice(), body, b"."].concat();
    let imports: Vec<u8> = (0..10_002).flat_map(|at| format!("cm\nn{at}\n0").into_bytes()).collect();
    let many_objects: Vec<u8> = [b"](".as_slice(), &b"C\x05abcde".repeat(5000), b"e"].concat();
    let deep_tuples = [vec![b')'], vec![b'\x85'; 3000]].concat();
    let long = |len: u64| [b"\x80\x04}\x8c\x01aK\x01s\x8d".as_slice(), &len.to_le_bytes(), b"abc."].concat();
    let mut gguf = b"GGUF\x03\0\0\0".to_vec();
    [0_u64, 1, u64::MAX / 2].iter().for_each(|number| gguf.extend(number.to_le_bytes()));
    let mut name = b"GGUF\x03\0\0\0".to_vec();
    [1_u64, 0, 1 << 40].iter().for_each(|number| name.extend(number.to_le_bytes()));
    let mut tar = vec![0_u8; 1024];
    tar[..4].copy_from_slice(b"long");
    tar[124..135].copy_from_slice(b"00010000000");
    tar[156] = b'x';
    tar[148..156].fill(b' ');
    let sum: u32 = tar[..512].iter().map(|&byte| u32::from(byte)).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let header = |len: u64| [len.to_le_bytes().as_slice(), b"{}"].concat();
    let safetensors = [100_000_001_u64.to_le_bytes().to_vec(), vec![b' '; 100_000_001]].concat();
    vec![
        ("archives in archives", "x.zip", nested_zips(), "an archive inside too many archives"),
        ("expansion in all", "x.json.gz", gzip(&vec![0; 16 << 20], 66), "gzip-expansion"),
        ("documents in depth", "x.json", "[".repeat(3000).into_bytes(), "document depth"),
        ("YAML in depth", "config.yaml", format!("a: {}", "[".repeat(200)).into_bytes(), "levels"),
        ("YAML that grows", "config.yaml", explosion(), "values"),
        ("opcodes of a pickle", "x.pkl", pickle(&b"N0".repeat(20_000_001)), "pickle opcodes"),
        ("imports of a pickle", "x.pkl", pickle(&imports), "pickle imports"),
        ("zeros for a pickle", "x.pt", zeros_for_a_pickle(), "expected an opcode"),
        ("tuples in tuples", "x.pkl", pickle(&deep_tuples), "document-cut"),
        ("bytes in a pickle", "x.pkl", pickle(&many_objects), "pickle-hidden-limit"),
        ("a text of a pickle", "x.pkl", long(1 << 62), "bytes are promised, 4 are there"),
        ("a name of GGUF", "x.gguf", gguf, "text in a header"),
        ("a text of GGUF", "x.gguf", name, "text in a header"),
        ("an extension of tar", "x.tar", tar, "tar extension header"),
        ("a header of NumPy", "x.npy", b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec(), "npy header"),
        (
            "dimensions",
            "x.npy",
            npy(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}\n", "1,".repeat(100))),
            "dimensions",
        ),
        ("a header that is too long", "x.safetensors", safetensors, "safetensors header"),
        ("a header that is not there", "x.safetensors", header(u64::MAX), "runs past the end"),
    ]
}

fn zeros_for_a_pickle() -> Vec<u8> {
    let zeros = [b"\x80\x02(".as_slice(), &vec![0; 100 << 20]].concat();
    zipped(&[("x/data.pkl", &zeros)], CompressionMethod::Deflated)
}

/// Nine names of nine of the name before.
fn explosion() -> Vec<u8> {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..9 {
        let before = vec![format!("*a{}", level - 1); 9].join(",");
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    text.into_bytes()
}

#[test]
fn each_budget_has_its_own_words_and_the_rest_is_shown() {
    let mut wrong = Vec::new();
    for (what, name, bytes, words) in attacks() {
        let told = told(name, bytes);
        if !told.iter().any(|line| line.contains(words)) {
            let shown: Vec<String> = told.iter().map(|line| line.chars().take(200).collect()).collect();
            wrong.push(format!("{what}: expected {words:?} in {shown:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows: {}", wrong.len(), wrong.join("\n"));
}

/// A place in the memo, and a length, are claims: nothing is set aside for them.
#[test]
fn claims_of_a_pickle_cost_nothing() {
    for body in
        [b"Nr\xff\xff\xff\xff0".as_slice(), b"\x80\x05\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x8b\xff\xff\xff\x7f"]
    {
        let bytes = [b"\x80\x02".as_slice(), body, b"N."].concat();
        drop(told("x.pkl", bytes));
    }
}
