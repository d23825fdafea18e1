//! What the workers still have to do, and how much of it is one job.

use std::collections::VecDeque;

/// How large a job may be.
pub(super) struct Share {
    /// Items at most.
    pub(super) items: usize,
    /// Items that are together however large they are.
    pub(super) together: usize,
    /// Bytes beyond which no further item is taken: the last jobs must not keep one worker busy alone.
    pub(super) bytes: u64,
}

impl Share {
    /// Takes the items of the next job, when the queue is shared among `workers`: large ones few at a time, small ones
    /// many. `size` says the bytes of an item.
    pub(super) fn take(&self, queue: &mut VecDeque<usize>, workers: usize, size: impl Fn(usize) -> u64) -> Vec<usize> {
        let share = queue.len().div_ceil(workers.max(1)).clamp(1, self.items);
        let (mut items, mut bytes) = (Vec::new(), 0_u64);
        while let Some(&at) = queue.front() {
            let sum = bytes.saturating_add(size(at));
            if items.len() >= share || (items.len() >= self.together && sum > self.bytes) {
                break;
            }
            queue.pop_front();
            bytes = sum;
            items.push(at);
        }
        items
    }
}
