//! Members of a team ordered by what their shares prove, and not by luck.

use core::cmp::Ordering;
use core::fmt;

use super::shrinkage::once_per_counts;
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, PValueAdjustment, ShareMethod, Shrinkage, ShrunkenShare, SignificanceTest, adjust_p_values};
use crate::share::Share;

/// Whether a member differs from the rest of its team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Standing {
    /// Its share is higher than that of the rest.
    Above,
    /// The answers do not tell it from the rest.
    Alike,
    /// Its share is lower than that of the rest.
    Below,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Above => "above",
            Self::Alike => "alike",
            Self::Below => "below",
        })
    }
}

/// What a [`LeagueTable`] is made with: the interval, the adjustment for many tests, and the confidence of both.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct LeagueSettings {
    /// Whose low end makes the rank.
    pub method: ShareMethod,
    /// How the tests against the rest of the team are adjusted for their number.
    pub adjustment: PValueAdjustment,
    /// Of the intervals, and of what is said of all members together.
    pub confidence: Confidence,
}

/// One member of a [`LeagueTable`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LeagueRow<K> {
    member: K,
    given_at: usize,
    rank: usize,
    share: Share,
    #[cfg_attr(feature = "serde", serde(flatten))]
    figures: Figures,
}

/// What depends on the counts of a member alone, and not on which member it is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
struct Figures {
    estimate: Estimate,
    shrunken: Option<ShrunkenShare>,
    test: Option<SignificanceTest>,
    adjusted_p_value: f64,
    standing: Standing,
}

impl<K> LeagueRow<K> {
    /// Who it is.
    #[must_use]
    pub fn member(&self) -> &K {
        &self.member
    }

    /// The place of the member among those that were given, counted from 0.
    #[must_use]
    pub fn given_at(&self) -> usize {
        self.given_at
    }

    /// One more than the members whose interval has a higher low end: members with the same low end share a rank, and the ranks after them
    /// are left out (1, 2, 2, 4).
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The member's own share.
    #[must_use]
    pub fn share(&self) -> Share {
        self.share
    }

    /// The share with its interval, whose low end makes the rank.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.figures.estimate
    }

    /// The share shrunk towards the team: the best guess of what the next answers will show. `None` where no member of the team has more
    /// than one answer, so that nothing is known of its spread.
    #[must_use]
    pub fn shrunken(&self) -> Option<ShrunkenShare> {
        self.figures.shrunken
    }

    /// The test of the member against the rest of the team, as if it were the only one; `None` where there is no rest, or all answers of
    /// the team are alike.
    #[must_use]
    pub fn test(&self) -> Option<SignificanceTest> {
        self.figures.test
    }

    /// The p-value of that test, adjusted for as many tests as there are members; 1 where there is none.
    #[must_use]
    pub fn adjusted_p_value(&self) -> f64 {
        self.figures.adjusted_p_value
    }

    /// Whether the member differs from the rest of the team.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.figures.standing
    }
}

/// The members of a team, ordered by the low end of the interval of their shares.
///
/// A table of raw shares puts those with the fewest answers first and last. Here a member is ranked by what its answers prove: by the
/// low end of the interval, Wilson's if no other is named. Beside it stand the shrunken share, which is the best guess of the true one,
/// and whether the member differs from the rest of the team at all.
///
/// ```text
/// rank     = 1 + members whose interval has a higher low end
/// standing = by the difference of the member and the rest of the team, two-sided, adjusted for as many tests as members, by Holm if nothing else is named
/// ```
///
/// Each member is compared with all the others together, without its own answers, by Fisher's exact test whatever the counts. The adjustment
/// asks for p-values far below those of one test, and so far out the z test is wrong by multiples: among 1,000 equal members of 110 answers, 95%
/// of them satisfied, it would call someone different in three teams of ten. With Holm's adjustment the probability that any member of a team of
/// equals is called different is at most what the confidence leaves to 1, whatever the number of members and answers. So it is for the members
/// that are like the rest where others are not: the count of a rest that differs in itself varies no more than the test allows for. The test
/// takes as long as the root of the number of answers; beyond some 10^13 the z test stands in, which is the same there. An interval that ends short of the team's share says less: it is one of many, and the team contains the member.
///
/// Neighbours in the table mostly do not differ from each other. A rank is uncertain in itself, and a table is no reason to reward or
/// punish the members that it does not tell from the rest.
///
/// Source: H. Goldstein and D. J. Spiegelhalter, "League tables and their limitations: statistical issues in comparisons of institutional
/// performance", JRSS A 159 (1996), 385-443; W. Hoeffding, "On the distribution of the number of successes in independent trials", Annals of
/// Mathematical Statistics 27 (1956), 713-721, for a rest that differs in itself.
///
/// ```
/// use customer_metrics::{Confidence, Share};
/// use customer_metrics::estimate::{LeagueTable, Standing};
///
/// let agents = [("Ada", 4, 4), ("Ben", 180, 200), ("Cem", 33, 60), ("Dea", 70, 90), ("Eve", 41, 44), ("Flo", 150, 250)];
/// let agents = agents.map(|(name, good, all)| Ok((name, Share::new(good, all)?))).into_iter().collect::<Result<Vec<_>, _>>()?;
/// let table = LeagueTable::from_shares(agents, Confidence::P95)?;
///
/// let order: Vec<(usize, &str, Standing)> = table.rows().iter().map(|row| (row.rank(), *row.member(), row.standing())).collect();
/// assert_eq!(order, [
///     (1, "Ben", Standing::Above),
///     (2, "Eve", Standing::Above),
///     (3, "Dea", Standing::Alike),
///     (4, "Flo", Standing::Below),
///     (5, "Ada", Standing::Alike),
///     (6, "Cem", Standing::Below),
/// ]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LeagueTable<K> {
    rows: Vec<LeagueRow<K>>,
    team: Share,
    shrinkage: Option<Shrinkage>,
    settings: LeagueSettings,
}

impl<K> LeagueTable<K> {
    /// The table of these members by Wilson's interval. Those without answers have no share, and no place in it.
    ///
    /// # Errors
    /// [`Error::Undefined`] without members; [`Error::Overflow`] if all answers together exceed 64
    /// bits.
    pub fn from_shares(members: impl IntoIterator<Item = (K, Share)>, confidence: Confidence) -> Result<Self> {
        Self::from_shares_with(members, LeagueSettings { confidence, ..LeagueSettings::default() })
    }

    /// The table with other settings.
    ///
    /// # Errors
    /// As [`from_shares`](Self::from_shares).
    pub fn from_shares_with(members: impl IntoIterator<Item = (K, Share)>, settings: LeagueSettings) -> Result<Self> {
        let (keys, shares): (Vec<K>, Vec<Share>) = members.into_iter().unzip();
        let shrinkage =
            if !shares.is_empty() && shares.iter().all(|share| share.whole() == 1) { None } else { Some(Shrinkage::fit(&shares)?) };
        let [part, whole] = [Share::part, Share::whole].map(|count| {
            shares.iter().try_fold(0_u64, |sum, share| sum.checked_add(count(share))).ok_or_else(|| Error::count_overflow("whole"))
        });
        let team = Share::new(part?, whole?)?;
        let figures = figures(&shares, &team, shrinkage.as_ref(), settings)?;
        let rows = keys.into_iter().zip(shares).zip(figures).enumerate();
        let mut rows: Vec<LeagueRow<K>> =
            rows.map(|(given_at, ((member, share), figures))| LeagueRow { member, given_at, rank: 1, share, figures }).collect();
        rows.sort_by(LeagueRow::order);
        let mut last: Option<(f64, usize)> = None;
        for (place, row) in (1_usize..).zip(&mut rows) {
            let low = row.low();
            row.rank = last.filter(|(last_low, _)| last_low.total_cmp(&low).is_eq()).map_or(place, |(_, rank)| rank);
            last = Some((low, row.rank));
        }
        Ok(Self { rows, team, shrinkage, settings })
    }

    /// The members, best first. Of those with the same rank, the one with the higher share comes first, then the one with more answers,
    /// then the one that was given first.
    #[must_use]
    pub fn rows(&self) -> &[LeagueRow<K>] {
        &self.rows
    }

    /// The rank of each member, in the order in which they were given.
    #[must_use]
    pub fn ranks(&self) -> Vec<usize> {
        let mut as_given: Vec<(usize, usize)> = self.rows.iter().map(|row| (row.given_at, row.rank)).collect();
        as_given.sort_unstable();
        as_given.into_iter().map(|(_, rank)| rank).collect()
    }

    /// The share of all answers together.
    #[must_use]
    pub fn team(&self) -> Share {
        self.team
    }

    /// How far the members lie apart beyond chance, and what the shrunken shares are made with; `None` where no member has more than one
    /// answer.
    #[must_use]
    pub fn shrinkage(&self) -> Option<&Shrinkage> {
        self.shrinkage.as_ref()
    }

    /// What the table was made with.
    #[must_use]
    pub fn settings(&self) -> LeagueSettings {
        self.settings
    }
}

impl LeagueTable<usize> {
    /// The table of two columns, member by member: how many answers count, and of how many. Members are known by their position.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the columns differ in length; [`Error::Row`] with the first member that has no share; otherwise as
    /// [`from_shares`](Self::from_shares).
    pub fn from_columns(parts: &[u64], wholes: &[u64], confidence: Confidence) -> Result<Self> {
        if parts.len() != wholes.len() {
            return Err(Error::mismatch("column length", parts.len(), wholes.len()));
        }
        let members = parts.iter().zip(wholes).enumerate();
        let members = members.map(|(row, (&part, &whole))| Ok((row, Share::new(part, whole).map_err(|error| error.at_row(row))?)));
        Self::from_shares(members.collect::<Result<Vec<_>>>()?, confidence)
    }
}

impl<K> LeagueRow<K> {
    fn low(&self) -> f64 {
        self.figures.estimate.interval().low()
    }

    fn order(&self, other: &Self) -> Ordering {
        let by_low = other.low().total_cmp(&self.low());
        by_low.then_with(|| other.share.compare(&self.share)).then_with(|| other.share.whole().cmp(&self.share.whole()))
    }
}

/// The figures of all members, those with the same counts computed once.
fn figures(shares: &[Share], team: &Share, shrinkage: Option<&Shrinkage>, settings: LeagueSettings) -> Result<Vec<Figures>> {
    let LeagueSettings { method, confidence, .. } = settings;
    let mut figures = once_per_counts(shares, |share| {
        let test = rest_of(team, share).and_then(|rest| test(share, &rest));
        let (estimate, shrunken) = (share.estimate_with(confidence, method), shrinkage.map(|team| team.shrink(share, confidence)));
        Figures { estimate, shrunken, test, adjusted_p_value: 1.0, standing: Standing::Alike }
    });
    let p_values: Vec<f64> = figures.iter().map(|figures| figures.test.map_or(1.0, |test| test.p_value())).collect();
    let adjusted = adjust_p_values(&p_values, settings.adjustment)?;
    for ((figures, p_value), share) in figures.iter_mut().zip(adjusted).zip(shares) {
        figures.adjusted_p_value = p_value;
        // As `SignificanceTest::is_significant` says it of one.
        if p_value / 2.0 <= confidence.tail() {
            figures.standing = if share.compare(team).is_gt() { Standing::Above } else { Standing::Below };
        }
    }
    Ok(figures)
}

/// The answers of all the others; `None` if there are none.
fn rest_of(team: &Share, member: &Share) -> Option<Share> {
    Share::new(team.part().checked_sub(member.part())?, team.whole().checked_sub(member.whole())?).ok()
}

/// Fisher's exact test, or the pooled z test of too many answers for it; `None` where all answers are alike.
fn test(member: &Share, rest: &Share) -> Option<SignificanceTest> {
    let approximate = member.test_difference(rest).ok()?;
    Some(member.test_difference_exact(rest).unwrap_or(approximate))
}
