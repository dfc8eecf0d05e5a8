//! How to spread a sample over strata.

use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};

/// So many answers spread over strata in proportion to their customers: they sum to the sample, and no stratum gets more than it has.
///
/// ```text
/// n_h = n N_h / N, rounded down; what is left goes, one each, to the largest remainders
/// ```
///
/// Equal remainders are served from the first stratum on. Exact. Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), section 5.3;
/// the rounding is Hamilton's method of largest remainders.
///
/// ```
/// use customer_metrics::estimate::proportional_allocation;
///
/// assert_eq!(proportional_allocation(100, &[400, 3_600, 1_000])?, [8, 72, 20]);
/// assert_eq!(proportional_allocation(10, &[6, 6, 6, 82])?, [1, 1, 0, 8]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] if the sample is larger than all strata together; [`Error::Overflow`] if those exceed 64 bits.
pub fn proportional_allocation(sample: u64, populations: &[u64]) -> Result<Vec<u64>> {
    let population = total(sample, populations.iter().copied())?;
    let share = |stratum: u64| {
        let quota = u128::from(sample).saturating_mul(stratum.into());
        let (whole, rest) = (quota.checked_div(population.into()).unwrap_or(0), quota.checked_rem(population.into()).unwrap_or(0));
        // At most the sample.
        (u64::try_from(whole).unwrap_or(sample), rest)
    };
    let (mut sizes, rests): (Vec<u64>, Vec<u128>) = populations.iter().map(|&stratum| share(stratum)).unzip();
    let left = sizes.iter().fold(sample, |left, size| left.saturating_sub(*size));
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&row| core::cmp::Reverse(rests.get(row).copied()));
    // A stratum without a remainder comes last, and there are as many remainders as are left to serve, or more.
    for row in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        if let Some(size) = sizes.get_mut(row) {
            *size = size.saturating_add(1);
        }
    }
    Ok(sizes)
}

/// So many answers spread over strata so that the variance of the whole is least: in proportion to their customers times the standard deviation
/// of their answers. They sum to the sample, and no stratum gets more than it has.
///
/// ```text
/// n_h = n N_h sd_h / sum of N_i sd_i
/// ```
///
/// A stratum that would get more than it has is asked as a whole, and the rest is spread over the others. Rounding is that of
/// [`proportional_allocation`], in floating point. For a share `p` the standard deviation is `sqrt(p (1 - p))`. A stratum whose answers do not
/// vary gets none as long as another has customers left: an estimate needs at least one in each, most need two.
///
/// Source: J. Neyman, Journal of the Royal Statistical Society 97 (1934), 558-625; Cochran (1977), sections 5.5 and 5.8.
///
/// ```
/// use customer_metrics::estimate::neyman_allocation;
///
/// // Few customers whose answers differ, and many who agree.
/// assert_eq!(neyman_allocation(100, &[(400, 0.5), (3_600, 0.1)])?, [36, 64]);
/// assert_eq!(neyman_allocation(100, &[(20, 5.0), (3_600, 0.01)])?, [20, 80]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfBounds`] if the sample is larger than all strata together; [`Error::Row`] with the position of a standard deviation that is
/// negative or not finite; [`Error::Overflow`] if the strata exceed 64 bits; [`Error::Undefined`] if in no stratum the answers vary.
pub fn neyman_allocation(sample: u64, strata: &[(u64, f64)]) -> Result<Vec<u64>> {
    for (row, &(_, deviation)) in strata.iter().enumerate() {
        let bound = if deviation.is_finite() { Bound::AtLeast(0_u64.into()) } else { Bound::Finite };
        if !(deviation >= 0.0 && deviation.is_finite()) {
            return Err(Error::out_of_bounds("standard deviation", deviation, bound).at("stratum", row));
        }
    }
    let _ = total(sample, strata.iter().map(|&(population, _)| population))?;
    let largest = strata.iter().fold(0.0, |largest: f64, &(_, deviation)| largest.max(deviation));
    if largest <= 0.0 {
        return Err(Error::Undefined { metric: "Neyman allocation", because: "in no stratum do the answers vary" });
    }
    // Against the largest one, so that no sum overflows.
    let spread = |&(population, deviation): &(u64, f64)| count_to_f64(population) * (deviation / largest);
    let mut sizes: Vec<Option<u64>> = vec![None; strata.len()];
    let mut left = sample;
    // Each round settles a stratum or is the last.
    for _ in 0..=strata.len() {
        let open = || strata.iter().zip(&sizes).filter(|(_, size)| size.is_none());
        let sum: f64 = open().map(|(stratum, _)| spread(stratum)).sum();
        let quota = count_to_f64(left) / sum;
        let full = |stratum: &(u64, f64)| spread(stratum) * quota >= count_to_f64(stratum.0);
        if sum <= 0.0 || !open().any(|(stratum, _)| full(stratum)) {
            break;
        }
        for (stratum, size) in strata.iter().zip(&mut sizes).filter(|(_, size)| size.is_none()) {
            if full(stratum) {
                let taken = stratum.0.min(left);
                *size = Some(taken);
                left = left.saturating_sub(taken);
            }
        }
    }
    let open: f64 = strata.iter().zip(&sizes).filter(|(_, size)| size.is_none()).map(|(stratum, _)| spread(stratum)).sum();
    let quotas: Vec<f64> =
        strata.iter().map(|stratum| if open > 0.0 { spread(stratum) / open * count_to_f64(left) } else { 0.0 }).collect();
    let mut rounded: Vec<u64> = Vec::with_capacity(strata.len());
    for ((&(population, _), size), quota) in strata.iter().zip(&sizes).zip(&quotas) {
        let down = floor_to_count(*quota).min(population).min(left);
        rounded.push(size.unwrap_or_else(|| {
            left = left.saturating_sub(down);
            down
        }));
    }
    let mut order: Vec<usize> = (0..strata.len()).collect();
    let rest = |row: &usize| quotas.get(*row).map_or(0.0, |quota| quota - quota.floor());
    order.sort_by(|a, b| rest(b).total_cmp(&rest(a)));
    serve(&mut rounded, strata, &order, left);
    Ok(rounded)
}

/// Gives one each in this order, and then, which takes strata that do not vary, as many as each has.
fn serve(sizes: &mut [u64], strata: &[(u64, f64)], order: &[usize], mut left: u64) {
    for most in [1, u64::MAX] {
        for &row in order {
            if let (Some(size), Some(&(population, _))) = (sizes.get_mut(row), strata.get(row)) {
                let given = population.saturating_sub(*size).min(most).min(left);
                *size = size.saturating_add(given);
                left = left.saturating_sub(given);
            }
        }
    }
}

/// All customers, who must be as many as are to be asked.
fn total(sample: u64, populations: impl IntoIterator<Item = u64>) -> Result<u64> {
    let sum = populations.into_iter().try_fold(0_u64, u64::checked_add);
    let population = sum.ok_or_else(|| Error::count_overflow("population"))?;
    if sample > population {
        return Err(Error::out_of_bounds("sample", sample, Bound::AtMost(population.into())));
    }
    Ok(population)
}

/// A number that is not negative, rounded down.
fn floor_to_count(value: f64) -> u64 {
    // Of a whole double, the text is exact; there is no checked conversion.
    format!("{:.0}", value.floor()).parse().unwrap_or(u64::MAX)
}
