//! Fisher's transformation: intervals on the scale of the inverse hyperbolic tangent.

use crate::estimate::{Caution, Interval};

/// The ends `tanh(atanh(r) -/+ reach)`, within 4 units in the last place of the distance to 1; the point itself if it is -1 or 1.
pub(super) fn interval(r: f64, reach: f64) -> Interval {
    if r.abs() >= 1.0 {
        return Interval::ordered(r, r);
    }
    // By the addition theorem, so that a correlation next to 1 does not go through a large number.
    let step = reach.tanh();
    let (low, high) = ((r - step) / (1.0 - r * step), (r + step) / (1.0 + r * step));
    Interval::holding(r, [low, high], [-1.0, 1.0])
}

/// That nothing strays from a correlation of -1 or 1.
pub(super) fn caution(r: f64) -> Option<Caution> {
    Caution::no_spread(1.0 - r.abs())
}
