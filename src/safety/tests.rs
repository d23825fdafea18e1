use super::*;
use crate::model::Import;
use crate::pickle::Machine;
use crate::source::Source;

fn verdict(module: &str, name: &str) -> PickleVerdict {
    let (module, name) = (module.to_owned(), name.to_owned());
    judge_import(&Import { module, name, offset: 0, times: 1, is_constant: true }).0
}

fn pickle(bytes: &[u8]) -> Pickle {
    Machine::run(Source::memory("x", bytes), 0).unwrap().pickle
}

#[test]
fn a_name_is_covered_with_everything_under_it() {
    use PickleVerdict::{Dangerous, Known, PlainTensors, Unknown};
    assert_eq!(verdict("os", "system"), Dangerous);
    assert_eq!(verdict("os.path", "join"), Dangerous);
    assert_eq!(verdict("ossaudiodev", "open"), Unknown, "not a part of os");
    assert_eq!(verdict("torch", "serialization.os.system"), Dangerous);
    assert_eq!(verdict("random", "_os.system"), Dangerous);
    assert_eq!(verdict("collections", "OrderedDict"), PlainTensors);
    assert_eq!(verdict("collections", "OrderedDict.__class__"), Dangerous);
    assert_eq!(verdict("c\u{43e}llections", "OrderedDict"), Dangerous, "a letter that looks like an o");
    assert_eq!(verdict("numpy._core.multiarray", "_reconstruct"), Known);
    assert_eq!(verdict("types", "SimpleNamespace"), Known);
    assert_eq!(verdict("types", "FunctionType"), Dangerous);
    assert_eq!(verdict("mine", "Thing"), Unknown);
}

#[test]
fn a_member_of_a_listed_class_is_no_attack() {
    let member = b"\x80\x02cbuiltins\ngetattr\ncnumpy.random._pcg64\nPCG64\nX\x01\x00\x00\x00A\x86R.";
    assert_eq!(judgement(&pickle(member)).verdict, PickleVerdict::Known);
    for attack in [
        &b"\x80\x02cbuiltins\ngetattr\ncnumpy.random._pcg64\nPCG64\nX\x09\x00\x00\x00__class__\x86R."[..],
        b"\x80\x02cbuiltins\ngetattr\nX\x01\x00\x00\x00aX\x01\x00\x00\x00A\x86R.",
        b"\x80\x02cbuiltins\ngetattr\ncnumpy.random._pcg64\nPCG64\nX\x01\x00\x00\x00A\x86R)R.",
        b"\x80\x02cbuiltins\ngetattr\n.",
        b"\x80\x02cbuiltins\ngetattr\ncnumpy.random._pcg64\nPCG64\nX\x01\x00\x00\x00A\x86R0cbuiltins\ngetattr\nX\x01\x00\x00\x00aX\x01\x00\x00\x00A\x86R.",
    ] {
        assert_eq!(judgement(&pickle(attack)).verdict, PickleVerdict::Dangerous, "{attack:?}");
    }
}

#[test]
fn lines_read_like_python() {
    let found = lines(&pickle(b"cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR(S'y'\ntR."));
    let found: Vec<(u64, &str)> = found.iter().map(|line| (line.offset, line.text.as_str())).collect();
    assert_eq!(
        found,
        [
            (0, "from builtins import getattr"),
            (19, "from os import system"),
            (36, "builtins.getattr(os.system, 'x')"),
            (44, "<what builtins.getattr gives>('y')"),
        ]
    );
}

#[test]
fn what_a_pickle_did_before_it_broke_counts() {
    let judged = judgement(&pickle(b"cos\nsystem\n(S'x'\ntR\xff"));
    assert_eq!(judged.verdict, PickleVerdict::Dangerous);
    let places: Vec<_> = judged.rules.iter().map(|rule| (rule.verdict, rule.offset)).collect();
    assert_eq!(places, [(PickleVerdict::Dangerous, 0), (PickleVerdict::Unknown, 19)]);
}
