//! Whether a model has as many customers buy so many times as did.

use std::collections::BTreeMap;

use super::{PurchaseTable, TransactionModel};
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

impl FrequencyFit {
    /// Customers with 0, 1, ... repeat purchases, and in a last cell those with `last` or more.
    ///
    /// Each expected number is a sum over the distinct ages of the customers in ascending order; that of the last cell is what the others
    /// leave, within some 1e-15 of the customers.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no customer; [`Error::OutOfBounds`] if `last` is not within 1 to 10,000, or an age is more than
    /// 1e100.
    pub fn new<M: TransactionModel>(model: &M, table: &PurchaseTable, last: u32) -> Result<Self> {
        if table.is_empty() {
            return Err(Error::Undefined { metric: "frequency fit", because: "there are no customers" });
        }
        if !(1..=MOST_CELLS).contains(&last) {
            return Err(Error::out_of_bounds("last cell", last, Bound::Within(1_u32.into(), MOST_CELLS.into())));
        }
        let mut cells: Vec<FrequencyCell> = (0..u64::from(last))
            .map(|from| FrequencyCell { from, to: Some(from), actual: 0, expected: 0.0 })
            .chain([FrequencyCell { from: last.into(), to: None, actual: 0, expected: 0.0 }])
            .collect();
        // The bits of doubles that are not negative are ordered as their values are.
        let mut ages: BTreeMap<u64, u64> = BTreeMap::new();
        for (history, customers) in table.iter() {
            let cell = usize::try_from(history.frequency().min(last.into())).unwrap_or(usize::MAX);
            if let Some(cell) = cells.get_mut(cell) {
                cell.actual = cell.actual.saturating_add(customers);
            }
            let of_age = ages.entry(history.age().to_bits()).or_default();
            *of_age = of_age.saturating_add(customers);
        }
        for (age, customers) in ages {
            let (customers, mut rest) = (count_to_f64(customers), 1.0);
            let probabilities = model.new_customer_distribution(last.saturating_sub(1), f64::from_bits(age))?;
            for (cell, probability) in cells.iter_mut().zip(probabilities) {
                cell.expected += customers * probability;
                rest -= probability;
            }
            if let Some(cell) = cells.last_mut() {
                cell.expected += customers * rest.max(0.0);
            }
        }
        let parameters = u64::try_from(M::PARAMETER_NAMES.len()).unwrap_or(u64::MAX);
        Ok(Self { customers: table.customers(), parameters, cells })
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
