//! How far the items of a questionnaire measure the same: sums and cross-products, from which Cronbach's alpha is read off.

use super::{ItemSet, rating_inference};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{Confidence, CronbachAlpha, Estimate, Measure, Moments, PearsonCorrelation};
use crate::tally::{Decoder, Encoder, Kind, Tally, len};
use crate::wide::signed_to_f64;

/// With no more respondents than this, no sum of products of ratings exceeds 64 bits, and no sum of covariances 128.
const MOST_RESPONDENTS: u64 = 1 << 40;

/// So many products of two ratings fit into 32 bits.
const ROWS_AT_ONCE: usize = 1 << 16;

/// The answers to several items on one scale, such as those of a SERVQUAL dimension or the three of the ACSI: whole-number sums and
/// cross-products, so that tallies of many machines are merged.
///
/// A respondent who left an item out is counted apart and is in no sum: alpha compares the same respondents throughout.
///
/// ```
/// use customer_metrics::{Confidence, Tally};
/// use customer_metrics::satisfaction::{ItemSet, ReliabilityTally, Scale};
///
/// let mut reliability = ReliabilityTally::empty(ItemSet::new(Scale::ONE_TO_FIVE, 3)?);
/// reliability.record_columns(&[&[5, 4, 2, 5, 3], &[4, 4, 1, 5, 2], &[5, 3, 2, 4, 4]])?;
/// assert_eq!(format!("{:.2}", reliability.alpha()?.estimate(Confidence::P95)), "0.90 (0.51 to 0.99, 95% Feldt, n = 5)");
/// assert_eq!(format!("{:.2}", reliability.alpha_without(2)?.coefficient()), "0.96");
/// assert_eq!(format!("{:.2}", reliability.mean_estimate(Confidence::P95)?), "3.53 (1.97 to 5.00, 95% t, n = 5)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ReliabilityState", into = "ReliabilityState")
)]
pub struct ReliabilityTally {
    set: ItemSet,
    complete: u64,
    incomplete: u64,
    /// One sum per item.
    sums: Vec<u64>,
    /// The products of every item with itself and each later one.
    products: Vec<u64>,
}

impl ReliabilityTally {
    /// Records one column of ratings per item, row by row, all or none.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one column per item, or if they differ in length; [`Error::Row`] with the first row of the first
    /// item in which a rating is not on the scale; [`Error::Overflow`] if the respondents exceed 2^40.
    pub fn record_columns(&mut self, items: &[&[u8]]) -> Result<()> {
        self.check_items(items.len())?;
        let length = items.first().map_or(0, |first| first.len());
        for item in items {
            if item.len() != length {
                return Err(Error::mismatch("column length", length, item.len()));
            }
            self.check_ratings(item.iter().copied())?;
        }
        let mut batch = Self::empty(self.set);
        batch.complete = u64::try_from(length).unwrap_or(u64::MAX);
        batch.sums = items.iter().map(|item| item.iter().map(|&rating| u64::from(rating)).fold(0, u64::saturating_add)).collect();
        batch.products = pairs_of(items).map(|(first, second)| sum_of_products(first, second)).collect();
        self.merge(&batch)
    }

    fn check_items(&self, items: usize) -> Result<()> {
        if items == self.sums.len() { Ok(()) } else { Err(Error::mismatch("number of items", self.sums.len(), items)) }
    }

    fn check_ratings(&self, ratings: impl Iterator<Item = u8>) -> Result<()> {
        let scale = self.set.scale();
        match ratings.enumerate().find(|&(_, rating)| !scale.contains(rating)) {
            None => Ok(()),
            Some((row, rating)) => Err(Error::out_of_bounds("rating", rating, scale.bound()).at_row(row)),
        }
    }

    /// How many answered every item.
    #[must_use]
    pub fn complete(&self) -> u64 {
        self.complete
    }

    /// How many left an item out.
    #[must_use]
    pub fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Cronbach's alpha. Within 3 units in the last place.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two complete respondents, or if the sums of the items do not vary.
    pub fn alpha(&self) -> Result<CronbachAlpha> {
        self.alpha_of(|_| true)
    }

    /// Cronbach's alpha of the items but this one, counted from 0: higher than that of all if the item does not belong.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there is no such item; [`Error::Undefined`] as [`alpha`](Self::alpha), and if one item is left.
    pub fn alpha_without(&self, item: usize) -> Result<CronbachAlpha> {
        self.check_item(item)?;
        self.alpha_of(|other| other != item)
    }

    fn alpha_of(&self, counts: impl Fn(usize) -> bool) -> Result<CronbachAlpha> {
        let (mut apart, mut together) = (0_i128, 0_i128);
        for ((first, second), covariance) in self.covariances() {
            if counts(first) && counts(second) {
                if first == second {
                    apart = apart.saturating_add(covariance);
                } else {
                    together = together.saturating_add(covariance.saturating_mul(2));
                }
            }
        }
        let items = (0..self.sums.len()).filter(|&item| counts(item)).count();
        let items = u64::try_from(items).unwrap_or(u64::MAX);
        CronbachAlpha::from_variances(signed_to_f64(together), signed_to_f64(apart.saturating_add(together)), items, self.complete)
    }

    /// Standardized alpha: what alpha would be if all items varied equally.
    ///
    /// ```text
    /// k r / (1 + (k - 1) r),  r = mean correlation of two different items
    /// ```
    ///
    /// It has no interval: that of Feldt is for [`alpha`](Self::alpha), and standardizing by the sample's own deviations is not in it.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two complete respondents, or if an item does not vary, or the standardized items add up to a
    /// constant.
    pub fn standardized_alpha(&self) -> Result<f64> {
        let metric = "standardized alpha";
        let undefined = |because| Err(Error::Undefined { metric, because });
        let variances = self.variances();
        if variances.iter().any(|&variance| variance <= 0.0) {
            return undefined("an item does not vary");
        }
        let of_item = |item: usize| variances.get(item).copied().unwrap_or(1.0);
        let correlations = self
            .covariances()
            .filter(|((first, second), _)| first != second)
            .map(|((first, second), covariance)| signed_to_f64(covariance) / (of_item(first).sqrt() * of_item(second).sqrt()));
        let (mut sum, mut number) = (0.0, 0.0);
        for correlation in correlations {
            sum += correlation;
            number += 1.0;
        }
        let items = count_to_f64(u64::from(self.set.items()));
        let mean: f64 = sum / number;
        let together = 1.0 + (items - 1.0) * mean;
        // Rounding aside, the variance of a sum is not negative.
        if together <= f64::EPSILON * items {
            undefined("the standardized items add up to a constant")
        } else {
            Ok(items * mean / together)
        }
    }

    /// The corrected item-total correlation: of this item, counted from 0, with the sum of all others, off which its interval
    /// and its test are read.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if there is no such item; [`Error::Undefined`] with fewer than two complete respondents, or if the item or the
    /// sum of the others does not vary.
    pub fn item_rest_correlation(&self, item: usize) -> Result<PearsonCorrelation> {
        self.check_item(item)?;
        let (mut own, mut with_rest, mut of_rest) = (0_i128, 0_i128, 0_i128);
        for ((first, second), covariance) in self.covariances() {
            match (first == item, second == item) {
                (true, true) => own = covariance,
                (false, false) if first == second => of_rest = of_rest.saturating_add(covariance),
                (false, false) => of_rest = of_rest.saturating_add(covariance.saturating_mul(2)),
                _ => with_rest = with_rest.saturating_add(covariance),
            }
        }
        let metric = "item-rest correlation";
        if own <= 0 || of_rest <= 0 {
            return Err(Error::Undefined { metric, because: "the item or the sum of the others does not vary" });
        }
        PearsonCorrelation::from_sums(metric, signed_to_f64(with_rest), [own, of_rest].map(signed_to_f64), self.complete)
    }

    /// The mean rating over all items with its t interval, in scale points and held within the scale: each respondent counts once, with the
    /// mean of their ratings. On the ACSI items it gives the interval of the index with equal weights.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than two complete respondents.
    pub fn mean_estimate(&self, confidence: Confidence) -> Result<Estimate> {
        // 2^40 totals of 16 bits.
        let sum = self.sums.iter().fold(0_i128, |sum, &of_item| sum.saturating_add(of_item.into()));
        let squares = self.positions().zip(&self.products).fold(0_u128, |sum, ((first, second), &product)| {
            sum.saturating_add(u128::from(product).saturating_mul(if first == second { 1 } else { 2 }))
        });
        let moments = Moments::new(self.complete, sum, squares).unwrap_or_default();
        let measure = Measure {
            nothing: "nobody answered every item",
            units: f64::from(self.set.items()),
            ..rating_inference::measure(self.set.scale())
        };
        measure.estimate(&moments, confidence)
    }

    fn check_item(&self, item: usize) -> Result<()> {
        if item < self.sums.len() { Ok(()) } else { Err(Error::out_of_bounds("item", item, Bound::LessThan(self.sums.len().into()))) }
    }

    /// Every item with itself and each later one, in the order of the products.
    fn positions(&self) -> impl Iterator<Item = (usize, usize)> {
        positions(self.sums.len())
    }

    /// The covariance of two items, times n (n - 1), exact: at most 2^96.
    fn covariances(&self) -> impl Iterator<Item = ((usize, usize), i128)> + '_ {
        let sum = |item: usize| i128::from(self.sums.get(item).copied().unwrap_or(0));
        self.positions().zip(&self.products).map(move |((first, second), &product)| {
            let scaled = i128::from(self.complete).saturating_mul(product.into());
            ((first, second), scaled.saturating_sub(sum(first).saturating_mul(sum(second))))
        })
    }

    /// The variance of every item, times n (n - 1).
    fn variances(&self) -> Vec<f64> {
        self.covariances().filter(|((first, second), _)| first == second).map(|(_, variance)| signed_to_f64(variance)).collect()
    }

    fn with_more(&self, complete: u64, incomplete: u64) -> Result<(u64, u64)> {
        let complete = self.complete.checked_add(complete).filter(|&sum| sum <= MOST_RESPONDENTS);
        let incomplete = self.incomplete.checked_add(incomplete);
        complete.zip(incomplete).ok_or(Error::Overflow { field: "respondents", capacity: "a count of 40 bits" })
    }

    /// Refuses sums that so many respondents could not have given on this scale.
    fn checked(set: ItemSet, counts: [u64; 2], sums: Vec<u64>, products: Vec<u64>) -> Result<Self> {
        let empty = Self::empty(set);
        empty.check_items(sums.len())?;
        if products.len() != empty.products.len() {
            return Err(Error::mismatch("number of products", empty.products.len(), products.len()));
        }
        let [complete, incomplete] = counts;
        let _ = empty.with_more(complete, incomplete)?;
        let tally = Self { set, complete, incomplete, sums, products };
        let [low, high] = [set.scale().low(), set.scale().high()].map(u64::from);
        // 2^40 respondents and ratings of 8 bits.
        let within = |field, value: u64, least: u64, most: u64| {
            let (least, most) = (complete.saturating_mul(least), complete.saturating_mul(most));
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(Error::out_of_bounds(field, value, Bound::Within(least.into(), most.into())))
            }
        };
        tally.sums.iter().try_for_each(|&sum| within("sum of ratings", sum, low, high))?;
        tally.products.iter().try_for_each(|&sum| within("sum of products", sum, low.saturating_mul(low), high.saturating_mul(high)))?;
        let variances: Vec<i128> =
            tally.covariances().filter(|((first, second), _)| first == second).map(|(_, variance)| variance).collect();
        let of_item = |item: usize| variances.get(item).copied().unwrap_or(0);
        for ((first, second), covariance) in tally.covariances() {
            // By Cauchy and Schwarz; the square of 96 bits is compared as a quotient.
            let (own, other) = (of_item(first), of_item(second));
            let magnitude = signed_to_f64(covariance).abs();
            if own < 0 || other < 0 || magnitude > signed_to_f64(own).sqrt() * signed_to_f64(other).sqrt() * (1.0 + 1e-12) {
                return Err(Error::Mismatch {
                    field: "sum of products",
                    left: format!("that of items {first} and {second}"),
                    right: "what their sums allow".to_owned(),
                });
            }
        }
        Ok(tally)
    }
}

fn positions(items: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..items).flat_map(move |first| (first..items).map(move |second| (first, second)))
}

/// Every column with itself and each later one.
fn pairs_of<'a>(items: &'a [&'a [u8]]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + 'a {
    items.iter().enumerate().flat_map(|(position, &first)| items.iter().skip(position).map(move |&second| (first, second)))
}

fn sum_of_products(first: &[u8], second: &[u8]) -> u64 {
    first
        .chunks(ROWS_AT_ONCE)
        .zip(second.chunks(ROWS_AT_ONCE))
        .map(|(first, second)| {
            // Narrow lanes, which the compiler multiplies many at once.
            let products = first.iter().zip(second).map(|(&a, &b)| u32::from(u16::from(a).wrapping_mul(b.into())));
            u64::from(products.fold(0_u32, u32::wrapping_add))
        })
        .fold(0, u64::saturating_add)
}

/// An empty tally of five items on 1-5.
impl Default for ReliabilityTally {
    fn default() -> Self {
        Self::empty(ItemSet::default())
    }
}

impl Tally for ReliabilityTally {
    type Settings = ItemSet;
    /// One respondent's ratings, an item each; `None` for one that was left out.
    type Record = Vec<Option<u8>>;
    type Summary = ReliabilitySummary;

    fn empty(set: ItemSet) -> Self {
        let items = usize::from(set.items());
        Self { set, complete: 0, incomplete: 0, sums: vec![0; items], products: vec![0; positions(items).count()] }
    }

    fn settings(&self) -> ItemSet {
        self.set
    }

    fn record(&mut self, ratings: Vec<Option<u8>>) -> Result<()> {
        self.check_items(ratings.len())?;
        let scale = self.set.scale();
        for rating in ratings.iter().flatten() {
            let _ = scale.position("rating", *rating)?;
        }
        let Some(ratings) = ratings.iter().copied().collect::<Option<Vec<u8>>>() else {
            (_, self.incomplete) = self.with_more(0, 1)?;
            return Ok(());
        };
        (self.complete, _) = self.with_more(1, 0)?;
        for (sum, &rating) in self.sums.iter_mut().zip(&ratings) {
            *sum = sum.saturating_add(rating.into());
        }
        let pairs =
            ratings.iter().enumerate().flat_map(|(position, first)| ratings.iter().skip(position).map(move |second| (first, second)));
        for (product, (&first, &second)) in self.products.iter_mut().zip(pairs) {
            *product = product.saturating_add(u64::from(first).saturating_mul(second.into()));
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.set != other.set {
            return Err(Error::mismatch("items", self.set, other.set));
        }
        (self.complete, self.incomplete) = self.with_more(other.complete, other.incomplete)?;
        let theirs = other.sums.iter().chain(&other.products);
        for (mine, theirs) in self.sums.iter_mut().chain(&mut self.products).zip(theirs) {
            *mine = mine.saturating_add(*theirs);
        }
        Ok(())
    }

    fn finish(&self) -> Result<ReliabilitySummary> {
        let standardized_alpha = match self.standardized_alpha() {
            Ok(alpha) => Some(alpha),
            Err(Error::Undefined { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(ReliabilitySummary { complete: self.complete, alpha: self.alpha()?.coefficient(), standardized_alpha })
    }

    fn encode(&self) -> Vec<u8> {
        let scale = self.set.scale();
        Encoder::new(Kind::RELIABILITY, self.encoded_len())
            .u8(scale.low())
            .u8(scale.high())
            .u8(scale.satisfied_from())
            .u8(self.set.items())
            .u64(self.complete)
            .u64(self.incomplete)
            .u64s(&self.sums)
            .u64s(&self.products)
            .finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        use super::Scale;

        let mut decoder = Decoder::open(Kind::RELIABILITY, bytes)?;
        let scale = Scale::new(decoder.u8()?, decoder.u8()?, decoder.u8()?)?;
        let set = ItemSet::new(scale, decoder.u8()?)?;
        let counts = decoder.u64_array()?;
        let mut take = |number: usize| (0..number).map(|_| decoder.u64()).collect::<Result<Vec<u64>>>();
        let items = usize::from(set.items());
        let (sums, products) = (take(items)?, take(positions(items).count())?);
        decoder.close()?;
        Self::checked(set, counts, sums, products)
    }

    fn encoded_len(&self) -> usize {
        let integers = self.sums.len().saturating_add(self.products.len()).saturating_add(2);
        len::with_u64s(integers).saturating_add(const { 4 * len::U8 })
    }
}

/// Alpha, as it is and standardized.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ReliabilitySummary {
    /// How many answered every item.
    pub complete: u64,
    /// Cronbach's alpha.
    pub alpha: f64,
    /// What it would be if all items varied equally; `None` if one does not vary at all.
    pub standardized_alpha: Option<f64>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ReliabilityState {
    items: ItemSet,
    complete: u64,
    incomplete: u64,
    sums: Vec<u64>,
    products: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<ReliabilityState> for ReliabilityTally {
    type Error = Error;

    fn try_from(state: ReliabilityState) -> Result<Self> {
        Self::checked(state.items, [state.complete, state.incomplete], state.sums, state.products)
    }
}

#[cfg(feature = "serde")]
impl From<ReliabilityTally> for ReliabilityState {
    fn from(tally: ReliabilityTally) -> Self {
        let ReliabilityTally { set, complete, incomplete, sums, products } = tally;
        Self { items: set, complete, incomplete, sums, products }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;

    fn set(items: u8) -> ItemSet {
        ItemSet::new(Scale::ONE_TO_FIVE, items).unwrap()
    }

    #[test]
    fn wrong_records_change_nothing() {
        let mut tally = ReliabilityTally::empty(set(2));
        assert!(matches!(tally.record(vec![Some(1)]), Err(Error::Mismatch { field: "number of items", .. })));
        assert_eq!(tally.record(vec![Some(1), Some(6)]).unwrap_err().field(), Some("rating"));
        let error = tally.record_columns(&[&[1, 2, 3], &[1, 2, 7]]).unwrap_err();
        assert_eq!(error.to_string(), "row 2: rating is 7, but must be within 1 to 5");
        assert!(matches!(tally.record_columns(&[&[1, 2], &[1]]), Err(Error::Mismatch { field: "column length", .. })));
        assert_eq!(tally, ReliabilityTally::empty(set(2)));
        assert!(matches!(tally.alpha(), Err(Error::Undefined { .. })));
        tally.record(vec![Some(1), None]).unwrap();
        assert_eq!((tally.complete(), tally.incomplete()), (0, 1));
        assert!(tally.alpha_without(2).is_err() && tally.item_rest_correlation(2).is_err());
    }

    #[test]
    fn sums_that_no_respondents_could_give_are_refused() {
        let checked = |sums: [u64; 2], products: [u64; 3]| ReliabilityTally::checked(set(2), [2, 0], sums.to_vec(), products.to_vec());
        assert!(checked([3, 6], [5, 10, 20]).is_ok());
        assert!(matches!(checked([1, 6], [5, 10, 20]), Err(Error::OutOfBounds { field: "sum of ratings", .. })));
        assert!(matches!(checked([3, 6], [5, 10, 51]), Err(Error::OutOfBounds { field: "sum of products", .. })));
        assert!(matches!(checked([3, 6], [4, 10, 20]), Err(Error::Mismatch { field: "sum of products", .. })));
        assert!(matches!(checked([3, 6], [5, 12, 20]), Err(Error::Mismatch { field: "sum of products", .. })));
        assert!(ReliabilityTally::checked(set(2), [MOST_RESPONDENTS + 1, 0], vec![0; 2], vec![0; 3]).is_err());
    }

    #[test]
    fn items_that_run_against_each_other_have_a_negative_alpha() {
        let mut tally = ReliabilityTally::empty(set(2));
        tally.record_columns(&[&[1, 2, 3, 4, 5], &[5, 4, 4, 2, 1]]).unwrap();
        assert!(tally.alpha().unwrap().coefficient() < -10.0);
        tally = ReliabilityTally::empty(set(2));
        tally.record_columns(&[&[1, 2, 3], &[3, 2, 1]]).unwrap();
        assert!(matches!(tally.alpha(), Err(Error::Undefined { metric: "Cronbach's alpha", .. })));
        assert!(matches!(tally.standardized_alpha(), Err(Error::Undefined { .. })));
    }
}
