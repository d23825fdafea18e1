//! How the bytes of a checkpoint are got: addresses of its files, or an archive, in the ways that servers have of telling
//! where it is. A redirect is never followed with the key.

use serde_json::Value;

use super::path::{Kind, TinkerPath};
use super::server::Server;
use crate::registry::http::{Answer, Request, Wants};
use crate::registry::json::text;
use crate::registry::refusal::Refusal;
use crate::registry::retry::asked_for;
use crate::registry::time;
use crate::source::http::origin;

/// Milliseconds between questions whether an archive is ready, where the server does not say when, and for how long it is
/// asked: as official clients do.
const BUILDING: u32 = 30_000;
const PATIENCE: u32 = 6 * BUILDING;
/// No server is asked more often, whatever it says.
const SHORTEST: u32 = 1_000;

/// A download that is being arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// What is downloaded.
    pub path: TinkerPath,
    step: Step,
    /// Milliseconds waited so far.
    waited: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Files,
    Archive,
    BareArchive,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask again so, after some milliseconds.
    Ask(Request, u32),
    /// These files can be read by their addresses: path and address of each.
    Files(Vec<(String, String)>),
    /// The archive can be loaded so.
    Archive(Request),
    /// It cannot be had: why, and whether the whole feature is missing.
    No(String, bool),
}

impl Download {
    /// Of an external checkpoint the files are asked for, of others the archive.
    pub fn new(path: TinkerPath) -> Self {
        let step = if path.kind == Kind::External { Step::Files } else { Step::Archive };
        Self { path, step, waited: 0 }
    }

    /// Whether addresses of files are asked for.
    pub fn is_files(&self) -> bool {
        self.step == Step::Files
    }

    /// The request to send.
    pub fn request(&self, server: &Server) -> Request {
        match self.step {
            Step::Files => server.file_urls(&self.path),
            Step::Archive => server.archive(&self.path, false),
            Step::BareArchive => server.archive(&self.path, true),
        }
    }

    /// Takes in the answer. `now` is in seconds since 1970.
    pub fn answered(&mut self, server: &Server, answer: &Answer, now: u64) -> Next {
        match answer.status {
            200 if self.step == Step::Files => files(answer, now),
            200 => archive(server, self, answer, now),
            _ if answer.is_redirect() => self.redirected(server, answer),
            425 | 503 if self.waited < PATIENCE => {
                let wait = asked_for(answer, now).map_or(BUILDING, |wait| wait.max(SHORTEST));
                self.waited = self.waited.saturating_add(wait);
                Next::Ask(self.request(server), wait)
            }
            404 | 405 | 422 if self.step == Step::Archive && self.path.kind == Kind::Sampler => {
                self.step = Step::BareArchive;
                Next::Ask(self.request(server), 0)
            }
            _ => {
                let refusal = Refusal::new(answer, server.key());
                Next::No(refusal.to_string(), refusal.is_not_offered())
            }
        }
    }

    /// The server answers with a redirect. A browser says no more than that; elsewhere the place can be read.
    fn redirected(&self, server: &Server, answer: &Answer) -> Next {
        match answer.header("location") {
            Some(place) if origin(place).is_some() => {
                if origin(place) == origin(server.base()) {
                    return Next::Archive(server.own_download(&self.path));
                }
                Next::Archive(Request::bare(place, None, Wants::Body))
            }
            Some(place) => {
                let scheme = place.split(':').next().unwrap_or_default();
                Next::No(
                    format!(
                        "the server says that the archive is at a {scheme}: address, which is on its own disk: refused"
                    ),
                    false,
                )
            }
            None => Next::Archive(server.own_download(&self.path)),
        }
    }
}

/// What to say when the server's own download route is not there either.
pub const REDIRECTED: &str = "the server answers with a redirect to where the archive lies, and a browser lets no page \
    read where that is; following it would send the key there. Three ways out: a proxy of your own that turns the \
    redirect into {\"url\", \"expires\"}, this page hosted beside the server, or the archive downloaded with the \
    server's own tool and dropped here";

fn archive(server: &Server, download: &Download, answer: &Answer, now: u64) -> Next {
    let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else {
        // A proxy may stream the archive itself.
        let kind = answer.header("content-type").unwrap_or_default();
        let is_bytes = !kind.is_empty() && !kind.contains("html") && !kind.contains("json");
        if is_bytes {
            return Next::Archive(Request {
                redirect: crate::registry::http::Redirect::Refuse,
                ..download.request(server)
            });
        }
        return Next::No("the server answered 200, but neither with an address nor with an archive".to_owned(), false);
    };
    let Some(url) = text(&value, "url") else {
        return Next::No("the server's answer has no address of an archive in it".to_owned(), false);
    };
    match usable(&url).and_then(|()| fresh(&value, now)) {
        Ok(()) => Next::Archive(Request::bare(&url, None, Wants::Body)),
        Err(why) => Next::No(why, false),
    }
}

fn files(answer: &Answer, now: u64) -> Next {
    let no = |why: &str| Next::No(why.to_owned(), false);
    let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else { return no("the server's answer is not JSON") };
    let Some(urls) = value.get("urls").and_then(Value::as_object) else {
        return no("the server's answer has no addresses of files in it");
    };
    if let Err(why) = fresh(&value, now) {
        return Next::No(why, false);
    }
    let mut files = Vec::new();
    for (path, url) in urls {
        let url = url.as_str().unwrap_or_default();
        if !stays_inside(path) {
            return Next::No(format!("a file's path leads out of the checkpoint: {path:?}: refused"), false);
        }
        if let Err(why) = usable(url) {
            return Next::No(format!("{path}: {why}"), false);
        }
        files.push((path.clone(), url.to_owned()));
    }
    if files.is_empty() { no("the server lists no files of this checkpoint") } else { Next::Files(files) }
}

fn usable(url: &str) -> Result<(), String> {
    if origin(url).is_some() {
        return Ok(());
    }
    let scheme = url.split(':').next().unwrap_or_default();
    Err(format!("the server gives an address that is not one of the web ({scheme}:): refused"))
}

/// An end that has passed; one that is missing or cannot be read counts as some minutes ahead, as with official clients.
fn fresh(value: &Value, now: u64) -> Result<(), String> {
    let expires = text(value, "expires").or_else(|| text(value, "expires_at"));
    let expires = expires.and_then(|text| time::iso(&text).or_else(|| time::http(&text)));
    match expires.filter(|expires| *expires <= now) {
        Some(_) => {
            Err("the address that the server gives has expired already: its clock or this one is wrong".to_owned())
        }
        None => Ok(()),
    }
}

/// Whether a file is encrypted for its owner, by its name.
pub fn is_encrypted(path: &str) -> bool {
    path.ends_with(".age")
}

/// Whether a relative path leads nowhere but below where it starts.
fn stays_inside(path: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    !path.contains(['\\', '\0', ':']) && path.split('/').all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_228_800;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Answer { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
    }

    fn download(path: &str) -> (Server, Download) {
        let server = Server::new("https://x.example/p", "tml-secretsecretsecret").unwrap();
        (server, Download::new(TinkerPath::parse(path).unwrap()))
    }

    fn archived(answer: &Answer) -> Next {
        let (server, mut download) = download("tinker://m/weights/a");
        download.answered(&server, answer, NOW)
    }

    fn no(next: &Next) -> &str {
        let Next::No(why, _) = next else { panic!("{next:?}") };
        why
    }

    #[test]
    fn an_address_in_json_is_read_without_the_key() {
        for expires in ["", r#","expires":"2026-11-21T02:55:00Z""#, r#","expires":"whenever""#, r#","expires":null"#] {
            let next = archived(&answer(200, &[], &format!(r#"{{"url":"https://store.example/a?sig=1"{expires}}}"#)));
            let Next::Archive(request) = next else { panic!("{next:?}") };
            assert_eq!((request.url.as_str(), request.headers().len()), ("https://store.example/a?sig=1", 0));
        }
        let past = r#"{"url":"https://store.example/a","expires":"2026-11-20T00:00:00Z"}"#;
        assert!(no(&archived(&answer(200, &[], past))).contains("expired already"));
        assert!(no(&archived(&answer(200, &[], r#"{"url":"file:///etc/passwd"}"#))).contains("file:"));
        assert!(no(&archived(&answer(200, &[], "{}"))).contains("no address"));
        assert!(no(&archived(&answer(200, &[("content-type", "text/html")], "<html>"))).contains("neither"));
    }

    #[test]
    fn a_redirect_takes_the_key_nowhere() {
        // To another origin: bare.
        let next = archived(&answer(302, &[("location", "https://store.example/a?sig=1")], ""));
        assert!(matches!(next, Next::Archive(request) if request.headers().is_empty()));
        // On the server itself: its own route, at the address that the user gave.
        let next = archived(&answer(302, &[("location", "https://x.example/elsewhere")], ""));
        let Next::Archive(request) = next else { panic!("{next:?}") };
        assert_eq!(request.url, "https://x.example/p/api/v1/training_runs/m/checkpoints/a/download");
        assert_eq!(request.redirect, crate::registry::http::Redirect::Refuse);
        // A browser does not tell where.
        assert!(
            matches!(archived(&Answer::default()), Next::Archive(own) if own.url.ends_with("/checkpoints/a/download"))
        );
        // TuFT.
        assert!(
            no(&archived(&answer(302, &[("location", "file:///srv/ckpts/final")], ""))).contains("at a file: address")
        );
    }

    #[test]
    fn an_archive_that_is_being_built_is_waited_for_and_not_for_ever() {
        for status in [503, 425] {
            let (server, mut download) = download("tinker://m/sampler_weights/a");
            let busy = answer(status, &[], r#"{"detail":"Checkpoint is still being created"}"#);
            let soon = answer(status, &[("retry-after", "7")], "");
            let mut hurried = download.clone();
            assert!(matches!(hurried.answered(&server, &soon, NOW), Next::Ask(_, 7_000)));
            for _ in 0..6 {
                assert_eq!(download.answered(&server, &busy, NOW), Next::Ask(download.request(&server), BUILDING));
            }
            let ready = answer(302, &[("location", "https://store.example/a")], "");
            assert!(matches!(download.clone().answered(&server, &ready, NOW), Next::Archive(_)));
            assert!(no(&download.answered(&server, &busy, NOW)).contains(&status.to_string()));
        }
    }

    #[test]
    fn a_server_that_knows_the_bare_name_only_is_asked_so() {
        let missing = answer(404, &[], r#"{"detail":"Not Found"}"#);
        let (server, mut sampler) = download("tinker://m/sampler_weights/a");
        let Next::Ask(request, 0) = sampler.answered(&server, &missing, NOW) else { panic!() };
        assert!(request.url.ends_with("/checkpoints/a/archive"));
        assert_eq!(
            sampler.answered(&server, &missing, NOW),
            Next::No("the server answered 404: it is not there (\"Not Found\")".to_owned(), true)
        );
        // A training checkpoint of the same name would be another thing.
        let (server, mut training) = download("tinker://m/weights/a");
        assert!(matches!(training.answered(&server, &missing, NOW), Next::No(_, true)));
        let failed = answer(500, &[], r#"{"detail":"Checkpoint creation failed: disk full"}"#);
        assert!(no(&training.answered(&server, &failed, NOW)).contains("disk full"));
        assert!(no(&training.answered(&server, &answer(500, &[], "Internal Server Error"), NOW)).contains("500"));
    }

    #[test]
    fn files_of_an_external_checkpoint_stay_inside_it() {
        let files = |body: &str| {
            let (server, mut download) = download("tinker://m/external_weights/a");
            assert!(download.is_files());
            download.answered(&server, &answer(200, &[], body), NOW)
        };
        let two = r#"{"urls":{"adapter_config.json":"https://s.example/1","sub/w.safetensors.age":"https://s.example/2"},"expires":"2026-11-21T03:00:00Z"}"#;
        let Next::Files(found) = files(two) else { panic!() };
        assert_eq!(found[1], ("sub/w.safetensors.age".to_owned(), "https://s.example/2".to_owned()));
        assert_eq!((is_encrypted(&found[0].0), is_encrypted(&found[1].0)), (false, true));
        for path in ["../x", "a/../../x", "/etc/passwd", "C:/x", "a\\\\b", "a//b", ""] {
            let body = format!(r#"{{"urls":{{"{path}":"https://s.example/1"}}}}"#);
            assert!(no(&files(&body)).contains("leads out"), "{path}");
        }
        assert!(no(&files(r#"{"urls":{}}"#)).contains("no files"));
        assert!(no(&files(r#"{"urls":{"a":"file:///x"}}"#)).contains("file:"));
        assert!(no(&files("nonsense")).contains("not JSON"));
    }
}
