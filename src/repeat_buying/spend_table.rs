//! Customers who spent the same as one weighted row, in an order that does not depend on how they came.

use core::fmt;

use super::SpendHistory;
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::PearsonCorrelation;

/// What becomes of rows that say that nothing was paid: no purchase, or a mean spend of 0 or less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UnpaidRule {
    /// A row of purchases without a mean spend above 0 is an error that names it. A row without purchases, whose mean is 0, says nothing
    /// of spend and is left out. Hides nothing, so it is the default.
    #[default]
    Refuse,
    /// Rows of no purchase or a mean spend of 0 or less are left out: gifts, refunds, customers who did not buy again.
    Drop,
}

/// Such as `unpaid purchases dropped`.
impl fmt::Display for UnpaidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refuse => "unpaid purchases refused",
            Self::Drop => "unpaid purchases dropped",
        })
    }
}

/// The distinct spend histories of a customer base, each with the number of customers who have it.
///
/// Customers without purchases say nothing of spend and are not in it. The rows are ordered by purchases, then mean spend, so whatever is
/// computed from them is the same to the last bit, however the customers were ordered, collapsed before or [merged](Self::merge).
///
/// ```
/// use customer_metrics::repeat_buying::{SpendTable, UnpaidRule};
///
/// let table = SpendTable::from_columns(&[2, 0, 1, 3], &[22.35, 0.0, 11.77, 0.0], UnpaidRule::Drop)?;
/// assert_eq!((table.customers(), table.rows()), (2, 2));
///
/// let error = SpendTable::from_columns(&[2, 0, 1, 3], &[22.35, 0.0, 11.77, 0.0], UnpaidRule::Refuse).unwrap_err();
/// assert_eq!(error.to_string(), "row 3: mean spend is 0, but must be more than 0");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "SpendTableState", into = "SpendTableState"))]
pub struct SpendTable {
    purchases: Vec<u64>,
    mean_spends: Vec<f64>,
    weights: Vec<u64>,
    customers: u64,
}

impl SpendTable {
    /// One customer a row.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first row that is wrong: a mean spend that is infinite
    /// or NaN, one that is not within 1e-100 to 1e100, and, if they are refused, rows of purchases without a mean spend above 0.
    pub fn from_columns(purchases: &[u64], mean_spends: &[f64], unpaid: UnpaidRule) -> Result<Self> {
        Self::from_numbers(purchases, mean_spends, None, unpaid)
    }

    /// So many customers a row. A row of none is left out.
    ///
    /// # Errors
    /// As [`from_columns`](Self::from_columns); [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_counted_columns(purchases: &[u64], mean_spends: &[f64], customers: &[u64], unpaid: UnpaidRule) -> Result<Self> {
        Self::from_numbers(purchases, mean_spends, Some(customers), unpaid)
    }

    /// So many customers with each history. Those of no customer and those without purchases are left out.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits.
    pub fn from_counts(histories: impl IntoIterator<Item = (SpendHistory, u64)>) -> Result<Self> {
        Self::collapse(histories.into_iter().map(Row::from).collect())
    }

    /// Adds the customers of another table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the customers exceed 64 bits; the table is left as it was.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        *self = Self::collapse(self.iter().chain(other.iter()).map(Row::from).collect())?;
        Ok(())
    }

    /// How many customers with purchases.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many distinct histories.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.weights.len()
    }

    /// Whether there is no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The distinct histories, ordered by purchases, then mean spend, each with the number of customers who have it.
    pub fn iter(&self) -> impl Iterator<Item = (SpendHistory, u64)> + '_ {
        let numbers = self.purchases.iter().zip(&self.mean_spends).zip(&self.weights);
        numbers.map(|((&purchases, &mean), &weight)| (SpendHistory::checked(purchases, mean), weight))
    }

    /// Pearson's correlation over customers between how often they buy and what they spend on average.
    ///
    /// [`GammaGamma`](super::GammaGamma) takes the two for independent: look at this before its means are multiplied with expected
    /// purchases. A correlation near 0 supports that, such as the 0.11 of CDNOW.
    ///
    /// ```
    /// use customer_metrics::{Confidence, repeat_buying::{SpendTable, UnpaidRule}};
    ///
    /// let table = SpendTable::from_columns(&[1, 1, 2, 3, 5, 8], &[20.0, 31.5, 7.25, 40.0, 26.5, 22.0], UnpaidRule::Refuse)?;
    /// let correlation = table.purchase_spend_correlation()?;
    /// assert!(correlation.estimate(Confidence::P95)?.interval().contains(0.0));
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] unless both differ between customers.
    pub fn purchase_spend_correlation(&self) -> Result<PearsonCorrelation> {
        const METRIC: &str = "correlation of purchases and spend";
        let first = self.mean_spends.first().copied().unwrap_or_default().to_bits();
        if self.purchases.first() == self.purchases.last() || self.mean_spends.iter().all(|mean| mean.to_bits() == first) {
            return Err(Error::Undefined { metric: METRIC, because: "purchases or mean spends do not differ between customers" });
        }
        // Scaled by the largest, so that squares do not overflow.
        let scale = self.mean_spends.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let rows = || {
            let numbers = self.purchases.iter().zip(&self.mean_spends).zip(&self.weights);
            numbers.map(|((&x, &z), &weight)| (count_to_f64(x), z / scale, count_to_f64(weight)))
        };
        let n = count_to_f64(self.customers);
        let mean_x = rows().map(|(x, _, weight)| weight * x).sum::<f64>() / n;
        let mean_z = rows().map(|(_, z, weight)| weight * z).sum::<f64>() / n;
        let (mut products, mut squares) = (0.0, [0.0; 2]);
        for (x, z, weight) in rows() {
            let (x, z) = (x - mean_x, z - mean_z);
            products += weight * x * z;
            squares = [squares[0] + weight * x * x, squares[1] + weight * z * z];
        }
        PearsonCorrelation::from_sums(METRIC, products, squares, self.customers)
    }

    fn from_numbers(purchases: &[u64], mean_spends: &[f64], weights: Option<&[u64]>, unpaid: UnpaidRule) -> Result<Self> {
        Error::check_length("length of mean spends", purchases.len(), mean_spends.len())?;
        Error::check_length("length of customers", purchases.len(), weights.map_or(purchases.len(), <[u64]>::len))?;
        let mut rows = Vec::with_capacity(purchases.len());
        for (row, (&purchases, &mean_spend)) in purchases.iter().zip(mean_spends).enumerate() {
            let pays = purchases > 0 && (mean_spend > 0.0 || mean_spend.is_nan());
            if unpaid == UnpaidRule::Drop && !pays && mean_spend.is_finite() {
                continue;
            }
            let history = SpendHistory::new(purchases, mean_spend).map_err(|error| error.at_row(row))?;
            rows.push(Row::from((history, weights.map_or(1, |weights| weights.get(row).copied().unwrap_or(0)))));
        }
        Self::collapse(rows)
    }

    fn collapse(mut rows: Vec<Row>) -> Result<Self> {
        rows.sort_unstable();
        let mut table = Self::default();
        for row in rows.into_iter().filter(|row| row.weight > 0 && row.purchases > 0) {
            table.customers = table.customers.checked_add(row.weight).ok_or_else(|| Error::count_overflow("customers"))?;
            table.push(&row);
        }
        Ok(table)
    }

    /// Adds a row that is not before the last one.
    fn push(&mut self, row: &Row) {
        if let (Some(&purchases), Some(mean), Some(weight)) = (self.purchases.last(), self.mean_spends.last(), self.weights.last_mut())
            && (purchases, mean.to_bits()) == (row.purchases, row.mean_bits)
        {
            // No more than the customers, which have been summed.
            *weight = weight.saturating_add(row.weight);
            return;
        }
        self.purchases.push(row.purchases);
        self.mean_spends.push(f64::from_bits(row.mean_bits));
        self.weights.push(row.weight);
    }
}

impl FromIterator<SpendHistory> for SpendTable {
    fn from_iter<I: IntoIterator<Item = SpendHistory>>(histories: I) -> Self {
        // As many customers as fit into memory are fewer than 64 bits can count.
        Self::collapse(histories.into_iter().map(|history| Row::from((history, 1))).collect()).unwrap_or_default()
    }
}

/// The bits of doubles that are not negative are ordered as their values are.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    purchases: u64,
    mean_bits: u64,
    weight: u64,
}

impl From<(SpendHistory, u64)> for Row {
    fn from((history, weight): (SpendHistory, u64)) -> Self {
        Self { purchases: history.purchases(), mean_bits: history.mean_spend().to_bits(), weight }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SpendTableState {
    purchases: Vec<u64>,
    mean_spend: Vec<f64>,
    customers: Vec<u64>,
}

#[cfg(feature = "serde")]
impl TryFrom<SpendTableState> for SpendTable {
    type Error = Error;

    fn try_from(state: SpendTableState) -> Result<Self> {
        Self::from_counted_columns(&state.purchases, &state.mean_spend, &state.customers, UnpaidRule::Refuse)
    }
}

#[cfg(feature = "serde")]
impl From<SpendTable> for SpendTableState {
    fn from(table: SpendTable) -> Self {
        Self { purchases: table.purchases, mean_spend: table.mean_spends, customers: table.weights }
    }
}
