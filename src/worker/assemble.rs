//! The task of a request. Where the bytes of a file come from is the caller's business.

use std::rc::Rc;

use crate::error::Result;
use crate::protocol::{FileSpec, TaskSpec};
use crate::source::{Cached, ReadAt, Roots, Source};
use crate::task::{Deltas, Digest, Identity, Inspect, Peek, SourceFiles, Statistics, Task, Values, Weights};

/// Makes the task that `spec` describes; `open` gives the bytes of a file.
///
/// # Errors
/// When a file cannot be opened.
pub fn assemble(spec: TaskSpec, open: &dyn Fn(&FileSpec) -> Result<Rc<dyn ReadAt>>) -> Result<Box<dyn Task>> {
    let roots = |specs: &[FileSpec]| -> Result<Roots> {
        let sources = specs.iter().map(|spec| {
            let bytes = open(spec)?;
            let bytes: Rc<dyn ReadAt> = if bytes.is_far() { Rc::new(Cached::new(bytes)) } else { bytes };
            Ok(Source::new(&spec.path, bytes))
        });
        Ok(Roots::new(sources.collect::<Result<_>>()?))
    };
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
        TaskSpec::Identity { files, tensors } => Box::new(Identity::new(roots(&files)?, tensors)),
        TaskSpec::Weights { files, pairs } => Box::new(Weights::new(roots(&files)?, pairs)),
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
