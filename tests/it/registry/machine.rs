//! Workers in this process for a [`Driver`](super::driver::Driver), which read files by ranges over plain sockets as those
//! in a browser do.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

use weighbridge::error::Error;
use weighbridge::protocol::{Address, Event, FileBytes, FileSpec, TaskSpec};
use weighbridge::session::{FileKey, WorkerId};
use weighbridge::source::http::{Facts, Head, HttpReader, Range, Transport};
use weighbridge::source::{Memory, ReadAt};
use weighbridge::worker::{Scheduler, assemble};

use crate::http::exchange;

/// The workers, the files that were given to the page, and the bytes that came from the network.
#[derive(Default)]
pub(super) struct Machine {
    workers: BTreeMap<WorkerId, Scheduler>,
    pub(super) files: BTreeMap<FileKey, Vec<u8>>,
    pub(super) came: Rc<Cell<u64>>,
}

impl Machine {
    pub(super) fn start(
        &mut self,
        worker: WorkerId,
        job: weighbridge::protocol::JobId,
        task: TaskSpec,
        files: &[FileKey],
    ) -> Option<Event> {
        let open = |spec: &FileSpec| -> Result<Rc<dyn ReadAt>, Error> {
            Ok(match &spec.bytes {
                FileBytes::Attached(at) => Rc::new(Memory::new(self.files[&files[*at as usize]].clone())),
                FileBytes::Url(address) => {
                    let facts = Facts { len: spec.size, etag: address.etag.clone() };
                    Rc::new(HttpReader::new(Wire { address: address.clone(), came: Rc::clone(&self.came) }, facts))
                }
            })
        };
        let made = assemble(task, &open);
        self.workers.entry(worker).or_default().start(job, made)
    }

    /// What one slice of every worker brings; `None` when nothing is left to do.
    pub(super) fn slice(&mut self) -> Option<Vec<Event>> {
        let clock = Cell::new(0.0);
        let tick = || clock.replace(clock.get() + 1.0);
        let is_busy = self.workers.values_mut().any(|worker| !worker.is_idle());
        is_busy.then(|| self.workers.values_mut().flat_map(|worker| worker.run(&tick)).collect())
    }
}

/// Ranges of one address, with its key; redirects are followed as browsers do, without it where the origin changes.
struct Wire {
    address: Address,
    came: Rc<Cell<u64>>,
}

impl Transport for Wire {
    fn get(&self, range: Range, out: &mut [u8]) -> io::Result<(Head, usize)> {
        let mut url = self.address.url.clone();
        loop {
            let mut headers = vec![("Range".to_owned(), range.to_string())];
            let key = self.address.key.as_ref().and_then(|key| key.header(&url, true));
            headers.extend(key.map(|(name, value)| (name.to_owned(), value)));
            let (status, headers, mut stream) = exchange("GET", &url, &headers, &[])?;
            let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
            if matches!(status, 302 | 307) {
                url = header("location").unwrap();
                continue;
            }
            let content_length = header("content-length").and_then(|len| len.parse().ok());
            let head = Head { status, content_range: header("content-range"), content_length, etag: header("etag") };
            let mut filled = 0;
            while status == 206 && filled < out.len() {
                match stream.read(&mut out[filled..]) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => filled += read,
                }
            }
            self.came.set(self.came.get() + filled as u64);
            return Ok((head, filled));
        }
    }
}
