//! Every fixture, opened to the last member, against the snapshot of what was said about it.
//!
//! `INSTA_UPDATE=always cargo test --test it` writes new snapshots; read the difference before committing it.

use weighbridge::source::Source;

use crate::support::{fixtures, render, walk};

#[test]
fn what_is_said_about_each_fixture_stays_the_same() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut different = Vec::new();
    for (path, bytes) in fixtures() {
        let text = render(&walk(&path, Source::memory(&path, bytes)));
        let name = path.replace('/', "__");
        let compare = || settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err() {
            different.push(path);
        }
    }
    assert!(different.is_empty(), "{} differ from their snapshots: {different:#?}", different.len());
}
