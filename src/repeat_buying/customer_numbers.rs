//! Customers known by a text, numbered.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// A column of customers known by texts, such as `C-1029` or an address, as the numbers that [`Transactions`](super::Transactions) take.
///
/// Customers are numbered from 0 in the order of their texts, byte by byte, so the order of the rows does not matter. The numbers are of
/// this column: those of another column are others.
///
/// ```
/// use customer_metrics::FixedColumn;
/// use customer_metrics::repeat_buying::{CustomerNumbers, HistoryRules, PeriodRule, ReturnRule, Transactions};
///
/// let customers = CustomerNumbers::from_ids(&["zoe", "adam", "zoe", "mia"])?;
/// assert_eq!((customers.count(), customers.numbers()), (3, &[2, 0, 2, 1][..]));
///
/// let transactions = Transactions::new(customers.numbers(), &[0, 3, 14, 20], FixedColumn::whole(&[5, 7, 4, 9]))?;
/// let histories = transactions.histories(&HistoryRules::new(27, PeriodRule::default(), ReturnRule::Refuse)?)?;
/// let ids = histories.customer_numbers().iter().filter_map(|&number| customers.id(number));
/// assert_eq!(ids.collect::<Vec<_>>(), ["adam", "mia", "zoe"]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CustomerNumbers {
    /// Ascending, each once.
    ids: Vec<String>,
    numbers: Vec<u32>,
}

impl CustomerNumbers {
    /// Numbers the customers of a column of texts, one a row. Texts are taken as they are: ` zoe` and `Zoe` are others than `zoe`.
    ///
    /// # Errors
    /// [`Error::Row`] with the row of the first customer whose number would exceed 32 bits.
    pub fn from_ids<S: AsRef<str>>(ids: &[S]) -> Result<Self> {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut numbers = Vec::with_capacity(ids.len());
        for (row, id) in ids.iter().enumerate() {
            let next = u32::try_from(seen.len());
            let number = match (seen.get(id.as_ref()), next) {
                (Some(&number), _) => number,
                (None, Ok(next)) => *seen.entry(id.as_ref()).or_insert(next),
                (None, Err(_)) => return Err(Error::Overflow { field: "customer number", capacity: "32 bits" }.at_row(row)),
            };
            numbers.push(number);
        }
        let mut by_id: Vec<(&str, u32)> = seen.into_iter().collect();
        by_id.sort_unstable();
        let mut place = vec![0_u32; by_id.len()];
        for (&(_, as_seen), sorted) in by_id.iter().zip(0_u32..) {
            if let Some(place) = place_of(&mut place, as_seen) {
                *place = sorted;
            }
        }
        for number in &mut numbers {
            *number = place_of(&mut place, *number).map_or(*number, |place| *place);
        }
        Ok(Self { ids: by_id.into_iter().map(|(id, _)| id.to_owned()).collect(), numbers })
    }

    /// How many customers.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.ids.len()).unwrap_or(u64::MAX)
    }

    /// The number of the customer in each row.
    #[must_use]
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The texts of the customers, by number.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The text of the customer of this number, such as one from
    /// [`PurchaseHistories::customer_numbers`](super::PurchaseHistories::customer_numbers), if there is one.
    #[must_use]
    pub fn id(&self, number: u64) -> Option<&str> {
        self.ids.get(usize::try_from(number).ok()?).map(String::as_str)
    }

    /// The number of the customer with this text, if there is one.
    #[must_use]
    pub fn number(&self, id: &str) -> Option<u32> {
        let place = self.ids.binary_search_by(|other| other.as_str().cmp(id)).ok()?;
        u32::try_from(place).ok()
    }
}

fn place_of(places: &mut [u32], number: u32) -> Option<&mut u32> {
    places.get_mut(usize::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_depend_on_the_order_of_the_rows_and_lead_back_to_the_texts() {
        let ids: Vec<String> = (0..1_000_u64).map(|row| format!("C-{}", row * 7_919 % 313)).collect();
        let forwards = CustomerNumbers::from_ids(&ids).unwrap();
        let backwards: Vec<&str> = ids.iter().rev().map(String::as_str).collect();
        let backwards = CustomerNumbers::from_ids(&backwards).unwrap();
        assert_eq!(forwards.ids(), backwards.ids());
        assert!(forwards.numbers().iter().eq(backwards.numbers().iter().rev()));
        assert_eq!(forwards.count(), 313);
        for (id, &number) in ids.iter().zip(forwards.numbers()) {
            assert_eq!((forwards.id(number.into()), forwards.number(id)), (Some(id.as_str()), Some(number)));
        }
        assert_eq!((forwards.id(313), forwards.id(u64::MAX), forwards.number("C-")), (None, None, None));
        assert_eq!(CustomerNumbers::from_ids::<&str>(&[]), Ok(CustomerNumbers::default()));
    }
}
