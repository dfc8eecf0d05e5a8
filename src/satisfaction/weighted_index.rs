//! Weights that add up, and the index that they make of several values.

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Estimate, combine_independent};

/// The decimal places of an index. It is computed with 28 digits, so that a value that ends earlier comes out as itself: 0.25, not
/// 0.2499999999999999999999999975.
const INDEX_PLACES: u32 = 20;

const NO_WEIGHT: &str = "the weights are 0";
const INDEX: &str = "weighted index";

/// The weights of an index: none negative, and together exactly the stated total, such as 1 or 100 points.
///
/// ```text
/// index = sum of weight_i x value_i / sum of weight_i
/// ```
///
/// The index of ACSI, the weighted SERVQUAL score and the supplier scorecard are all this one.
///
/// ```
/// use customer_metrics::Decimal;
/// use customer_metrics::satisfaction::Weights;
///
/// let weights = Weights::points([50, 30, 20].map(Decimal::from))?;
/// let values = [90, 80, 60].map(Decimal::from);
/// assert_eq!(weights.index(&values)?.to_string(), "81");
/// assert_eq!(weights.contributions(&values)?, [45, 24, 12].map(Decimal::from));
///
/// let error = Weights::points([50, 30, 10].map(Decimal::from)).unwrap_err();
/// assert_eq!(error.to_string(), "sum of weights is 90, but must be exactly 100");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "WeightsState", into = "WeightsState"))]
pub struct Weights {
    total: Decimal,
    weights: Vec<Decimal>,
}

impl Weights {
    /// Weights that add up to `total`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `total` is not positive, a weight is negative, or the sum is not `total`; [`Error::Inexact`] if the
    /// sum needs more than 28 digits.
    pub fn new(total: Decimal, weights: impl IntoIterator<Item = Decimal>) -> Result<Self> {
        if total <= Decimal::ZERO {
            return Err(Error::out_of_bounds("total weight", total, Bound::MoreThan(Decimal::ZERO.into())));
        }
        let weights = weights.into_iter().map(|weight| decimal::non_negative("weight", weight)).collect::<Result<Vec<Decimal>>>()?;
        let sum = decimal::exact_sum("sum of weights", weights.iter().copied())?;
        if sum != total {
            return Err(Error::out_of_bounds("sum of weights", sum, Bound::Exactly(total.into())));
        }
        Ok(Self { total: total.normalize(), weights })
    }

    /// Weights that add up to 1.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn shares(weights: impl IntoIterator<Item = Decimal>) -> Result<Self> {
        Self::new(Decimal::ONE, weights)
    }

    /// Weights that add up to 100 points.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn points(weights: impl IntoIterator<Item = Decimal>) -> Result<Self> {
        Self::new(Decimal::ONE_HUNDRED, weights)
    }

    /// The same weight for each of `count` values: the index is their mean.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `count` is 0.
    pub fn equal(count: u16) -> Result<Self> {
        Self::new(count.into(), vec![Decimal::ONE; usize::from(count)])
    }

    /// What the weights add up to.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }

    /// The weights, in the order of their values.
    #[must_use]
    pub fn as_slice(&self) -> &[Decimal] {
        &self.weights
    }

    /// The weighted index of these values, one for each weight, rounded half away from zero to 20 decimal places.
    ///
    /// It is computed with 28 digits and, but for rounding, lies between the lowest and the highest value.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one value for each weight; [`Error::Overflow`] if the values are so large that the index
    /// has more than 28 digits before the point.
    pub fn index(&self, values: &[Decimal]) -> Result<Decimal> {
        let running = self.running(values)?;
        Ok(running.last().map_or(Decimal::ZERO, |&index| round(index)))
    }

    /// The weighted index of values that were estimated independently of each other, with an interval from theirs:
    /// [`combine_independent`], each with its part of all weights.
    ///
    /// Values that were merely given have none, and neither has an index of them. For values that come from the same customers, see
    /// [`combine_dependent`](crate::estimate::combine_dependent).
    ///
    /// ```
    /// use customer_metrics::satisfaction::Weights;
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let weights = Weights::points(["60".parse().unwrap(), "40".parse().unwrap()])?;
    /// let parts = [Share::new(180, 200)?, Share::new(30, 50)?].map(|share| share.estimate(Confidence::P95));
    /// assert_eq!(format!("{:.3}", weights.index_estimate(&parts)?), "0.780 (0.717 to 0.834, 95% square-and-add, n = 250)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one value for each weight; otherwise those of [`combine_independent`].
    pub fn index_estimate(&self, values: &[Estimate]) -> Result<Estimate> {
        if values.len() != self.weights.len() {
            return Err(Error::mismatch("number of weights", self.weights.len(), values.len()));
        }
        let parts = self.weights.iter().zip(values).map(|(weight, value)| {
            let part = decimal::div(INDEX, NO_WEIGHT, *weight, self.total)?;
            Ok((decimal::to_f64(part), *value))
        });
        combine_independent(&parts.collect::<Result<Vec<_>>>()?)
    }

    /// What each value adds to the index, in the unit of the index: together they are exactly the [`index`](Self::index).
    ///
    /// ```text
    /// contribution_i = weight_i x value_i / sum of weights
    /// ```
    ///
    /// A contribution that does not end within 20 decimal places is rounded up or down there, so that the sum stays exact.
    ///
    /// # Errors
    /// Those of [`index`](Self::index); [`Error::Inexact`] if a contribution needs more than 28 digits.
    pub fn contributions(&self, values: &[Decimal]) -> Result<Vec<Decimal>> {
        let mut before = Decimal::ZERO;
        let differences = self.running(values)?.into_iter().map(|index| {
            let after = round(index);
            decimal::exact_sub("contribution", after, core::mem::replace(&mut before, after))
        });
        differences.collect()
    }

    /// What each value adds, each rounded on its own: equal ones stay equal, and the sum may be off in the last place.
    pub(super) fn single_contributions(&self, values: &[Decimal]) -> Result<Vec<Decimal>> {
        self.pairs(values)?.map(|(weight, value)| self.term(weight, value).map(round)).collect()
    }

    /// The index of the first value, the first two, and so on to all.
    fn running(&self, values: &[Decimal]) -> Result<Vec<Decimal>> {
        let mut sum = Decimal::ZERO;
        let exact = self.pairs(values)?.map(|(weight, value)| {
            sum = decimal::exact_add(INDEX, sum, decimal::exact_mul(INDEX, weight, value)?)?;
            decimal::div(INDEX, NO_WEIGHT, sum, self.total)
        });
        // Divided once, where the weighted sum can be kept exact; otherwise term by term.
        exact.collect::<Result<Vec<_>>>().or_else(|_| {
            let mut sum = Decimal::ZERO;
            let rounded = self.pairs(values)?.map(|(weight, value)| {
                sum = decimal::add(INDEX, sum, self.term(weight, value)?)?;
                Ok(sum)
            });
            rounded.collect()
        })
    }

    fn term(&self, weight: Decimal, value: Decimal) -> Result<Decimal> {
        match decimal::exact_mul(INDEX, weight, value) {
            Ok(product) => decimal::div(INDEX, NO_WEIGHT, product, self.total),
            // The share first: a product with a tiny weight would lose its digits.
            Err(_) => decimal::mul(INDEX, decimal::div(INDEX, NO_WEIGHT, weight, self.total)?, value),
        }
    }

    fn pairs<'a>(&'a self, values: &'a [Decimal]) -> Result<impl Iterator<Item = (Decimal, Decimal)> + 'a> {
        if values.len() != self.weights.len() {
            return Err(Error::mismatch("number of weights", self.weights.len(), values.len()));
        }
        Ok(self.weights.iter().copied().zip(values.iter().copied()))
    }
}

fn round(index: Decimal) -> Decimal {
    decimal::round(index, INDEX_PLACES)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsState {
    #[serde(with = "crate::decimal::text")]
    total: Decimal,
    weights: Vec<WeightState>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct WeightState(#[serde(with = "crate::decimal::text")] Decimal);

#[cfg(feature = "serde")]
impl TryFrom<WeightsState> for Weights {
    type Error = Error;

    fn try_from(state: WeightsState) -> Result<Self> {
        Self::new(state.total, state.weights.into_iter().map(|weight| weight.0))
    }
}

#[cfg(feature = "serde")]
impl From<Weights> for WeightsState {
    fn from(weights: Weights) -> Self {
        Self { total: weights.total, weights: weights.weights.into_iter().map(WeightState).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn weights_must_add_up_exactly_and_none_be_negative() {
        let third = decimal("0.3333333333333333333333333333");
        assert!(matches!(Weights::shares([third; 3]), Err(Error::OutOfBounds { field: "sum of weights", .. })));
        assert!(Weights::shares([third, third, decimal("0.3333333333333333333333333334")]).is_ok());
        let negative = Weights::shares([decimal("1.1"), decimal("-0.1")]).unwrap_err();
        assert_eq!(negative.to_string(), "weight is -0.1, but must be at least 0");
        assert!(matches!(Weights::new(Decimal::ZERO, []), Err(Error::OutOfBounds { field: "total weight", .. })));
        assert!(matches!(Weights::equal(0), Err(Error::OutOfBounds { field: "total weight", .. })));
        assert!(matches!(Weights::points([]), Err(Error::OutOfBounds { field: "sum of weights", .. })));
        let tiny = decimal("0.0000000000000000000000000001");
        assert_eq!(Weights::points([Decimal::ONE_HUNDRED, tiny]), Err(Error::Inexact { field: "sum of weights" }));
        assert!(Weights::points([Decimal::ONE_HUNDRED, Decimal::ZERO]).is_ok());
    }

    #[test]
    fn a_value_that_ends_comes_out_as_itself_though_its_parts_do_not_end() {
        let thirds = [decimal("0.3333333333333333333333333333"); 3];
        assert_eq!(
            Weights::new(Decimal::from(4), [1, 1, 1, 1].map(Decimal::from)).unwrap().index(&[
                thirds[0],
                thirds[1],
                thirds[2],
                Decimal::ZERO
            ]),
            Ok(decimal("0.25"))
        );
        let large = [decimal("10000000000"); 3];
        assert_eq!(Weights::equal(3).unwrap().index(&large), Ok(large[0]));
        assert_eq!(Weights::equal(3).unwrap().index(&[1, 1, 0].map(Decimal::from)), Ok(decimal("0.66666666666666666667")));
    }

    #[test]
    fn contributions_that_do_not_end_still_add_up_to_the_index() {
        let weights = Weights::equal(3).unwrap();
        let values = [10, 20, 40].map(Decimal::from);
        let contributions = weights.contributions(&values).unwrap();
        assert_eq!(contributions[0], decimal("3.33333333333333333333"));
        assert_eq!(contributions.iter().sum::<Decimal>(), weights.index(&values).unwrap());
    }

    #[test]
    fn tiny_and_huge_weights_weigh_alike() {
        for weight in [decimal("0.0000000000000000000000000001"), Decimal::ONE, decimal("10000000000000000000000000000")] {
            let weights = Weights::new(weight * Decimal::TWO, [weight, weight]).unwrap();
            assert_eq!(weights.index(&[decimal("0.5"), decimal("99.5")]), Ok(Decimal::from(50)));
        }
    }

    #[test]
    fn wrong_lengths_and_huge_values_are_errors() {
        let weights = Weights::points([60, 40].map(Decimal::from)).unwrap();
        assert!(matches!(weights.index(&[Decimal::ONE]), Err(Error::Mismatch { field: "number of weights", .. })));
        assert!(matches!(Weights::equal(2).unwrap().index(&[Decimal::MAX; 2]), Err(Error::Overflow { field: "weighted index", .. })));
        let spread = [Decimal::ONE, decimal("1000000000000000000000000000")];
        assert!(weights.contributions(&spread).is_ok());
        assert!(matches!(
            Weights::equal(2).unwrap().contributions(&[decimal("0.00000000000000000002"), spread[1]]),
            Err(Error::Inexact { .. })
        ));
    }
}
