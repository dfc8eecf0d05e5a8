//! Whether a model has as many customers buy so many times as did.

use std::collections::BTreeMap;

use super::beta_geometric::ln_growth;
use super::interpolation::{Interpolation, chebyshev_moments};
use super::transaction_model::sealed::CHECKED;
use super::{BgBb, Model as _, OpportunityTable, PurchaseTable, TransactionModel, parallel};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::estimate::{SignificanceTest, TestMethod};

/// Where the parameters of a model come from, on which the degrees of freedom of a test of it depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ParameterOrigin {
    /// Fitted to these customers: each parameter takes one degree.
    TheseCustomers,
    /// Known otherwise, such as from customers of another year.
    Elsewhere,
}

/// The customers with so many repeat purchases.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FrequencyCell {
    from: u64,
    to: Option<u64>,
    actual: u64,
    expected: f64,
}

impl FrequencyCell {
    /// The fewest repeat purchases.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The most; nothing if there is no end.
    #[must_use]
    pub fn to(&self) -> Option<u64> {
        self.to
    }

    /// How many customers made so many.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.actual
    }

    /// How many customers the model expects to.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// This one and those with the next higher frequencies as one.
    fn joined(self, above: Self) -> Self {
        Self { from: self.from, to: above.to, actual: self.actual.saturating_add(above.actual), expected: self.expected + above.expected }
    }
}

/// Customers by how often they bought again, actual against expected by a model.
///
/// ```text
/// expected(x) = sum over customers of P(X(T) = x),  T their own age
/// chi-square  = sum of (actual - expected)^2 / expected
/// degrees     = cells - 1 - parameters that were fitted to these customers
/// ```
///
/// ```
/// use customer_metrics::repeat_buying::{BgNbd, FrequencyFit, ParameterOrigin, PurchaseHistory, PurchaseTable};
///
/// let histories = [(0, 0.0, 60), (1, 20.0, 18), (2, 30.0, 9), (3, 35.0, 4), (5, 38.0, 9)];
/// let table = PurchaseTable::from_counts(
///     histories.into_iter().map(|(x, t_x, customers)| Ok((PurchaseHistory::new(x, t_x, 39.0)?, customers))).collect::<Result<Vec<_>, _>>()?,
/// )?;
/// let fit = FrequencyFit::new(&BgNbd::new(0.243, 4.414, 0.793, 2.426)?, &table, 7)?;
/// let none = fit.cells()[0];
/// assert_eq!((none.from(), none.to(), none.actual()), (0, Some(0), 60));
/// assert_eq!(format!("{:.1}", none.expected()), "57.4");
///
/// // Cells of which the model expects fewer than 5 customers are joined with their neighbours.
/// let test = fit.pooled(5.0)?.test(ParameterOrigin::Elsewhere)?;
/// assert_eq!(format!("{test:.2}"), "chi-square(4) = 2.58, p = 0.630 (chi-square test of fit)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// **How far to trust the test.** The parameters were fitted to every customer and not to the cells, so the statistic has a distribution
/// between those with and without a degree for each parameter: the p-value with [`ParameterOrigin::TheseCustomers`] is somewhat too small,
/// that with [`ParameterOrigin::Elsewhere`] somewhat too large (Chernoff and Lehmann 1954). With very many customers every model is refused,
/// since none is true: look at the cells, and at what the model predicts.
///
/// Sources: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005), 275-284, for
/// the comparison; H. Chernoff and E. L. Lehmann, "The Use of Maximum Likelihood Estimates in Chi-Square Tests for Goodness of Fit", Annals
/// of Mathematical Statistics 25 (1954), 579-586.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FrequencyFit {
    customers: u64,
    parameters: u64,
    cells: Vec<FrequencyCell>,
}

/// More cells would not be looked at.
const MOST_CELLS: u32 = 10_000;

/// So many ages or more are interpolated.
const MANY_AGES: usize = 1_000;

/// The degrees that are tried, and how far the polynomials may be from the probabilities.
const POINTS: [usize; 3] = [32, 64, 128];
const TOLERANCE: f64 = 2e-15;

/// The distinct ages, ascending, each with its customers.
fn distinct_ages(table: &PurchaseTable) -> Vec<(f64, f64)> {
    // The bits of doubles that are not negative are ordered as their values are.
    let mut ages: Vec<(u64, u64)> = table.iter().map(|(history, customers)| (history.age().to_bits(), customers)).collect();
    ages.sort_unstable();
    let same = ages.chunk_by(|one, other| one.0 == other.0);
    let distinct = same.filter_map(|same| {
        let customers = same.iter().fold(0_u64, |sum, (_, customers)| sum.saturating_add(*customers));
        Some((f64::from_bits(same.first()?.0), count_to_f64(customers)))
    });
    distinct.collect()
}

/// The customers who are expected to buy again 0, 1, ... up to less than `last` times.
fn age_by_age<M: TransactionModel>(model: &M, ages: &[(f64, f64)], last: u32) -> Result<Vec<f64>> {
    let mut expected = vec![0.0; usize::try_from(last).unwrap_or(0)];
    for &(age, customers) in ages {
        let probabilities = model.new_customer_distribution(last.saturating_sub(1), age)?;
        expected.iter_mut().zip(probabilities).for_each(|(expected, probability)| *expected += customers * probability);
    }
    Ok(expected)
}

/// The same by polynomials in the growth of a scale with the age, whose sums over all ages are those of the polynomials of Chebyshev.
fn interpolated<M: TransactionModel>(model: &M, ages: &[(f64, f64)], last: u32) -> Option<Vec<f64>> {
    let (youngest, oldest) = (ages.first()?.0, ages.last()?.0);
    if ages.len() < MANY_AGES || oldest > 1e100 {
        return None;
    }
    let scale = model.scale(CHECKED);
    let (low, high) = (ln_growth(youngest, scale), ln_growth(oldest, scale));
    let of_growth = |growth: f64| {
        let age = (scale * growth.exp_m1()).max(0.0);
        model.new_customer_distribution(last.saturating_sub(1), age).ok()
    };
    POINTS.into_iter().filter(|&points| points.saturating_mul(4) <= ages.len()).find_map(|points| {
        let polynomials = Interpolation::absolute(TOLERANCE, low, high, points, of_growth)?;
        let growths =
            parallel::map_rows(ages.len(), |at| ages.get(at).map_or((low, 0.0), |&(age, customers)| (ln_growth(age, scale), customers)));
        let moments = chebyshev_moments(points, low, high, &growths);
        // Nobody is expected less than not at all.
        Some(polynomials.iter().map(|polynomial| polynomial.sum(&moments).max(0.0)).collect())
    })
}

impl FrequencyFit {
    /// Customers with 0, 1, ... repeat purchases, and in a last cell those with `last` or more.
    ///
    /// Each expected number is a sum over the distinct ages of the customers in ascending order, or the sum of a polynomial in the age that
    /// stands in for the probability where there are thousands of ages; that of the last cell is what the others leave. Either way they are
    /// within 1e-13 of the customers.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer; [`Error::OutOfBounds`] if `last` is not within 1 to 10,000, or an age is more than
    /// 1e100.
    pub fn new<M: TransactionModel>(model: &M, table: &PurchaseTable, last: u32) -> Result<Self> {
        let frequencies = table.iter().map(|(history, customers)| (history.frequency(), customers));
        let actual = Self::counted(frequencies, table.customers(), last, M::PARAMETER_NAMES)?;
        let ages = distinct_ages(table);
        let expected = match interpolated(model, &ages, last) {
            Some(expected) => expected,
            None => age_by_age(model, &ages, last)?,
        };
        Ok(actual.expecting(expected))
    }

    /// The same for opportunities to buy: a sum over how many of them customers have had.
    ///
    /// ```text
    /// expected(x) = sum over customers of P(x purchases at n opportunities),  n their own number of opportunities
    /// ```
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{BgBb, FrequencyFit, OpportunityTable, ParameterOrigin};
    ///
    /// // 100 donors with six opportunities each.
    /// let table = OpportunityTable::from_counted_columns(&[0, 1, 2, 4, 6], &[0, 2, 5, 6, 6], &[6; 5], &[31, 20, 17, 20, 12])?;
    /// let fit = FrequencyFit::of_opportunities(&BgBb::new(1.2, 0.75, 0.66, 2.78)?, &table, 6)?;
    /// assert_eq!((fit.customers(), fit.cells().len(), fit.cells()[6].actual()), (100, 7, 12));
    /// assert!(fit.pooled(5.0)?.test(ParameterOrigin::Elsewhere)?.p_value() > 0.0);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// Source: P. S. Fader, B. G. S. Hardie and J. Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing
    /// Science 29 (2010), 1086-1108, figure 4.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer; [`Error::OutOfBounds`] if `last` is not within 1 to 10,000.
    pub fn of_opportunities(model: &BgBb, table: &OpportunityTable, last: u32) -> Result<Self> {
        let frequencies = table.iter().map(|(history, customers)| (history.frequency().into(), customers));
        let actual = Self::counted(frequencies, table.customers(), last, BgBb::PARAMETER_NAMES)?;
        let mut watched: BTreeMap<u32, u64> = BTreeMap::new();
        for (history, customers) in table.iter() {
            let sum = watched.entry(history.opportunities()).or_default();
            *sum = sum.saturating_add(customers);
        }
        let (new, mut expected) = (model.new_customer(), vec![0.0; usize::try_from(last).unwrap_or(0)]);
        for (opportunities, customers) in watched {
            // There are no more purchases than opportunities.
            for (purchases, expected) in (0..=opportunities).zip(&mut expected) {
                *expected += count_to_f64(customers) * new.probability_of_purchases(purchases, opportunities)?;
            }
        }
        Ok(actual.expecting(expected))
    }

    /// The cells with what was bought, and nothing expected yet.
    fn counted(
        frequencies: impl Iterator<Item = (u64, u64)>,
        customers: u64,
        last: u32,
        parameters: &'static [&'static str],
    ) -> Result<Self> {
        if customers == 0 {
            return Err(Error::Undefined { metric: "frequency fit", because: "there are no customers" });
        }
        if !(1..=MOST_CELLS).contains(&last) {
            return Err(Error::out_of_bounds("last cell", last, Bound::Within(1_u32.into(), MOST_CELLS.into())));
        }
        let mut cells: Vec<FrequencyCell> = (0..u64::from(last))
            .map(|from| FrequencyCell { from, to: Some(from), actual: 0, expected: 0.0 })
            .chain([FrequencyCell { from: last.into(), to: None, actual: 0, expected: 0.0 }])
            .collect();
        for (frequency, customers) in frequencies {
            let cell = usize::try_from(frequency.min(last.into())).unwrap_or(usize::MAX);
            if let Some(cell) = cells.get_mut(cell) {
                cell.actual = cell.actual.saturating_add(customers);
            }
        }
        Ok(Self { customers, parameters: u64::try_from(parameters.len()).unwrap_or(u64::MAX), cells })
    }

    /// With what is expected in each cell but the last, which has the rest.
    fn expecting(mut self, expected: Vec<f64>) -> Self {
        let mut rest = count_to_f64(self.customers);
        for (cell, expected) in self.cells.iter_mut().zip(expected) {
            cell.expected = expected;
            rest -= expected;
        }
        if let Some(cell) = self.cells.last_mut() {
            cell.expected = rest.max(0.0);
        }
        self
    }

    /// How many customers; the cells sum to it.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The cells, in ascending order of frequency.
    #[must_use]
    pub fn cells(&self) -> &[FrequencyCell] {
        &self.cells
    }

    /// The same with cells joined until the model expects at least so many customers in each: from the highest frequencies down, and what
    /// is left at the lowest with the one above.
    ///
    /// At least 5 is the usual rule (W. G. Cochran, "The Chi-Square Test of Goodness of Fit", Annals of Mathematical Statistics 23 (1952),
    /// 315-345, who holds 1 in a tail for enough).
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the number is negative, infinite or NaN.
    pub fn pooled(&self, least_expected: f64) -> Result<Self> {
        if !(0.0..=f64::MAX).contains(&least_expected) {
            return Err(Error::out_of_bounds("least expected", least_expected, Bound::AtLeast(0_u64.into())));
        }
        let mut cells: Vec<FrequencyCell> = Vec::new();
        let mut open: Option<FrequencyCell> = None;
        for cell in self.cells.iter().rev() {
            let joined = open.map_or(*cell, |above| cell.joined(above));
            if joined.expected < least_expected {
                open = Some(joined);
            } else {
                cells.push(joined);
                open = None;
            }
        }
        if let Some(lowest) = open {
            let all = cells.pop().map_or(lowest, |above| lowest.joined(above));
            cells.push(all);
        }
        cells.reverse();
        Ok(Self { cells, ..*self })
    }

    /// Pearson's test of whether the customers could come from the model, on the cells as they are: [pool](Self::pooled) them first.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there are too few cells for a degree of freedom, or the model expects nobody in one of them.
    pub fn test(&self, origin: ParameterOrigin) -> Result<SignificanceTest> {
        const METRIC: &str = "test of fit";
        let parameters = match origin {
            ParameterOrigin::TheseCustomers => self.parameters,
            ParameterOrigin::Elsewhere => 0,
        };
        let cells = u64::try_from(self.cells.len()).unwrap_or(u64::MAX);
        let Some(degrees) = cells.checked_sub(parameters.saturating_add(1)).filter(|&degrees| degrees > 0) else {
            return Err(Error::Undefined { metric: METRIC, because: "there are too few cells for so many parameters" });
        };
        if self.cells.iter().any(|cell| cell.expected < f64::MIN_POSITIVE) {
            return Err(Error::Undefined { metric: METRIC, because: "the model expects nobody in a cell" });
        }
        let of_cell = |cell: &FrequencyCell| {
            let distance = count_to_f64(cell.actual) - cell.expected;
            distance * (distance / cell.expected)
        };
        SignificanceTest::from_chi_square(self.cells.iter().map(of_cell).sum(), count_to_f64(degrees), TestMethod::ChiSquareFit)
    }
}
