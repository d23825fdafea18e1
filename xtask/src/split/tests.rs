use super::*;
use wasmi::{Caller, Engine, Extern, Instance, Linker, Store, Val};

const RULE: Rule = Rule { rest: &["later::"], only_rest: &[], shared: &[], first: &["later::not"], at_least: 0 };

// `both` is known to each half; `only` follows the rest, whose functions alone call it.
const SOURCE: &str = r#"(module
  (type $two (func (param i32 i32) (result i32)))
  (import "./app_bg.js" "note" (func $note (param i32)))
  (memory (export "memory") 1)
  (table 2 2 funcref)
  (elem (i32.const 0) $"now::first" $"later::listed")
  (global $count (mut i32) (i32.const 0))
  (func $"now::first" (type $two) (i32.sub (local.get 0) (local.get 1)))
  (func $"later::listed" (type $two) (i32.mul (call $"now::both" (local.get 0)) (local.get 1)))
  (func $"now::both" (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $"only" (param i32) (result i32) (i32.load (local.get 0)))
  (func $"later::not" (param i32) (i32.store (i32.const 8) (local.get 0)))
  (func $"later::called" (param i64 i32) (result i64)
    (call $note (local.get 1))
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i64.add (local.get 0) (i64.extend_i32_u (call $"only" (i32.const 8)))))
  (func (export "count") (result i32)
    (i32.sub (call $"now::both" (global.get $count)) (i32.const 1)))
  (func (export "set") (param i32) (call $"later::not" (local.get 0)))
  (func (export "call") (param i64 i32) (result i64) (call $"later::called" (local.get 0) (local.get 1)))
  (func $"later::exported" (export "exported") (result i32) (i32.const 77))
  (func (export "through") (param i32 i32 i32) (result i32)
    (call_indirect (type $two) (local.get 1) (local.get 2) (local.get 0))))"#;

#[derive(Default)]
struct State {
    first: Option<Instance>,
    rest: Option<wasmi::Module>,
    loads: usize,
    notes: Vec<i32>,
}

fn note(mut caller: Caller<'_, State>, number: i32) {
    caller.data_mut().notes.push(number);
}

/// What the script does in the browser.
fn load(mut caller: Caller<'_, State>) {
    caller.data_mut().loads += 1;
    let (first, rest) = (caller.data().first.unwrap(), caller.data().rest.clone().unwrap());
    let mut linker = Linker::new(caller.engine());
    let shared: Vec<(String, Extern)> =
        first.exports(&caller).map(|export| (export.name().to_owned(), export.into_extern())).collect();
    for (name, export) in shared {
        linker.define("first", &name, export).unwrap();
    }
    linker.instantiate_and_start(&mut caller, &rest).unwrap();
    let there = first.get_global(&caller, "$there").unwrap();
    there.set(&mut caller, Val::I32(1)).unwrap();
}

/// The results of every call, and how often the rest was loaded before the calls that need it, and after them.
fn run(first: &[u8], rest: Option<&[u8]>) -> (Vec<i64>, [usize; 2]) {
    let engine = Engine::default();
    let rest = rest.map(|rest| wasmi::Module::new(&engine, rest).unwrap());
    let mut store = Store::new(&engine, State { rest, ..State::default() });
    let mut linker = Linker::new(&engine);
    linker.func_wrap("./app_bg.js", "note", note).unwrap();
    linker.func_wrap("rest", "load", load).unwrap();
    let module = wasmi::Module::new(&engine, first).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    store.data_mut().first = Some(instance);
    let call = |store: &mut Store<State>, name: &str, arguments: &[Val]| {
        let function = instance.get_func(&*store, name).unwrap();
        let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
        function.call(store, arguments, &mut results).unwrap();
        match results.first() {
            Some(Val::I64(number)) => *number,
            Some(Val::I32(number)) => i64::from(*number),
            _ => 0,
        }
    };
    let [zero, one, four, five, nine, forty] = [0, 1, 4, 5, 9, 40].map(Val::I32);
    let mut results = vec![call(&mut store, "set", &[forty])];
    results.push(call(&mut store, "through", &[zero, nine.clone(), four.clone()]));
    let before = store.data().loads;
    results.push(call(&mut store, "through", &[one.clone(), nine, four]));
    results.push(call(&mut store, "call", &[Val::I64(2), five]));
    results.push(call(&mut store, "exported", &[]));
    results.push(call(&mut store, "count", &[]));
    results.push(call(&mut store, "through", &[one.clone(), one.clone(), one]));
    results.extend(store.data().notes.iter().map(|number| i64::from(*number)));
    (results, [before, store.data().loads])
}

#[test]
fn two_halves_do_what_the_whole_did() {
    let whole = wat::parse_str(SOURCE).unwrap();
    let module = Module::read(&whole).unwrap();
    let (first, rest) = halves(&whole, &module, &Deal::new(&module, &RULE)).unwrap();
    let results = vec![0, 5, 40, 42, 77, 1, 2, 5];
    assert_eq!(run(&whole, None), (results.clone(), [0, 0]));
    assert_eq!(run(&first, Some(&rest)), (results, [0, 1]), "loaded once, by the first call that needs it");
}

#[test]
fn who_goes_where() {
    let whole = wat::parse_str(SOURCE).unwrap();
    let module = Module::read(&whole).unwrap();
    let deal = Deal::new(&module, &RULE);
    let names =
        |functions: &mut dyn Iterator<Item = u32>| functions.map(|f| module.name(f).to_owned()).collect::<Vec<_>>();
    let rest = names(&mut deal.rest.iter().copied());
    assert_eq!(rest, ["later::listed", "only", "later::called", "later::exported"]);
    assert_eq!(names(&mut deal.doors.keys().copied()), ["later::listed", "later::called", "later::exported"]);
    assert_eq!(names(&mut deal.lent.iter().copied()), ["note", "now::both"]);
}

#[test]
fn a_module_without_names_is_refused() {
    assert!(Module::read(b"\0asm\x01\0\0\0").is_err());
}

#[test]
fn the_script_is_joined_or_refused() {
    let script = "return { \"./app_bg.js\": import0, };\nexport { initSync, __wbg_init as default };\n";
    let joined = String::from_utf8(joined("app", script.as_bytes()).unwrap()).unwrap();
    for piece in
        ["rest: { load: loadRest }", "initAndPrefetch as default", "new URL(\"app_rest.wasm\", import.meta.url)"]
    {
        assert!(joined.contains(piece), "{piece}");
    }
    assert!(super::joined("app", b"export {};").is_err());
}
