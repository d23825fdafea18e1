use super::*;

fn tensors(names: &[(&str, &[u64])]) -> Vec<Tensor> {
    let tensor = |(name, shape): &(&str, &[u64])| Tensor {
        name: (*name).to_owned(),
        dtype: DType::F32,
        shape: shape.to_vec(),
        size_bytes: 0,
        role: TensorRole::Model,
        place: None,
    };
    names.iter().map(tensor).collect()
}

fn told(a: &[(&str, &[u64])], b: &[(&str, &[u64])], rejected: &[&str]) -> Vec<String> {
    let (a, b) = (tensors(a), tensors(b));
    let rejected = rejected.iter().map(|name| (*name).to_owned()).collect();
    let (of_a, of_b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
    let found = align(&of_a, &of_b, &rejected);
    let told = |pair: &Match| {
        let rename = pair.rename.as_ref().map_or("", Rename::words);
        format!("{} = {} {rename}", a[pair.a].name, b[pair.b].name)
    };
    let alone = found.only_a.iter().map(|at| format!("-{}", a[*at].name));
    let added = found.only_b.iter().map(|at| format!("+{}", b[*at].name));
    found.matches.iter().map(told).chain(alone).chain(added).collect()
}

#[test]
fn keys_around_a_model_are_seen_through() {
    let a: [(&str, &[u64]); 3] = [("h.0.w", &[2]), ("h.1.w", &[2]), ("head.w", &[3])];
    let b: [(&str, &[u64]); 3] = [("_orig_mod.module.h.0.w", &[2]), ("model.h.1.w", &[2]), ("state_dict.head.w", &[4])];
    let why = "a key around the model";
    assert_eq!(
        told(&a, &b, &[]),
        [
            format!("h.0.w = _orig_mod.module.h.0.w {why}"),
            format!("h.1.w = model.h.1.w {why}"),
            format!("head.w = state_dict.head.w {why}")
        ]
    );
    let rejected = told(&a, &b, &["model.h.1.w"]);
    assert!(rejected.contains(&"-h.1.w".to_owned()) && rejected.contains(&"+model.h.1.w".to_owned()));
}

#[test]
fn other_frameworks_names_are_seen_through() {
    let torch: [(&str, &[u64]); 5] = [
        ("layers.0.dense.weight", &[8, 4]),
        ("layers.0.norm.weight", &[8]),
        ("conv.weight", &[16, 3, 5, 7]),
        ("embed.weight", &[10, 4]),
        ("layers.1.dense.bias", &[8]),
    ];
    let flax: [(&str, &[u64]); 5] = [
        ("params/layers_0/dense/kernel", &[4, 8]),
        ("params/layers_0/norm/scale", &[8]),
        ("params/conv/kernel", &[5, 7, 3, 16]),
        ("params/embed/embedding", &[10, 4]),
        ("params/layers/1/dense/bias", &[8]),
    ];
    let told = told(&torch, &flax, &[]);
    assert_eq!(told[0], "layers.0.dense.weight = params/layers_0/dense/kernel another framework's words, transposed");
    assert_eq!(told[1], "layers.0.norm.weight = params/layers_0/norm/scale another framework's words");
    assert_eq!(told[4], "layers.1.dense.bias = params/layers/1/dense/bias another separator");
    let (a, b) = (tensors(&torch), tensors(&flax));
    let (of_a, of_b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
    let axes: Vec<_> =
        align(&of_a, &of_b, &BTreeSet::new()).matches.into_iter().map(|pair| pair.rename.unwrap().axes).collect();
    assert_eq!(axes, [Some(vec![1, 0]), None, Some(vec![3, 2, 0, 1]), None, None]);
    let back: Vec<_> =
        align(&of_b, &of_a, &BTreeSet::new()).matches.into_iter().map(|pair| pair.rename.unwrap().axes).collect();
    assert_eq!(back[2], Some(vec![2, 3, 1, 0]));
}

#[test]
fn projections_kept_as_one_are_found_in_their_parts() {
    let whole: [(&str, &[u64]); 2] = [("h.0.attn.qkv.weight", &[12, 4]), ("h.0.attn.qkv.bias", &[12])];
    let parts: [(&str, &[u64]); 4] = [
        ("h.0.attn.q_proj.weight", &[8, 4]),
        ("h.0.attn.k_proj.weight", &[2, 4]),
        ("h.0.attn.v_proj.weight", &[2, 4]),
        ("h.0.attn.q_proj.bias", &[8]),
    ];
    let why = "a part of several kept as one";
    let found = told(&whole, &parts, &[]);
    assert_eq!(found[0], format!("h.0.attn.qkv.weight = h.0.attn.q_proj.weight {why}"));
    assert_eq!(found[3..], ["-h.0.attn.qkv.bias", "+h.0.attn.q_proj.bias"]);
    let (a, b) = (tensors(&whole), tensors(&parts));
    let (of_a, of_b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
    let slices = |found: Alignment| -> Vec<_> {
        found.matches.into_iter().map(|pair| pair.rename.unwrap().slice.unwrap()).collect()
    };
    let slice = |of_a, first, count| Slice { of_a, first, count };
    let none = BTreeSet::new();
    assert_eq!(slices(align(&of_a, &of_b, &none)), [slice(true, 0, 8), slice(true, 8, 2), slice(true, 10, 2)]);
    assert_eq!(slices(align(&of_b, &of_a, &none)), [slice(false, 0, 8), slice(false, 8, 2), slice(false, 10, 2)]);
    assert_eq!(told(&whole, &parts, &["h.0.attn.k_proj.weight"]).len(), 6);
}

#[test]
fn two_that_could_be_meant_are_not_guessed_between() {
    let told = told(&[("w", &[2])], &[("model.w", &[2]), ("module.w", &[2])], &[]);
    assert_eq!(told, ["-w", "+model.w", "+module.w"]);
}
