//! Runs journeys one after another in one browser, with libtest's options and output; then those that are for both
//! browsers in the other one, named `firefox::…`.
//!
//! After each journey the console must hold no error; after all of them the browser's own record must hold no request
//! to another host than the page's own and those that a journey has named. A journey that fails leaves a picture in
//! `target/e2e`, and is tried once more in a new browser: on a busy machine browsers stop answering now and then. What
//! fails twice has failed.

use crate::driver::{Browser, Driver, Options};
use crate::page::Page;
use crate::{Result, site, traffic};
use libtest_mimic::{Arguments, Failed, Trial};
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use xtask::process::root;
use xtask::serve::Server;

/// One way through the site.
#[derive(Clone, Copy)]
pub struct Journey {
    /// What the test is called.
    pub name: &'static str,
    /// The way.
    pub run: fn(&Page) -> Result,
    /// What the console may say, in parts, such as the name of a network error that is the point of the journey.
    pub allowed: &'static [&'static str],
    /// Whether it runs only when asked for.
    pub ignored: bool,
    /// Whether it runs in Firefox as well.
    pub in_both: bool,
}

impl Journey {
    /// An ordinary one.
    pub const fn new(name: &'static str, run: fn(&Page) -> Result) -> Journey {
        Journey { name, run, allowed: &[], ignored: false, in_both: false }
    }

    /// One in each browser.
    pub const fn in_both(self) -> Journey {
        Journey { in_both: true, ..self }
    }

    /// One of which the console may say this.
    pub const fn allowing(self, allowed: &'static [&'static str]) -> Journey {
        Journey { allowed, ..self }
    }

    /// One that runs only when asked for.
    pub const fn when_asked_for(self) -> Journey {
        Journey { ignored: true, ..self }
    }
}

/// What the journeys share.
#[derive(Default)]
struct Stage {
    browser: Browser,
    set: Option<(Driver, Server)>,
    left: Vec<traffic::Request>,
    looked_at: usize,
}

type Shared = Arc<Mutex<Stage>>;

/// The tests' `main`.
pub fn run(journeys: &[Journey]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One browser, and two slow cores are busy enough with it.
    arguments.test_threads = Some(1);
    let chromium = Shared::default();
    let firefox: Shared = Arc::new(Mutex::new(Stage { browser: Browser::Firefox, ..Stage::default() }));
    let mut trials: Vec<Trial> = journeys.iter().map(|journey| trial(*journey, "", &chromium)).collect();
    trials.push(last("", &chromium));
    match Browser::Firefox.lacks() {
        None => {
            let both = journeys.iter().filter(|journey| journey.in_both);
            trials.extend(both.map(|journey| trial(*journey, FIREFOX, &firefox)));
            trials.push(last(FIREFOX, &firefox));
        }
        Some(why) => eprintln!("journeys in Firefox are left out: {why}"),
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    for stage in [chromium, firefox] {
        stage.lock().unwrap_or_else(PoisonError::into_inner).set = None;
    }
    conclusion.exit_code()
}

const FIREFOX: &str = "firefox::";

fn trial(journey: Journey, prefix: &str, stage: &Shared) -> Trial {
    let stage = Arc::clone(stage);
    let attempt = move || -> std::result::Result<(), Failed> {
        let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = stage.play(&journey).or_else(|reason| {
            stage.clear();
            eprintln!("{} is tried once more: {reason}", journey.name);
            stage.play(&journey)
        });
        if verdict.is_err() {
            stage.clear();
        }
        Ok(verdict?)
    };
    Trial::test(format!("{prefix}{}", journey.name), attempt).with_ignored_flag(journey.ignored)
}

fn last(prefix: &str, stage: &Shared) -> Trial {
    let stage = Arc::clone(stage);
    Trial::test(format!("{prefix}no_request_went_elsewhere"), move || Ok(nothing_left(&stage)?))
}

impl Stage {
    fn play(&mut self, journey: &Journey) -> Result {
        if self.set.is_none() {
            let options = Options { browser: self.browser, ..Options::default() };
            self.set = Some((Driver::start_with(&options)?, site::serve()?));
        }
        let Some((driver, server)) = &self.set else { return Err("no browser".into()) };
        let page = Page { driver, site: server.url() };
        let walked = prepare(&page).and_then(|()| walk(journey, &page));
        let verdict = walked.and_then(|()| quiet(&page, journey.allowed));
        verdict.map_err(|reason| match picture(driver, journey.name) {
            Ok(path) => format!("{reason}\npicture: {}", path.display()),
            Err(none) => format!("{reason}\nno picture: {none}"),
        })
    }

    /// Closes the browser and keeps what its record says.
    fn clear(&mut self) {
        let Some((driver, _server)) = self.set.take() else { return };
        let requests = match self.browser {
            Browser::Firefox => driver.requests(),
            Browser::Chromium => driver.close().and_then(|()| driver.requests()),
        };
        match requests {
            Ok(requests) => {
                self.looked_at += requests.len();
                let is_wrong = |request: &traffic::Request| request.leaves() && !driver.has_named(&request.url);
                self.left.extend(requests.into_iter().filter(is_wrong));
            }
            Err(reason) => eprintln!("the record of a browser that failed is lost: {reason}"),
        }
    }
}

/// A page of its own: light, wide, with an empty console, nothing stored and nothing open.
fn prepare(page: &Page) -> Result {
    page.driver.go("about:blank")?;
    page.driver.forget_origin(page.site.trim_end_matches('/'))?;
    page.driver.prefer_color_scheme("light")?;
    page.driver.set_screen(1440, 900)?;
    page.driver.console()?;
    page.load()
}

/// A failed assertion is a sentence like any other.
fn walk(journey: &Journey, page: &Page) -> Result {
    catch_unwind(AssertUnwindSafe(|| (journey.run)(page))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        Err(text.or_else(|| panic.downcast_ref().copied()).unwrap_or("a panic").to_owned())
    })
}

/// What Firefox says of a page that is used, or left, before its second part has come: that part is then loaded at once,
/// or no longer. Whether it comes is seen in everything that the journeys look at.
const EARLY: [&str; 2] = ["Synchronous XMLHttpRequest on the main thread", ".wasm answered 0"];

/// Errors and warnings, broken content policies among them.
fn quiet(page: &Page, allowed: &[&str]) -> Result {
    let is_loud = |level: &str| ["SEVERE", "WARNING"].contains(&level);
    let lines = page.driver.console()?.into_iter().filter(|entry| is_loud(&entry.level));
    let unexpected: Vec<String> = lines
        .map(|entry| entry.message)
        .filter(|line| !allowed.iter().chain(&EARLY).any(|part| line.contains(part)))
        .collect();
    if unexpected.is_empty() { Ok(()) } else { Err(format!("the console says:\n{}", unexpected.join("\n"))) }
}

/// Where pictures go.
pub fn pictures() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("e2e")
}

fn picture(driver: &Driver, name: &str) -> Result<PathBuf> {
    let path = pictures().join(format!("{name}-{}.png", driver.browser().name()));
    driver.picture(&path)?;
    Ok(path)
}

fn nothing_left(stage: &Shared) -> Result {
    let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
    stage.clear();
    if !stage.left.is_empty() {
        return Err(format!("requests to other hosts: {:?}", stage.left));
    }
    // A record without even the page's own files would prove nothing.
    if stage.looked_at == 0 { Err("the browser recorded no request of the page".into()) } else { Ok(()) }
}
