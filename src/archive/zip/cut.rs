//! What is left of a zip that ends before its directory.

use super::local::Local;
use crate::error::Result;
use crate::limits;
use crate::source::Source;

/// A member's name, and how many of its bytes are missing.
type Missing = (String, u64);

/// How many members from the start on are whole, and the one that is not. Where the sizes stand behind the data, as
/// PyTorch writes them, the next one cannot be found, and the counting ends.
///
/// # Errors
/// When the environment fails.
pub fn whole_members(zip: &Source) -> Result<(u64, Option<Missing>)> {
    let (mut at, mut whole) = (0_u64, 0_u64);
    while whole < limits::LOCAL_HEADERS as u64 {
        let Some(local) = Local::read(zip, at)? else { break };
        if local.is_described() && local.stored() == 0 {
            break;
        }
        let end = local.data.saturating_add(local.stored());
        if end > zip.len() {
            return Ok((whole, Some((local.name(), end.saturating_sub(zip.len())))));
        }
        (at, whole) = (end, whole.saturating_add(1));
    }
    Ok((whole, None))
}
