//! The task of a request. Where the bytes of a file come from is the caller's business.

use std::rc::Rc;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::protocol::{FileSpec, TaskSpec, unpack};
use crate::source::{Blocks, Cached, ReadAt, Roots, Source};
use crate::task::{Deltas, Digest, Identity, Inspect, Peek, SourceFiles, Statistics, Task, Values, Weights};

/// Makes the task that `spec` describes; `open` gives the bytes of a file.
///
/// # Errors
/// When a file cannot be opened.
pub fn assemble(spec: TaskSpec, open: &dyn Fn(&FileSpec) -> Result<Rc<dyn ReadAt>>) -> Result<Box<dyn Task>> {
    let opened = |specs: &[FileSpec]| -> Result<Vec<Rc<dyn ReadAt>>> {
        let file = |spec| open(spec).map(|bytes| if bytes.is_far() { Rc::new(Cached::new(bytes)) } else { bytes });
        specs.iter().map(file).collect()
    };
    let named = |specs: &[FileSpec], files: Vec<Rc<dyn ReadAt>>| {
        Roots::new(specs.iter().zip(files).map(|(spec, bytes)| Source::new(&spec.path, bytes)).collect())
    };
    let roots = |specs: &[FileSpec]| Ok::<_, Error>(named(specs, opened(specs)?));
    // Of very many small tensors, neighbours are read together.
    let together = |specs: &[FileSpec]| Ok::<_, Error>(named(specs, Blocks::over(opened(specs)?)));
    Ok(match spec {
        TaskSpec::Inspect(specs) => {
            let mut sources = Vec::new();
            for spec in specs {
                let files = spec.files.iter().map(|file| Ok((file.path.clone(), open(file)?)));
                sources.push(SourceFiles { id: spec.id, files: files.collect::<Result<_>>()? });
            }
            Box::new(Inspect::new(sources, |bytes| Rc::new(Cached::new(bytes))))
        }
        TaskSpec::Digest { files, items } => Box::new(Digest::new(roots(&files)?, items)),
        TaskSpec::Identity { files, tensors } => Box::new(Identity::new(together(&files)?, listed(&tensors)?)),
        TaskSpec::Weights { files, pairs } => Box::new(Weights::new(together(&files)?, listed(&pairs)?)),
        TaskSpec::Deltas { files, pair } => Box::new(Deltas::new(roots(&files)?, *pair)?),
        TaskSpec::Peek { file, locator, offset, len } => Box::new(Peek::new(roots(&[file])?, locator, offset, len)),
        TaskSpec::Statistics { tensor, sample, passes } => {
            let statistics = Statistics::new(roots(&[tensor.file])?, tensor.locator, tensor.elements, sample)?;
            Box::new(statistics.making(passes))
        }
        TaskSpec::Values { tensor, window } => {
            Box::new(Values::new(roots(&[tensor.file])?, tensor.locator, tensor.elements, window))
        }
    })
}

/// A long list of a request.
fn listed<T: for<'a> Deserialize<'a>>(packed: &[u8]) -> Result<Vec<T>> {
    unpack(packed).map_err(|problem| Error::Refused { what: problem.detail })
}
