//! The share of wallet that a customer's ranking of brands lets one expect.

use core::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::error::{Bound, Error, Result};
use crate::proportion::Proportion;

/// Where a customer ranks our brand among all those they use in the category, ours included: 1 is the best.
///
/// Brands that tie share the mean of the ranks they take up, so that two at the top are both ranked 1.5.
///
/// ```
/// use customer_metrics::satisfaction::BrandRank;
///
/// let first_of_two = BrandRank::new(1, 2)?;
/// assert_eq!(first_of_two.wallet_allocation().to_string(), "66.7%");
///
/// // A customer gives us an 8 and two others a 9 and an 8.
/// let tied = BrandRank::from_ratings(8, &[9, 8])?;
/// assert_eq!(tied.rank().to_string(), "2.5");
/// assert_eq!(tied.wallet_allocation().to_string(), "25.0%");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "BrandRankState", into = "BrandRankState"))]
pub struct BrandRank {
    /// The best of the ranks that the brand takes up with those it ties with.
    best: u32,
    /// How many brands tie here, ours included.
    tied: u32,
    brands: u32,
}

impl BrandRank {
    /// Our brand alone at this rank, among so many.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless `1 <= rank <= brands`.
    pub fn new(rank: u32, brands: u32) -> Result<Self> {
        Self::tied(rank, 1, brands)
    }

    /// Our brand among `tied` equal ones, ours included, that take up the ranks from `best` on.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if any of the three is 0, or the ranks go beyond `brands`.
    pub fn tied(best: u32, tied: u32, brands: u32) -> Result<Self> {
        for (field, value) in [("brands", brands), ("rank", best), ("tied brands", tied)] {
            if value == 0 {
                return Err(Error::out_of_bounds(field, value, Bound::AtLeast(1_u32.into())));
            }
        }
        if best > brands {
            return Err(Error::out_of_bounds("rank", best, Bound::AtMost(brands.into())));
        }
        let room = brands.saturating_sub(best).saturating_add(1);
        if tied > room {
            return Err(Error::out_of_bounds("tied brands", tied, Bound::AtMost(room.into())));
        }
        Ok(Self { best, tied, brands })
    }

    /// The rank that follows from one customer's ratings of our brand and of every other brand they use; a higher rating is better.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond 2^32 brands.
    pub fn from_ratings(ours: u8, others: &[u8]) -> Result<Self> {
        let count = |test: fn(&u8, &u8) -> bool| {
            let brands = others.iter().filter(|other| test(other, &ours)).count();
            let with_ours = u32::try_from(brands).ok().and_then(|brands| brands.checked_add(1));
            with_ours.ok_or(Error::Overflow { field: "brands", capacity: "a 32-bit count" })
        };
        Self::tied(count(u8::gt)?, count(u8::eq)?, count(|_, _| true)?)
    }

    /// The rank: the mean of the ranks taken up, such as 1.5 for two brands that tie at the top.
    #[must_use]
    pub fn rank(&self) -> Decimal {
        // A 34-bit numerator over 2 always fits.
        decimal::ratio("rank", "no brand is ranked", self.twice_the_rank(), 2).unwrap_or_else(|_| self.best.into())
    }

    /// How many brands the customer uses, ours included.
    #[must_use]
    pub fn brands(&self) -> u32 {
        self.brands
    }

    /// The wallet allocation rule: the share of wallet to expect of a customer who ranks our brand here, rounded to 28 digits.
    ///
    /// ```text
    /// (1 - rank / (n + 1)) x 2 / n
    /// n = number of brands that the customer uses
    /// ```
    ///
    /// Over all brands of a customer it adds up to 1, ties included. For a brand as a whole, average over its customers: that mean has its
    /// interval in a [`MomentsTally`](crate::MomentsTally), this figure of one customer has none.
    ///
    /// Source: T. Keiningham, L. Aksoy, A. Buoye and B. Cooil, "Customer Loyalty Isn't Enough. Grow Your Share of Wallet", Harvard
    /// Business Review, October 2011. "Wallet Allocation Rule" is a registered trademark of its owners. Ties: the usual mean rank, which
    /// divides what the tied brands win evenly among them.
    #[must_use]
    pub fn wallet_allocation(&self) -> Proportion {
        let (n, after_n) = (i128::from(self.brands), i128::from(self.brands).saturating_add(1));
        let numerator = after_n.saturating_mul(2).saturating_sub(self.twice_the_rank());
        // At most 2 (n + 1) over n (n + 1): 65 bits at most, and never a division by 0.
        decimal::ratio("wallet allocation", "no brand is used", numerator, n.saturating_mul(after_n))
            .map_or(Proportion::ZERO, Proportion::saturating)
    }

    /// An integer whatever the tie: the first and the last rank taken up, added.
    fn twice_the_rank(&self) -> i128 {
        i128::from(self.best).saturating_mul(2).saturating_add(i128::from(self.tied)).saturating_sub(1)
    }
}

/// Such as `rank 1.5 of 3`.
impl fmt::Display for BrandRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rank {} of {}", self.rank(), self.brands)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandRankState {
    best: u32,
    tied: u32,
    brands: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<BrandRankState> for BrandRank {
    type Error = Error;

    fn try_from(state: BrandRankState) -> Result<Self> {
        Self::tied(state.best, state.tied, state.brands)
    }
}

#[cfg(feature = "serde")]
impl From<BrandRank> for BrandRankState {
    fn from(rank: BrandRank) -> Self {
        Self { best: rank.best, tied: rank.tied, brands: rank.brands }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_lies_among_the_brands() {
        assert_eq!(BrandRank::new(3, 2).unwrap_err().to_string(), "rank is 3, but must be at most 2");
        assert_eq!(BrandRank::tied(2, 3, 3).unwrap_err().to_string(), "tied brands is 3, but must be at most 2");
        for (best, tied, brands) in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] {
            assert!(matches!(BrandRank::tied(best, tied, brands), Err(Error::OutOfBounds { .. })));
        }
        assert!(BrandRank::tied(1, u32::MAX, u32::MAX).is_ok());
    }

    #[test]
    fn the_only_brand_gets_everything_and_the_last_of_many_almost_nothing() {
        assert_eq!(BrandRank::from_ratings(0, &[]).unwrap().wallet_allocation(), Proportion::ONE);
        let last = BrandRank::new(u32::MAX, u32::MAX).unwrap();
        assert!(last.wallet_allocation() > Proportion::ZERO);
        assert_eq!(last.rank(), Decimal::from(u32::MAX));
    }

    #[test]
    fn ratings_rank_from_the_highest() {
        assert_eq!(BrandRank::from_ratings(10, &[9, 9, 0]), BrandRank::new(1, 4));
        assert_eq!(BrandRank::from_ratings(9, &[10, 9, 0]), BrandRank::tied(2, 2, 4));
        assert_eq!(BrandRank::from_ratings(0, &[10, 9, 9]), BrandRank::new(4, 4));
        assert_eq!(BrandRank::tied(2, 2, 4).unwrap().to_string(), "rank 2.5 of 4");
    }
}
