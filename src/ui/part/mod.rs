//! The parts that pages are made of. They get plain values and hand back what the user did; they know no session.

pub(in crate::ui) mod chart;
pub(in crate::ui) mod copy;
pub(in crate::ui) mod dialog;
pub(in crate::ui) mod digest;
pub(in crate::ui) mod drop_zone;
pub(in crate::ui) mod dtype_bar;
pub(in crate::ui) mod figures;
pub(in crate::ui) mod finding;
pub(in crate::ui) mod heat_map;
pub(in crate::ui) mod hex_view;
pub(in crate::ui) mod histogram;
pub(in crate::ui) mod icon;
pub(in crate::ui) mod json_tree;
pub(in crate::ui) mod pager;
pub(in crate::ui) mod problem_card;
pub(in crate::ui) mod progress;
pub(in crate::ui) mod select;
pub(in crate::ui) mod size;
pub(in crate::ui) mod sparkline;
pub(in crate::ui) mod state;
pub(in crate::ui) mod treemap;
pub(in crate::ui) mod virtual_list;
