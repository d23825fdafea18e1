//! What the targets share: everything that is done with a file when it is opened, and the same one byte at a time.

use std::io;
use std::rc::Rc;

use weighbridge::archive::{self, Listed};
use weighbridge::format::{self, Reading};
use weighbridge::model::Locator;
use weighbridge::source::{Memory, ReadAt, Roots, Source};

/// Gives one byte at a time.
struct OneByte(Memory);

impl ReadAt for OneByte {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(1);
        self.0.read_at(offset, &mut out[..most])
    }
}

/// Opens `bytes` as the file called `path`, members of archives included. Short inputs must say the same when they come
/// one byte at a time.
pub fn look(path: &str, bytes: &[u8]) {
    let whole = said(path, Source::memory(path, bytes));
    if bytes.len() <= 2000 {
        let single = said(path, Source::new(path, Rc::new(OneByte(Memory::new(bytes)))));
        // How far a damaged compressed stream can be read depends on how it comes.
        assert!(whole == single || whole.contains("stream"), "one byte at a time:\n{whole}\n{single}");
    }
}

/// What is found in a file, as text.
fn said(path: &str, source: Source) -> String {
    let mut said = String::new();
    let roots = Roots::new(vec![source]);
    let mut waiting = vec![(path.to_owned(), Locator::root(0))];
    while let Some((path, locator)) = waiting.pop() {
        let Ok(source) = roots.open(&locator) else { continue };
        let archive = archive::probe(&path, &source).filter(|_| locator.layers.len() < 4);
        if let Some(mut listing) = archive.and_then(|found| found.list().ok()) {
            let mut listed = Listed::default();
            while matches!(listing.step(&mut listed), Ok(false)) {}
            let inner = listed.members.iter().take(20);
            waiting.extend(inner.map(|member| (format!("{path}/{}", member.path), locator.then(&member.layers))));
            said.push_str(&format!("{listed:?}\n"));
        } else {
            match format::read(&path, &source) {
                Err(error) => said.push_str(&format!("{error}\n")),
                Ok(Reading::Done(contents)) => said.push_str(&format!("{contents:?}\n")),
                Ok(Reading::More(mut contents, mut rest)) => {
                    while matches!(rest.step(&mut contents), Ok(false)) {}
                    said.push_str(&format!("{contents:?}\n"));
                }
            }
        }
    }
    said
}
