//! Native tests of the core over `tests/fixtures`: one binary, so that it links once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "tests fail loudly"
)]

mod archives;
mod budgets;
mod bypasses;
mod comparing;
mod containers;
mod crashes;
mod diagnosis;
mod expected;
mod formats;
mod framework_layouts;
mod frameworks;
mod hostile;
mod http;
mod identity;
mod large_pairs;
mod layouts;
mod manifest_kinds;
mod manifests;
mod opening;
mod pickles;
mod properties;
mod readers;
mod registry;
mod report;
mod safetensors;
mod signatures;
mod sizes;
mod speed;
mod statistics;
mod support;
mod systems;
mod table;
mod torch_bad;
mod torch_sizes;
mod urls;
mod verdicts;
mod weights;
