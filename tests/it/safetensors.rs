//! The Rust crate `safetensors` as the judge: what it refuses has an error, what it takes has none.

use proptest::collection::vec;
use proptest::prelude::*;
use safetensors::SafeTensors;
use weighbridge::model::{Finding, Severity};
use weighbridge::source::Source;

use crate::support::{fixtures, read};

/// Errors that are told of the file.
fn errors(bytes: &[u8]) -> Vec<Finding> {
    match read("x.safetensors", &Source::memory("x.safetensors", bytes.to_vec())) {
        Err(error) => vec![Finding::from_error("x.safetensors", &error)],
        Ok(contents) => contents.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect(),
    }
}

/// Whether we and the crate say the same, else what both say.
fn agree(bytes: &[u8]) -> Result<bool, String> {
    let (errors, refused) = (errors(bytes), SafeTensors::deserialize(bytes).err());
    if errors.is_empty() == refused.is_none() {
        return Ok(refused.is_none());
    }
    let head: String = String::from_utf8_lossy(bytes).chars().take(600).collect();
    Err(format!("the crate says {refused:?}, we {errors:?} of {} bytes: {head:?}", bytes.len()))
}

#[test]
fn on_every_fixture_we_say_what_the_crate_says() {
    let (mut taken, mut refused) = (0, 0);
    for (path, bytes) in fixtures().into_iter().filter(|(path, _)| path.ends_with(".safetensors")) {
        match agree(&bytes) {
            Ok(true) => taken += 1,
            Ok(false) => refused += 1,
            Err(said) => panic!("{path}: {said}"),
        }
    }
    assert!(taken >= 19 && refused >= 24, "{taken} taken, {refused} refused");
}

const TYPES: [&str; 14] =
    ["U8", "F32", "BF16", "F4", "F6_E2M3", "F8_E8M0", "I64", "BOOL", "C64", "C128", "C32", "X9", "f32", "F8_E5M2FNUZ"];
const BITS: [u64; 14] = [8, 32, 16, 4, 6, 8, 64, 8, 64, 128, 32, 8, 32, 8];
/// Mostly known ones.
fn dtype() -> impl Strategy<Value = usize> {
    prop_oneof![20 => 0..9_usize, 1 => 9..TYPES.len()]
}

/// One entry as it would be written, and how it is spoilt.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    dtype: usize,
    shape: Vec<u64>,
    spoilt: Option<(usize, u64)>,
}

fn made() -> impl Strategy<Value = Made> {
    let name =
        prop_oneof![8 => "[a-z]{1,6}", 1 => "[ab]", 1 => Just("größe\\n".to_owned()), 1 => Just("\\u0061".to_owned())];
    let length = prop_oneof![12 => 1_u64..6, 1 => Just(0)];
    let spoilt = proptest::option::weighted(0.15, (0..22_usize, 1_u64..5));
    (name, dtype(), vec(length, 0..4), spoilt).prop_map(|(name, dtype, shape, spoilt)| Made {
        name,
        dtype,
        shape,
        spoilt,
    })
}

impl Made {
    fn len(&self) -> u64 {
        (self.shape.iter().product::<u64>() * BITS[self.dtype]).div_ceil(8)
    }

    /// The entry as JSON, whose data begins at `at`.
    fn render(&self, at: u64) -> String {
        let Self { name, dtype, shape, spoilt } = self;
        let (name, dtype, shape, end) = (name.as_str(), TYPES[*dtype], format!("{shape:?}"), at + self.len());
        let whole = |dtype: &str, shape: &str, offsets: &str, more: &str| {
            format!(r#""{name}":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}"#)
        };
        let (quoted, offsets) = (format!("\"{dtype}\""), format!("[{at},{end}]"));
        let Some((how, by)) = *spoilt else { return whole(&quoted, &shape, &offsets, "") };
        match how {
            0 => whole(&quoted, &shape, &format!("[{},{end}]", at + by), ""),
            1 => whole(&quoted, &shape, &format!("[{at},{}]", end + by), ""),
            2 => whole(&quoted, &shape, &format!("[{},{}]", at + by, end + by), ""),
            3 => whole(&quoted, &shape, &format!("[{end},{at}]"), ""),
            4 => whole(&quoted, &shape, &format!("[{at},{end},{by}]"), ""),
            5 => whole(&quoted, &shape, &format!("[{at}]"), ""),
            6 => whole(&quoted, &shape, &format!("[{at}.0,{end}]"), ""),
            7 => whole(&quoted, &shape, &format!("[-{by},{end}]"), ""),
            8 => whole(&quoted, &format!("[{by},{}]", 1_u64 << 63), &offsets, ""),
            9 => whole(&quoted, &format!("[{},{},0]", 1_u64 << 63, by + 1), &format!("[{at},{at}]"), ""),
            10 => whole(&quoted, "[1e999]", &offsets, ""),
            11 => whole(&quoted, "null", &offsets, ""),
            12 => whole("7", &shape, &offsets, ""),
            13 => whole(&quoted, &shape, &offsets, r#","more":[{"x":1}]"#),
            14 => whole(&quoted, &shape, &offsets, &format!(r#","shape":{shape}"#)),
            15 => whole(&quoted, &shape, &offsets, &format!(r#","dtype":{quoted}"#)),
            16 => format!(r#""{name}":{{"dtype":{quoted},"shape":{shape}}}"#),
            17 => format!(r#""{name}":[{quoted},{shape},{offsets}]"#),
            18 => whole(&format!("{{{quoted}:null}}"), &shape, &offsets, ""),
            19 => format!(r#""{name}":null"#),
            20 => format!("{0},{0}", whole(&quoted, &shape, &offsets, "")),
            _ => whole(&quoted, &shape, &offsets, &format!(r#","x":{}{}"#, "[".repeat(200), "]".repeat(200))),
        }
    }
}

const METADATA: [&str; 9] = [
    r#""__metadata__":{"format":"pt"}"#,
    r#""__metadata__":{}"#,
    r#""__metadata__":{"a":"x","a":"y"}"#,
    r#""__metadata__":null"#,
    r#""__metadata__":{"a":1}"#,
    r#""__metadata__":{"a":null}"#,
    r#""__metadata__":[]"#,
    r#""__metadata__":{},"__metadata__":{}"#,
    r#""__METADATA__":{"a":"b"}"#,
];

/// What is done to the file as a whole.
#[derive(Debug, Clone, Copy)]
enum Damage {
    None,
    More(usize),
    Less(usize),
    Length(i64),
    Flip(usize, u8),
    Before(usize),
    Behind(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        10 => Just(Damage::None),
        1 => (1..9_usize).prop_map(Damage::More),
        1 => (1..9_usize).prop_map(Damage::Less),
        1 => (-3_i64..4).prop_map(Damage::Length),
        6 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => (0..3_usize).prop_map(Damage::Before),
        1 => (0..4_usize).prop_map(Damage::Behind),
    ]
}

fn file(entries: &[Made], metadata: Option<usize>, damage: Damage, padding: usize) -> Vec<u8> {
    let (mut at, mut parts) = (0, Vec::new());
    parts.extend(metadata.map(|which| METADATA[which].to_owned()));
    for entry in entries {
        parts.push(entry.render(at));
        at += entry.len();
    }
    let mut header = format!("{{{}}}{}", parts.join(","), " ".repeat(padding)).into_bytes();
    let mut data = vec![0_u8; usize::try_from(at).unwrap()];
    let mut claimed = 0;
    match damage {
        Damage::None => {}
        Damage::More(by) => data.resize(data.len() + by, 1),
        Damage::Less(by) => data.truncate(data.len().saturating_sub(by)),
        Damage::Length(by) => claimed = by,
        Damage::Flip(at, byte) => {
            let at = at % (header.len() - padding);
            header[at] = byte;
        }
        Damage::Before(which) => {
            drop(header.splice(0..0, [b" ".to_vec(), b"\n\t".to_vec(), b"\xef\xbb\xbf".to_vec()][which].clone()))
        }
        Damage::Behind(which) => header.extend([b"\n".as_slice(), b"\0", b"}", b" {}"][which]),
    }
    let len = (header.len() as u64).saturating_add_signed(claimed);
    [len.to_le_bytes().to_vec(), header, data].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(6000) })]

    #[test]
    fn on_every_header_we_say_what_the_crate_says(
        entries in vec(made(), 0..6),
        metadata in proptest::option::weighted(0.3, prop_oneof![3 => 0..2_usize, 1 => 0..METADATA.len()]),
        damage in damage(),
    ) {
        agree(&file(&entries, metadata, damage, 0)).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    /// Of headers this long the crate is only asked when something is odd: our own rules must find all that it does.
    #[test]
    fn on_long_headers_too(entries in vec(made(), 0..6), metadata in proptest::option::of(0..METADATA.len())) {
        agree(&file(&entries, metadata, Damage::None, (4 << 20) + 1)).map_err(TestCaseError::fail)?;
    }
}

/// A generator of which nearly everything is refused, or taken, would show nothing.
#[test]
fn about_half_of_what_is_made_is_taken() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut taken, cases) = (0, 1000);
    for _ in 0..cases {
        let entries = vec(made(), 0..6).new_tree(&mut runner).unwrap().current();
        let damage = damage().new_tree(&mut runner).unwrap().current();
        taken += usize::from(SafeTensors::deserialize(&file(&entries, None, damage, 0)).is_ok());
    }
    assert!((cases / 5..cases * 4 / 5).contains(&taken), "{taken} of {cases}");
}
