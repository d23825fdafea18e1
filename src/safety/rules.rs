//! What decides over a pickle: what its imports are taken for, and what it does with them.

use crate::model::{Act, Import, Pickle, PickleVerdict, Rule, Verb, order_by_key};

/// What each import is taken for.
pub(super) type Judged = (PickleVerdict, String);

const REBUILD: &str = "torch._tensor._rebuild_from_type_v2";

/// Everything that speaks against `pickle`, in the order of the offsets. The verdict on `getattr` is made milder where
/// all it does is to name members of listed classes: so Python 3.11 writes the members of an `Enum`.
pub(super) fn rules(pickle: &Pickle, imports: &mut [Judged]) -> Vec<Rule> {
    soften(pickle, imports);
    let mut rules: Vec<Rule> = pickle.imports.iter().zip(imports.iter()).filter_map(of_import).collect();
    rules.extend(pickle.acts.iter().filter_map(|act| of_act(pickle, act)));
    let is_odd = |code: u8, at: u64, times: u64| code == 0x80 && (at != pickle.offset || times > 1);
    if let Some(used) = pickle.opcodes.iter().find(|used| is_odd(used.code, used.offset, used.times)) {
        let reason = "PROTO where none belongs: no writer does that, and scanners have been stopped by it";
        rules.push(Rule { verdict: PickleVerdict::Unknown, offset: used.offset, reason: reason.to_owned() });
    }
    if let Some(why) = &pickle.stopped {
        let offset = pickle.offset.saturating_add(pickle.len);
        let reason = format!("not read to its end: {why}");
        rules.push(Rule { verdict: PickleVerdict::Unknown, offset, reason });
    }
    order_by_key(&mut rules, |rule| rule.offset);
    rules
}

fn of_import((import, (verdict, reason)): (&Import, &Judged)) -> Option<Rule> {
    let reason = || format!("{}: {reason}", import.path());
    (*verdict >= PickleVerdict::Unknown).then(|| Rule { verdict: *verdict, offset: import.offset, reason: reason() })
}

fn of_act(pickle: &Pickle, act: &Act) -> Option<Rule> {
    let is_import = || pickle.imports.iter().any(|import| import.path() == act.of);
    let (verdict, reason) = match act.verb {
        Verb::Extension => {
            (PickleVerdict::Dangerous, format!("extension {}: only who loads it knows what that is", act.arguments))
        }
        Verb::Call | Verb::New if !is_import() => (PickleVerdict::Unknown, format!("calls {}", act.of)),
        Verb::Build | Verb::SetItems | Verb::Append | Verb::Add if is_import() => {
            (PickleVerdict::Dangerous, format!("changes {} itself, for everything that uses it", act.of))
        }
        _ => return None,
    };
    Some(Rule { verdict, offset: act.offset, reason })
}

fn soften(pickle: &Pickle, imports: &mut [Judged]) {
    let listed: Vec<String> = pickle
        .imports
        .iter()
        .zip(imports.iter())
        .filter(|(import, (verdict, _))| *verdict <= PickleVerdict::Known && is_class(&import.name))
        .map(|(import, _)| import.path())
        .collect();
    for (import, judged) in pickle.imports.iter().zip(imports.iter_mut()) {
        let path = import.path();
        let is_it = import.is_constant && matches!(path.as_str(), "builtins.getattr" | "__builtin__.getattr");
        if is_it && names_members_only(pickle, &path, &listed) {
            *judged = (PickleVerdict::Known, "names members of listed classes, nothing else".to_owned());
        }
    }
}

fn is_class(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Whether every call of `getattr` is `getattr(Class, 'MEMBER')` of a listed class, and nobody calls what it gives.
fn names_members_only(pickle: &Pickle, getattr: &str, listed: &[String]) -> bool {
    let mut calls = pickle.acts.iter().filter(|act| act.of == getattr).peekable();
    let is_handed_on = pickle.imports.iter().any(|import| import.path() == REBUILD);
    let is_used = pickle.acts.iter().any(|act| act.of != getattr && act.of.ends_with(&format!("{getattr} gives")));
    calls.peek().is_some()
        && !is_handed_on
        && !is_used
        && calls.all(|act| act.verb == Verb::Call && is_member(&act.arguments, listed))
}

fn is_member(arguments: &str, listed: &[String]) -> bool {
    let inner = arguments.strip_prefix('(').and_then(|rest| rest.strip_suffix("')"));
    let Some((class, member)) = inner.and_then(|inner| inner.split_once(", '")) else { return false };
    let is_word = member.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word && !member.starts_with('_') && listed.iter().any(|known| known == class)
}
