//! The same work for many items: with the feature `rayon` on several threads.
//!
//! What comes of an item does not depend on the others, and comes in their order: the number of threads changes no bit.

/// What comes of each number below a count.
#[cfg(not(feature = "rayon"))]
pub(super) fn map<T>(count: usize, of: impl Fn(usize) -> T) -> Vec<T> {
    (0..count).map(of).collect()
}

/// What comes of each number below a count.
#[cfg(feature = "rayon")]
pub(super) fn map<T: Send>(count: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    use rayon::prelude::*;

    (0..count).into_par_iter().map(&of).collect()
}

/// The same where each takes so little time that many are worth a thread.
#[cfg(not(feature = "rayon"))]
pub(super) fn map_rows<T>(count: usize, of: impl Fn(usize) -> T) -> Vec<T> {
    map(count, of)
}

/// The same where each takes so little time that many are worth a thread.
#[cfg(feature = "rayon")]
pub(super) fn map_rows<T: Send>(count: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    use rayon::prelude::*;

    (0..count).into_par_iter().with_min_len(4_096).map(&of).collect()
}
