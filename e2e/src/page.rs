//! The page, by its test ids: how to find things, what a person does with them. Checking is the journeys' part.

use crate::driver::{Browser, Driver};
use crate::{Result, download, schema, wait};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

// What elements with a test id say; one script, so that the page cannot change between two of them.
const TEXTS: &str = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)";

/// The pages that can be gone to once something is open, by the names in their addresses.
pub const PAGES: [&str; 11] = [
    "overview",
    "tensors",
    "files",
    "metrics",
    "config",
    "integrity",
    "safety",
    "compare",
    "retention",
    "registry",
    "export",
];

/// The page in its window.
pub struct Page<'a> {
    /// The browser.
    pub driver: &'a Driver,
    /// Where the site is.
    pub site: String,
}

/// The selector of a test id.
pub fn id(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

// Finding.
impl Page<'_> {
    /// What each element with this test id says, in order.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        let texts = self.driver.run(TEXTS, &[json!(id(name))])?;
        let texts = texts.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(texts.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// What the first element with this test id says, once it is there.
    pub fn text(&self, name: &str) -> Result<String> {
        wait::until(name, || Ok(self.texts(name)?.into_iter().next()))
    }

    /// Waits until an element with this test id satisfies a condition, and answers with what it says.
    pub fn text_where(&self, name: &str, what: &str, is_wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = Vec::new();
        let found = wait::until(&format!("{name} with {what}"), || {
            last = self.texts(name)?;
            Ok(last.iter().find(|text| is_wanted(text)).cloned())
        });
        found.map_err(|reason| format!("{reason}; there are {last:?}"))
    }

    /// Whether there is an element with this test id now.
    pub fn has(&self, name: &str) -> Result<bool> {
        Ok(!self.texts(name)?.is_empty())
    }

    /// How many jobs have ended, once nothing is being worked on.
    pub fn jobs(&self) -> Result<u64> {
        wait::until("ready", || self.jobs_now())
    }

    /// How many jobs have ended; nothing while one runs.
    pub fn jobs_now(&self) -> Result<Option<u64>> {
        let count = "return document.querySelector(arguments[0])?.dataset.jobs ?? null";
        let count = self.driver.run(count, &[json!(id("ready"))])?;
        Ok(count.as_str().and_then(|count| count.parse().ok()))
    }

    /// Waits until all of these words are somewhere on the page.
    pub fn shows<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Result {
        let mut missing: Vec<&str> = words.into_iter().collect();
        let mut shown = String::new();
        let found = wait::until("words on the page", || {
            let text = self.driver.run("return document.body.innerText", &[])?;
            text.as_str().unwrap_or_default().clone_into(&mut shown);
            missing.retain(|word| !shown.contains(word));
            Ok(missing.is_empty().then_some(()))
        });
        found.map_err(|reason| format!("{reason}: {missing:?} are not in:\n{shown}"))
    }
}

// Acting.
impl Page<'_> {
    /// Goes to the site and waits until it can be used.
    pub fn load(&self) -> Result {
        self.driver.go(&self.site)?;
        self.jobs().map(drop)
    }

    /// Does something and waits until a job has ended because of it and no other runs.
    pub fn work(&self, act: impl FnOnce() -> Result) -> Result {
        self.work_within(wait::PATIENCE, act)
    }

    /// As [`Page::work`], with another deadline.
    pub fn work_within(&self, patience: Duration, act: impl FnOnce() -> Result) -> Result {
        let before = self.jobs()?;
        act()?;
        let what = format!("a job to end after job {before}");
        wait::until_within(patience, &what, || Ok(self.jobs_now()?.filter(|&jobs| jobs > before))).map(drop)
    }

    /// Opens files, chosen together.
    pub fn open(&self, files: &[&Path]) -> Result {
        self.work(|| self.driver.find(&id("open-files"))?.choose(files))
    }

    /// Opens a folder.
    pub fn open_folder(&self, folder: &Path) -> Result {
        self.work(|| self.driver.choose_folder(&id("open-folder"), folder))
    }

    /// Drops files and folders onto the page.
    pub fn drop_files(&self, paths: &[&Path]) -> Result {
        self.work(|| self.driver.drop_files(&id("drop-zone"), paths))
    }

    /// Drops a file or folder onto the page; in a browser without a way to do that for us it is chosen.
    pub fn bring(&self, path: &Path) -> Result {
        match self.driver.browser() {
            Browser::Chromium => self.drop_files(&[path]),
            Browser::Firefox if path.is_dir() => self.open_folder(path),
            Browser::Firefox => self.open(&[path]),
        }
    }

    /// Clicks what has this test id.
    pub fn click(&self, name: &str) -> Result {
        self.driver.click(&id(name))
    }

    /// Goes to a page: `tensors`, `files` … The click is heard at once, the page drawn a little later.
    pub fn go(&self, page: &str) -> Result {
        let link = format!("nav-{page}");
        self.click(&link)?;
        self.driver.find(&format!("{}[aria-current=page]", id(&link))).map(drop)
    }

    /// Replaces what is in a text or number field.
    pub fn fill(&self, name: &str, text: &str) -> Result {
        let field = self.driver.find(&id(name))?;
        field.clear()?;
        field.type_text(text)
    }

    /// Chooses the option of a `<select>` that has this value, as a person would.
    pub fn choose(&self, name: &str, value: &str) -> Result {
        self.driver.click(&format!("{} option[value=\"{value}\"]", id(name)))?;
        let now = self.driver.find(&id(name))?.property("value")?;
        if now == json!(value) { Ok(()) } else { Err(format!("{name} is {now}, not {value:?}")) }
    }

    /// Selects a checkpoint of the list by the end of its path.
    pub fn select(&self, name: &str) -> Result {
        self.driver.click(&format!("{}[data-path$=\"{name}\"] button", id("checkpoint-row")))
    }

    /// Verifies what is open.
    pub fn verify(&self) -> Result {
        self.go("integrity")?;
        self.work(|| self.click("verify-start"))
    }

    /// Compares two checkpoints, by their paths.
    pub fn compare(&self, a: &str, b: &str) -> Result {
        self.go("compare")?;
        self.choose("compare-a", a)?;
        self.choose("compare-b", b)?;
        self.work(|| self.click("compare-start"))
    }

    /// Exports the report, and checks it against its schema.
    pub fn report(&self) -> Result<Value> {
        self.go("export")?;
        let bytes = download::take(self.driver, "weighbridge-report.json", || self.click("report-json"))?;
        let report = serde_json::from_slice(&bytes).map_err(|cause| format!("the report: {cause}"))?;
        schema::check(&report)?;
        Ok(report)
    }

    /// Exports the report for people.
    pub fn markdown(&self) -> Result<String> {
        self.go("export")?;
        let bytes = download::take(self.driver, "weighbridge-report.md", || self.click("report-markdown"))?;
        String::from_utf8(bytes).map_err(|cause| format!("the Markdown report: {cause}"))
    }
}
