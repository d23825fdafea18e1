//! What extension headers say of the member that follows them.

use tar::Header;

use super::block::pax_records;
use super::lies;
use crate::model::Finding;

/// Names and sizes that a header takes from the extension headers before it.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) sparse: bool,
}

impl Pending {
    /// Whether a member was announced that has not come yet.
    pub(super) fn is_something(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some()
    }

    /// What it says otherwise than the header of the member, which has `size`.
    pub(super) fn lies(&self, header: &Header, size: u64) -> Vec<Finding> {
        let path = self.path.as_deref().filter(|_| !self.sparse);
        lies::size(self.size, size).into_iter().chain(lies::path(path, &header.path_bytes())).collect()
    }

    /// Takes the records of a PAX header.
    pub(super) fn apply_pax(&mut self, body: &[u8]) {
        for (key, value) in pax_records(body).0 {
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
                b"GNU.sparse.name" => {
                    self.path = Some(value.to_vec());
                    self.sparse = true;
                }
                _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
    }
}
