use super::*;
use crate::error::Error;
use crate::model::Verb;
use crate::source::Source;

fn run(bytes: &[u8]) -> Program {
    Machine::run(Source::memory("x", bytes), 0).unwrap()
}

fn said(bytes: &[u8]) -> String {
    let program = run(bytes);
    Repr::of(&program.heap, &program.pickle.imports, program.top.unwrap(), 1000)
}

#[test]
fn what_a_call_would_do_is_written_down_and_not_done() {
    let program = run(b"cos\nsystem\n(S'rm -rf /'\ntR.");
    let import = &program.pickle.imports[0];
    assert_eq!((import.path().as_str(), import.offset, import.is_constant), ("os.system", 0, true));
    let act = &program.pickle.acts[0];
    assert_eq!((act.verb, act.of.as_str(), act.arguments.as_str()), (Verb::Call, "os.system", "('rm -rf /',)"));
    assert_eq!((act.offset, act.times), (25, 1));
}

#[test]
fn names_from_the_memo_are_constants_and_names_from_calls_are_not() {
    // The module is put into the memo, thrown away and fetched again.
    let program = run(b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94000h\x00h\x01\x93.");
    assert!(program.stopped.is_some(), "three POPs of two values");
    let program = run(b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93.");
    assert_eq!((program.pickle.imports[0].path().as_str(), program.pickle.imports[0].is_constant), ("os.system", true));
    let program = run(b"\x80\x04cbuiltins\nstr\n\x8c\x02os\x85R\x8c\x06system\x93.");
    let import = &program.pickle.imports[1];
    assert_eq!((import.module.as_str(), import.is_constant), ("builtins.str('os')", false));
}

#[test]
fn a_chain_of_calls_names_where_it_began() {
    let program = run(b"cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR(S'y'\ntR.");
    let of: Vec<&str> = program.pickle.acts.iter().map(|act| act.of.as_str()).collect();
    assert_eq!(of, ["builtins.getattr", "what builtins.getattr gives"]);
}

#[test]
fn laughter_costs_a_node_a_line() {
    let mut bytes = b"\x80\x04]\x94".to_vec();
    for _ in 0..1000 {
        bytes.extend(b"]\x94(h\x00h\x00h\x00h\x00e\x85]\x94");
        bytes.extend(b"0");
    }
    bytes.extend(b".");
    assert!(run(&bytes).heap.len() < 10_000);
}

#[test]
fn depth_is_no_danger() {
    let mut bytes = vec![b'('; 1_000_000];
    bytes.extend(vec![b't'; 1_000_000]);
    bytes.push(b'.');
    assert!(said(&bytes).starts_with("(("));
    let cycle = b"]\x94h\x00a.";
    assert!(said(&[b"\x80\x04", &cycle[..]].concat()).contains('…'));
}

#[test]
fn what_stood_before_the_break_is_shown() {
    let whole = b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00b](K\x02K\x03eu.";
    assert_eq!(said(whole), "{'a': 1, 'b': [2, 3]}");
    let cut = run(&whole[..whole.len() - 3]);
    assert_eq!(Repr::of(&cut.heap, &[], cut.top.unwrap(), 99), "{'a': 1, 'b': [2, 3]}");
    assert_eq!(cut.stopped.unwrap().to_string(), "pickle: the pickle ends at byte 26 inside an opcode (at byte 26)");
    assert_eq!(cut.pickle.len, 26);
}

#[test]
fn breaks_name_the_byte() {
    let stopped = |bytes: &[u8]| run(bytes).stopped.unwrap().to_string();
    assert_eq!(stopped(b"K\x01\xff."), "pickle: expected an opcode, found byte 0xff (at byte 2)");
    assert_eq!(stopped(b"h\x05."), "pickle: BINGET asks for memo entry 5, which was never put (at byte 0)");
    assert_eq!(stopped(b"(K\x01u."), "pickle: SETITEMS finds a key without a value (at byte 3)");
    assert_eq!(stopped(b"K\x01(M\x01"), "pickle: the pickle ends at byte 5 inside BININT2 (at byte 5)");
    assert_eq!(stopped(b"K\x01)R."), "pickle: REDUCE finds a whole number, which cannot be called (at byte 3)");
    assert_eq!(stopped(b"\x80\x09N."), "pickle: protocol 9 is asked for, 5 is the highest there is (at byte 0)");
    assert_eq!(stopped(b"B\xff\xff\xff\xffabc"), "pickle: 4294967295 bytes are promised, 3 are there (at byte 5)");
    assert_eq!(stopped(b"T\xff\xff\xff\xffabc"), "pickle: BINSTRING has a length of -1 bytes (at byte 1)");
    assert_eq!(stopped(b"."), "pickle: STOP finds nothing on the stack (at byte 0)");
}

#[test]
fn numbers_are_those_of_python() {
    let repr = [
        (1e-8, "1e-08"),
        (0.0001, "0.0001"),
        (1e16, "1e+16"),
        (1.5e300, "1.5e+300"),
        (123_456.0, "123456.0"),
        (-0.0, "-0.0"),
        (f64::NEG_INFINITY, "-inf"),
    ];
    for (value, text) in repr {
        assert_eq!(float_repr(value), text);
    }
    assert_eq!(said(b"\x8a\x01\xff."), "-1");
    assert_eq!(said(b"\x8a\x00."), "0");
    assert_eq!(said(b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01."), "18446744073709551616");
    assert_eq!(said(b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\xff."), "-18446744073709551616");
    assert_eq!(said(b"L-123456789012345678901234567890L\n."), "-123456789012345678901234567890");
    assert_eq!(said(b"I01\n."), "True");
}

#[test]
fn texts_of_protocol_0_are_unescaped() {
    assert_eq!(said(b"S'a\\x41\\n\\'\\101'\n."), "\"aA\\n'A\"");
    assert_eq!(said(b"Vgr\xfcn \\u20ac \\U0001f600\n."), "'gr\u{fc}n \u{20ac} \u{1f600}'");
}

#[test]
fn a_limit_stops_it_and_says_so() {
    let mut bytes = b"\x80\x02".to_vec();
    for index in 0..crate::limits::PICKLE_IMPORTS + 2 {
        bytes.extend(format!("cm\nn{index}\n0").as_bytes());
    }
    bytes.extend(b"N.");
    assert!(matches!(run(&bytes).stopped, Some(Error::Limit { limit: "pickle imports", .. })));
}

#[test]
fn a_long_name_is_kept_by_its_beginning_and_end() {
    let name = format!("a.{}.b\u{fc}.system", "\u{e4}".repeat(5000));
    let bytes = format!("cos\n{name}\n.");
    let imports = run(bytes.as_bytes()).pickle.imports;
    assert_eq!((imports.len(), imports[0].module.as_str()), (1, "os"));
    let kept = &imports[0].name;
    assert!(kept.starts_with("a.\u{e4}") && kept.ends_with(".b\u{fc}.system"), "{kept}");
    assert!(kept.contains("10013 bytes") && kept.len() < 1200, "{kept}");
}

/// Bytes that are made when they are read, and the longest piece that was asked for.
struct Line {
    head: &'static [u8],
    len: u64,
    tail: &'static [u8],
    longest: std::cell::Cell<usize>,
}

impl crate::source::ReadAt for Line {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.len + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
        self.longest.set(self.longest.get().max(into.len()));
        let end = self.head.len() as u64 + self.len;
        let mut count = 0;
        for (at, byte) in (offset..self.len()).zip(into.iter_mut()) {
            *byte = match at {
                at if at < self.head.len() as u64 => self.head[at as usize],
                at if at < end => b'x',
                at => self.tail[(at - end) as usize],
            };
            count += 1;
        }
        Ok(count)
    }
}

/// What comes of a line of so many bytes in front of an attack, and the longest piece of it that was held.
fn run_line(head: &'static [u8], len: u64) -> (Program, usize) {
    let line = std::rc::Rc::new(Line { head, len, tail: b"'\n0cos\nsystem\n)R.", longest: 0.into() });
    let program = Machine::run(Source::new("x", std::rc::Rc::clone(&line) as _), 0).unwrap();
    (program, line.longest.get())
}

#[test]
fn a_long_line_is_gone_through_and_not_held() {
    for len in [5 << 20, 9 << 20, crate::limits::PICKLE_LINE - 2] {
        let (program, longest) = run_line(b"S'", len);
        assert_eq!(program.pickle.imports.first().map(|import| import.path()).as_deref(), Some("os.system"), "{len}");
        assert_eq!(program.pickle.imports[0].offset, len + 5);
        assert!(longest <= crate::limits::PICKLE_LINE_KEPT, "{len}: {longest} bytes at once");
    }
}

#[test]
fn a_line_beyond_the_cap_stops_it() {
    let cap = crate::limits::PICKLE_LINE;
    for len in [cap - 1, cap, 2 * cap] {
        let (program, longest) = run_line(b"S'", len);
        assert!(program.stopped.is_some_and(|error| error.to_string().contains("pickle line")), "{len}");
        assert!(longest <= crate::limits::PICKLE_LINE_KEPT, "{len}: {longest} bytes at once");
    }
    // A name, and a place in the memo, are never that long.
    for head in [b"c", b"g", b"F"] {
        let (program, _) = run_line(head, 9 << 20);
        assert!(program.stopped.is_some_and(|error| error.to_string().contains("pickle line")), "{head:?}");
    }
}
