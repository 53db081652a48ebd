//! What it may take to read one operation. References, combinations and alternatives multiply what a page says: a few lines may
//! stand for more than fits into any memory.

use std::cell::Cell;

/// More steps than any operation takes.
const MAX_STEPS: usize = 200_000;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MAX_STEPS))
    }
}

impl Budget {
    /// Whether so many steps may still be taken; they are.
    pub(super) fn allows(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }
}
