//! What cannot be trusted: a program in a pickle, wherever it hides, is told and never run.

use crate::pictures::look;
use crate::run::rows;
use e2e::Result;
use e2e::fixtures::{Folder, bytes};
use e2e::page::Page;
use serde_json::{Value, json};

/// `os.system("echo never run")`, as `pickletools.dis` shows it: the import at 0, the call at 31.
const PROGRAM: &[u8] = b"cos\nsystem\n(S'echo never run'\ntR.";

/// A file that says what it is, one that does not, and a good one between them.
pub(crate) fn a_dangerous_pickle(page: &Page) -> Result {
    let folder = programs()?;
    page.open_folder(&folder.path().join("from elsewhere"))?;
    page.go("safety")?;
    page.shows(["2 of", "would run code when loaded", "os.system", "model.pkl", "weights.bin"])?;
    let told = page.driver.run("return document.querySelector('.page').textContent", &[])?;
    assert!(told.as_str().is_some_and(|told| told.contains("echo never run")), "what it does is shown: {told}");
    look(page, "dangerous")?;
    let report = page.report()?;
    for name in ["model.pkl", "weights.bin"] {
        let path = format!("from elsewhere/{name}");
        let found = rows(&report["pickles"], |row| row["file"] == path.as_str());
        assert_eq!(found.len(), 1, "{}", report["pickles"]);
        assert_eq!((&found[0]["verdict"], &found[0]["weights_only_loads"]), (&json!("dangerous"), &json!(false)));
        let import = &found[0]["imports"][0];
        assert_eq!(
            (&import["module"], &import["name"], &import["offset"]),
            (&json!("os"), &json!("system"), &json!(0))
        );
    }
    let harmless = |row: &&Value| row["verdict"] != "dangerous";
    assert!(rows(&report["pickles"], |_| true).iter().filter(|row| harmless(row)).count() >= 1, "tensors.pkl is plain");
    Ok(())
}

/// The folder of that.
pub(crate) fn programs() -> Result<Folder> {
    let folder = Folder::new()?;
    folder.write("from elsewhere/model.pkl", PROGRAM)?;
    folder.write("from elsewhere/weights.bin", PROGRAM)?;
    folder.write("from elsewhere/tensors.pkl", &bytes("pickle/tensors.pkl")?)?;
    Ok(folder)
}
