//! Comparisons far larger than any model's: what they come to, and that the time they take grows with their size and no
//! faster. Bounds are for an unoptimised build on a busy machine.

#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use weighbridge::diff::{
    StructureChange, StructureRow, align, closest_names, compare_configs, compare_modules, compare_structures,
    config_patch, rename_by_content,
};
use weighbridge::limits;
use weighbridge::model::{DType, Tensor, TensorRole, Value};

/// Mixture of experts: 128 layers of 128 experts of three matrices.
const LARGE: usize = 49_152;

fn tensor(name: String, shape: &[u64]) -> Tensor {
    let (dtype, size_bytes) = (DType::BF16, 2 * shape.iter().product::<u64>());
    Tensor { name, dtype, shape: shape.to_vec(), size_bytes, role: TensorRole::Model, place: None }
}

fn experts(count: usize, around: &str) -> Vec<Tensor> {
    let word = |at: usize| ["gate_proj", "up_proj", "down_proj"][at % 3];
    let name = |at: usize| format!("{around}layers.{}.mlp.experts.{}.{}.weight", at / 384, at / 3 % 128, word(at));
    (0..count).map(|at| tensor(name(at), &[768, 2048])).collect()
}

/// The rows, and how long they took with the totals of the modules.
fn compared(a: &[Tensor], b: &[Tensor]) -> (Vec<StructureRow>, Duration) {
    let (a, b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
    let begun = Instant::now();
    let rows = compare_structures(&a, &b, &align(&a, &b, &BTreeSet::new()));
    assert!(!compare_modules(&a, &b).is_empty());
    (rows, begun.elapsed())
}

fn count(rows: &[StructureRow], change: StructureChange) -> usize {
    rows.iter().filter(|row| row.change == change).count()
}

#[test]
fn many_tensors_are_compared_in_a_moment() {
    let a = experts(LARGE, "model.");
    let mut b = a.clone();
    b[7].dtype = DType::F32;
    b[LARGE / 2].shape = vec![1];
    b[LARGE - 1].name = "router.weight".into();
    b.reverse();
    let (rows, took) = compared(&a, &b);
    let told: Vec<_> = rows.iter().map(|row| row.change).collect();
    use StructureChange::{Added, Dtype, Removed, Shape};
    assert_eq!(told, [Dtype, Shape, Removed, Added]);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn many_renamed_tensors_are_paired_in_time_that_grows_with_their_number() {
    let timed = |count: usize| {
        let (a, b) = (experts(count, ""), experts(count, "_orig_mod.module."));
        let once = || {
            let (rows, took) = compared(&a, &b);
            assert_eq!((rows.len(), self::count(&rows, StructureChange::Renamed)), (count, count));
            took
        };
        once().min(once())
    };
    let (small, large) = (timed(LARGE / 8), timed(LARGE));
    assert!(large < Duration::from_secs(20), "{large:?}");
    // Were every name held against every other, it would be 64 times as long.
    assert!(large < small * 30 + Duration::from_millis(500), "{small:?}, and {large:?} for eight times as many");
}

#[test]
fn many_fused_tensors_are_found_in_their_parts() {
    let wholes: Vec<Tensor> = (0..LARGE / 3).map(|at| tensor(format!("h.{at}.attn.qkv.weight"), &[6, 2])).collect();
    let parts = |at: usize| tensor(format!("h.{}.attn.{}_proj.weight", at / 3, ["q", "k", "v"][at % 3]), &[2, 2]);
    let (rows, took) = compared(&wholes, &(0..LARGE).map(parts).collect::<Vec<_>>());
    assert_eq!(count(&rows, StructureChange::Renamed), LARGE);
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn many_tensors_with_nothing_in_common_are_told_and_then_renamed() {
    let (a, b): (Vec<Tensor>, Vec<Tensor>) =
        (0..100_000_u64).map(|at| (tensor(format!("a{at}"), &[at]), tensor(format!("b{at}"), &[at]))).unzip();
    let (mut rows, took) = compared(&a, &b);
    assert_eq!((count(&rows, StructureChange::Removed), count(&rows, StructureChange::Added)), (100_000, 100_000));
    let (of_a, of_b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
    let begun = Instant::now();
    assert!(closest_names(&of_a, &of_b).is_some());
    let found: Vec<(String, String)> = (0..100_000).map(|at| (format!("a{at}"), format!("b{at}"))).collect();
    rename_by_content(&mut rows, &found);
    assert_eq!((rows.len(), count(&rows, StructureChange::Renamed)), (100_000, 100_000));
    assert!(took + begun.elapsed() < Duration::from_secs(40), "{took:?} {:?}", begun.elapsed());
}

#[test]
fn a_million_keys_are_compared_and_the_rows_are_bounded() {
    const KEYS: i64 = 1_000_000;
    let map = |shift: i64| {
        let pairs = (0..KEYS).map(|key| (format!("key{key}"), Value::Int(key / 2 * 2 + shift)));
        Value::Map(pairs.collect())
    };
    let (a, b) = (map(0), map(1));
    let begun = Instant::now();
    let (rows, more) = compare_configs(&a, &b);
    assert_eq!((rows.len(), more), (limits::CONFIG_ROWS, KEYS as u64 - limits::CONFIG_ROWS as u64));
    assert_eq!(config_patch(&a, &b), None);
    let list = |shift: i64| Value::List((0..KEYS / 4).map(|at| Value::Int(at + shift)).collect());
    let (rows, more) = compare_configs(&list(0), &list(KEYS));
    assert_eq!((rows.len() as u64 + more, rows[0].path.as_str()), (KEYS as u64 / 4, "0"));
    assert_eq!(compare_configs(&list(0), &list(0)), (Vec::new(), 0));
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
}
