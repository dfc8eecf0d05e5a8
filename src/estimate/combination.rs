//! A sum of independent estimates, with its interval.

use super::{Caution, Confidence, Estimate, Interval, Method};
use crate::error::{Bound, Error, Result};

/// The weighted sum of metrics that were estimated independently of each other, with an interval from theirs: each distance from point to end,
/// times its weight, squared and added.
///
/// ```text
/// point = sum of w_i x_i
/// low   = point - sqrt(sum of (w_i (x_i - l_i))^2),  high = point + sqrt(sum of (w_i (u_i - x_i))^2)
/// ```
///
/// Where a weight is negative, its low and high ends change places. It needs no variance, and keeps the asymmetry of intervals near the end of
/// a range. With two shares, weights of 1 and -1 and Wilson's intervals it is Newcombe's method 10. The answers behind the parts must not be
/// the same: what one and the same customer says on two questions is not independent. For many parts with few answers each, whose intervals are
/// all lopsided to the same side, it holds the truth too seldom (90% and less instead of 95%): see [`Stratified`](super::Stratified) for those.
///
/// Also called MOVER. Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general approach",
/// Statistics in Medicine 27 (2008), 1693-1702; for more than two shares G. Y. Zou, W. Huang and X. Zhang, Computational Statistics and Data
/// Analysis 53 (2009), 1080-1085.
///
/// ```
/// use customer_metrics::estimate::combine_independent;
/// use customer_metrics::{Confidence, Share};
///
/// // A scorecard of delivery on time (60%) and problems resolved (40%), from different records.
/// let (on_time, resolved) = (Share::new(180, 200)?, Share::new(30, 50)?);
/// let parts = [(0.6, on_time.estimate(Confidence::P95)), (0.4, resolved.estimate(Confidence::P95))];
/// assert_eq!(format!("{:.3}", combine_independent(&parts)?), "0.780 (0.717 to 0.834, 95% square-and-add, n = 250)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`] without parts. [`Error::Row`] with the position of the first part whose weight is not finite or whose confidence is
/// not that of the first. [`Error::Overflow`] if the sum is beyond a floating number, or the numbers of answers beyond 64 bits.
pub fn combine_independent(parts: &[(f64, Estimate)]) -> Result<Estimate> {
    let Some((_, first)) = parts.first() else {
        return Err(NO_PARTS);
    };
    let confidence = first.confidence();
    let (mut point, mut down, mut up, mut n) = (0.0, 0.0_f64, 0.0_f64, 0_u64);
    for (row, (weight, part)) in parts.iter().enumerate() {
        check(*weight, part, confidence).map_err(|error| error.at("part", row))?;
        let (below, above) = (weight * (part.point() - part.interval().low()), weight * (part.interval().high() - part.point()));
        point += weight * part.point();
        // What is negative goes the other way.
        down = down.hypot(below.max(-above));
        up = up.hypot(above.max(-below));
        n = n.checked_add(part.n()).ok_or_else(|| Error::count_overflow("answers").at("part", row))?;
    }
    let interval = Interval::new(point - down, point + up).map_err(too_large)?;
    Ok(Estimate::holding(point, interval, confidence, Method::SquareAndAdd, n).with_caution(caution_of(parts)))
}

/// The weighted sum of metrics that may hang together in any way, such as what the same customers say on several questions, with an interval from
/// theirs: each distance from point to end, times its weight, added.
///
/// ```text
/// low = sum of w_i l_i,  high = sum of w_i u_i
/// ```
///
/// The standard deviation of a sum is at most the sum of the standard deviations, and is that where everything moves together: the interval is
/// right then, and wider than needed otherwise, up to the root of the number of parts for equal ones that do not hang together. Weights below 0
/// take the other end. `n` is that of the smallest part.
///
/// ```
/// use customer_metrics::estimate::{combine_dependent, combine_independent};
/// use customer_metrics::{Confidence, Share};
///
/// let parts = [Share::new(60, 100)?, Share::new(70, 100)?].map(|share| (0.5, share.estimate(Confidence::P95)));
/// assert_eq!(format!("{:.3}", combine_dependent(&parts)?), "0.650 (0.553 to 0.736, 95% sum of distances, n = 100)");
/// assert_eq!(format!("{:.3}", combine_independent(&parts)?), "0.650 (0.581 to 0.711, 95% square-and-add, n = 200)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// Those of [`combine_independent`].
pub fn combine_dependent(parts: &[(f64, Estimate)]) -> Result<Estimate> {
    let n = parts.iter().map(|(_, part)| part.n()).min();
    let Some(((_, first), n)) = parts.first().zip(n) else {
        return Err(NO_PARTS);
    };
    let confidence = first.confidence();
    let (mut point, mut down, mut up) = (0.0, 0.0, 0.0);
    for (row, (weight, part)) in parts.iter().enumerate() {
        check(*weight, part, confidence).map_err(|error| error.at("part", row))?;
        let (below, above) = (weight * (part.point() - part.interval().low()), weight * (part.interval().high() - part.point()));
        point += weight * part.point();
        down += below.max(-above);
        up += above.max(-below);
    }
    let interval = Interval::new(point - down, point + up).map_err(too_large)?;
    Ok(Estimate::holding(point, interval, confidence, Method::SumOfDistances, n).with_caution(caution_of(parts)))
}

const NO_PARTS: Error = Error::Undefined { metric: "combined estimate", because: "there are no parts" };

/// The first thing to be said against a part.
fn caution_of(parts: &[(f64, Estimate)]) -> Option<Caution> {
    parts.iter().find_map(|(_, part)| part.caution())
}

fn too_large(_: Error) -> Error {
    Error::Overflow { field: "combined estimate", capacity: "a floating number" }
}

fn check(weight: f64, part: &Estimate, confidence: Confidence) -> Result<()> {
    if !weight.is_finite() {
        return Err(Error::out_of_bounds("weight", weight, Bound::Finite));
    }
    if part.confidence() != confidence {
        return Err(Error::mismatch("confidence", confidence, part.confidence()));
    }
    Ok(())
}
