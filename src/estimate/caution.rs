//! When there are too few answers for the method.

use core::fmt;

use super::ShareMethod;
use crate::decimal::{count_to_f64, wide_count_to_f64};
use crate::share::Share;

/// That there are too few answers for a method that takes them for normally distributed.
///
/// It is a value, read off and printed by the caller, or not: the figures are the same with it. Estimates, comparisons and tests carry it:
/// [`Estimate::caution`](super::Estimate::caution), [`Comparison::caution`](super::Comparison::caution),
/// [`SignificanceTest::caution`](super::SignificanceTest::caution). [`Share::caution`], [`Share::test_caution`],
/// [`ContingencyTable::caution`](super::ContingencyTable::caution) and [`SurveyPlan::caution`](super::SurveyPlan::caution) say it beforehand.
///
/// | method | rule | caution |
/// |---|---|---|
/// | textbook (Wald) interval of a share, at the effective number of weighted answers too | 10 of each kind | [`FewOfAKind`](Self::FewOfAKind) |
/// | z test of one share | 10 expected of each kind | [`FewExpected`](Self::FewExpected) |
/// | z tests of two shares | 5 expected of each kind in each group | [`FewExpected`](Self::FewExpected) |
/// | chi-square test of a table, and a trend over it | most expected counts 5 or more, all 1 or more | [`SparseTable`](Self::SparseTable) |
/// | t intervals, Welch's and paired comparisons and tests of means | 15 values, of two groups together | [`FewValues`](Self::FewValues) |
/// | z test of Mann and Whitney | 8 values in each group | [`FewValues`](Self::FewValues) |
/// | t test of Brunner and Munzel, their interval of superiority | 10 values in each group | [`FewValues`](Self::FewValues) |
/// | t test of Spearman's correlation, z test of Kendall's tau | 10 customers | [`FewValues`](Self::FewValues) |
/// | textbook (Wald) interval and z test of net scores, at the effective number of weighted answers too | as a mean: 15 answers, and more the more lopsided they are | [`FewValues`](Self::FewValues), [`Skewed`](Self::Skewed) |
/// | linearised share, normal interval of strata | effectively 10 of each kind, and 30 | [`FewOfAKind`](Self::FewOfAKind), [`FewEffective`](Self::FewEffective) |
/// | Korn and Graubard's interval, Yan and Su's | effectively 30 answers | [`FewEffective`](Self::FewEffective) |
/// | linearised mean, t interval of a mean of strata | effectively 15 values | [`FewValues`](Self::FewValues) |
/// | means of [groups shrunken together](crate::satisfaction::GroupedRatingTally::shrunken_means_by_group) | 15 answers in groups that have two | [`FewValues`](Self::FewValues) |
/// | asymptotic interval of Kendall's tau | 20 customers | [`FewValues`](Self::FewValues) |
/// | every interval of a mean, a ratio or a correlation that takes its width from the answers | that they vary | [`NoSpread`](Self::NoSpread) |
/// | every interval of strata but the normal one | two answers in each stratum | [`LoneAnswers`](Self::LoneAnswers) |
///
/// There is none for methods that are made for few answers: Wilson's, the exact and the Bayesian ones, Newcombe's, Koopman's, the adjusted
/// Wald interval, confidence sequences. Nor is there one where we know of no rule with a source: Woolf's odds ratio, intervals of correlations, superiority by DeLong,
/// survival curves. What is [combined](super::combine_independent) carries the first caution of its parts.
///
/// ```
/// use customer_metrics::{Confidence, Share, ShareMethod};
///
/// let share = Share::new(4, 90)?;
/// assert_eq!(share.caution(ShareMethod::Wilson), None);
/// let caution = share.estimate_with(Confidence::P95, ShareMethod::Wald).caution();
/// assert_eq!(caution.map(|caution| caution.to_string()).as_deref(), Some("4 answers of the rarer kind are fewer than 10"));
///
/// let test = share.test_difference(&Share::new(9, 90)?)?;
/// assert_eq!(test.caution(), None);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Caution {
    /// Fewer than [10](Self::LEAST_OF_A_KIND) answers of the rarer kind, for the textbook interval of a share.
    ///
    /// Source: the rule `n p >= 10` and `n (1 - p) >= 10` in the form that textbooks give it; L. D. Brown, T. T. Cai and A. DasGupta,
    /// "Interval Estimation for a Binomial Proportion", Statistical Science 16 (2001), section 2, show that it does not suffice either.
    FewOfAKind {
        /// How many answers of the rarer kind there are, or effectively are if they are weighted.
        answers: f64,
    },
    /// That all answers of a net score are of one kind, so that its textbook interval has no width and its z test no variance from them, however
    /// few they are. Of two groups, those of the first that is so.
    Unanimous {
        /// How many answers there are, or effectively are if they are weighted.
        answers: f64,
    },
    /// An expected count that is too small for the z test of a share, or of two.
    ///
    /// ```text
    /// one share:  n p and n (1 - p) below 10, p = the assumed share
    /// two shares: min(n1, n2) x min(k1 + k2, others) / (n1 + n2) below 5
    /// ```
    ///
    /// Source: for one share D. S. Moore, G. P. McCabe and B. A. Craig, "Introduction to the Practice of Statistics", section 8.1; for two
    /// W. G. Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10 (1954), 417-451.
    FewExpected {
        /// The smallest of the expected counts.
        expected: f64,
        /// How many should be expected: 10 for one share, [5](Self::LEAST_EXPECTED) for two.
        least: u64,
    },
    /// That a chi-square test rests on expected counts that are too small: one is below 1, or more than a fifth of them are below 5.
    ///
    /// The p-value may then be far from right. Join columns or groups that belong together or, for two shares, take
    /// [`Share::test_difference_exact`]. The rule is one for the table; a trend over its rows, which is a part of the same chi-square, has it too,
    /// and is near enough with somewhat fewer.
    ///
    /// Source: Cochran (1954).
    SparseTable {
        /// The smallest expected count.
        smallest: f64,
        /// How many expected counts are below 5.
        below_five: u64,
        /// Of how many.
        cells: u64,
    },
    /// Too few values for a method that takes their mean, or the sum of their ranks, for normally distributed.
    ///
    /// For means, with fewer than [15](Self::LEAST_FOR_T) the values themselves must be near to normal, which ratings are not. Source: Moore,
    /// McCabe and Craig, section 7.1; two groups count together, as in their section 7.2. For the test of Mann and Whitney 8 in each group:
    /// H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60. For Kendall's test 10: M. G. Kendall, "Rank
    /// Correlation Methods", 4th edition (1970), chapter 4. For Spearman's 10: S. Siegel, "Nonparametric Statistics for the Behavioral Sciences"
    /// (1956), chapter 9. For the test of Brunner and Munzel 10 in each group: E. Brunner and U. Munzel, Biometrical Journal 42 (2000), 17-25.
    FewValues {
        /// How many there are: of two groups together for means, in the smaller one for ranks.
        values: u64,
        /// How many there should be.
        least: u64,
    },
    /// Answers that are too lopsided for the normal interval of their mean, at this number of them.
    ///
    /// ```text
    /// enough = 25 G^2,  G = mean of (x - mean)^3 / (mean of (x - mean)^2)^(3/2), the skewness;  cautioned of unless n is more
    /// ```
    ///
    /// Then an interval at 95% holds the truth 94% of the time. Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977),
    /// section 2.15.
    Skewed {
        /// How many answers there are, or effectively are if they are weighted.
        answers: f64,
        /// How many it takes more than.
        enough: f64,
    },
    /// Fewer than [30](Self::LEAST_EFFECTIVE) answers effectively, for an interval of a share that rests on an estimated variance.
    ///
    /// ```text
    /// n* = p (1 - p) / variance, but no more than the answers, or of weighted ones than the weights leave of them
    /// ```
    ///
    /// The variance is then itself too unsure, and the share is better not published. Source: J. D. Parker and others, "National Center for
    /// Health Statistics Data Presentation Standards for Proportions", Vital and Health Statistics series 2, number 175 (2017).
    FewEffective {
        /// How many answers there effectively are.
        answers: f64,
    },
    /// That the answers behind a mean or a ratio are all alike, or those behind a correlation all in one order or on one line: the interval,
    /// which takes its width from how they vary, has none.
    ///
    /// It does not say that the next answer will be the same. Shares have intervals that keep a width: by Wilson's, 20 of 20 satisfied customers
    /// leave room for 84% of all. The rule is this crate's own.
    NoSpread,
    /// That strata have one answer, which shows nothing of how answers in them vary: how those of the whole base do stands for it, and by Yan
    /// and Su's interval nothing does.
    ///
    /// The interval is then too wide if strata differ, and can be too narrow if answers vary more in these strata than in all. Join them with
    /// others that are like them. Source: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), section 5A.12.
    LoneAnswers {
        /// How many strata have one answer and more than one customer.
        strata: u64,
    },
}

impl Caution {
    /// The fewest answers of the rarer kind for the textbook interval of a share, and to be expected of each kind by the z test of one.
    pub const LEAST_OF_A_KIND: u64 = 10;
    /// The smallest expected count for the z test of two shares.
    pub const LEAST_EXPECTED: u64 = 5;
    /// The fewest values for a t interval or a t test of means.
    pub const LEAST_FOR_T: u64 = 15;
    /// The fewest values in each group for the normal approximation to Mann and Whitney's test.
    pub const LEAST_RANKED: u64 = 8;
    /// The fewest effective answers for an interval of a share that rests on an estimated variance.
    pub const LEAST_EFFECTIVE: u64 = 30;
    /// The fewest values in each group for the t approximation to the test of Brunner and Munzel.
    pub const LEAST_FOR_BRUNNER_MUNZEL: u64 = 10;
    /// The fewest customers for the t approximation to Spearman's test.
    pub const LEAST_FOR_SPEARMAN: u64 = 10;
    /// The fewest customers for the normal approximation to Kendall's test.
    pub const LEAST_FOR_KENDALL: u64 = 10;
    /// The fewest customers for the asymptotic interval of Kendall's tau, which at 95% then holds the truth some 92% of the time: this crate's own rule.
    pub const LEAST_FOR_ASYMPTOTIC_TAU: u64 = 20;

    pub(crate) fn of_a_kind(answers: f64) -> Option<Self> {
        (answers < count_to_f64(Self::LEAST_OF_A_KIND)).then_some(Self::FewOfAKind { answers })
    }

    pub(crate) fn expected(expected: f64, least: u64) -> Option<Self> {
        (expected < count_to_f64(least)).then_some(Self::FewExpected { expected, least })
    }

    pub(crate) fn values(values: u64, least: u64) -> Option<Self> {
        (values < least).then_some(Self::FewValues { values, least })
    }

    /// Of a mean of answers that count for so many; they are rounded sums, which may be a digit short.
    pub(crate) fn effective_values(answers: f64) -> Option<Self> {
        let answers = answers * (1.0 + 1e-12);
        let few = answers < count_to_f64(Self::LEAST_FOR_T);
        few.then(|| Self::FewValues { values: whole(answers), least: Self::LEAST_FOR_T })
    }

    pub(crate) fn effective(answers: f64) -> Option<Self> {
        (answers < count_to_f64(Self::LEAST_EFFECTIVE)).then_some(Self::FewEffective { answers })
    }

    /// Of an interval that reaches so far by how its answers vary.
    pub(crate) fn no_spread(reach: f64) -> Option<Self> {
        (reach <= 0.0).then_some(Self::NoSpread)
    }

    /// Of the mean of so many values, or the difference of two, with this standard error.
    pub(crate) fn of_mean(values: u64, error: f64) -> Option<Self> {
        Self::values(values, Self::LEAST_FOR_T).or_else(|| Self::no_spread(error))
    }

    pub(crate) fn lone_answers(strata: u64) -> Option<Self> {
        (strata > 0).then_some(Self::LoneAnswers { strata })
    }

    /// Of a table with these expected counts.
    pub(crate) fn of_table(expected: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut smallest, mut below_five, mut cells) = (f64::MAX, 0_u64, 0_u64);
        for expected in expected {
            smallest = smallest.min(expected);
            below_five = below_five.saturating_add(u64::from(expected < count_to_f64(Self::LEAST_EXPECTED)));
            cells = cells.saturating_add(1);
        }
        (smallest < 1.0 || below_five.saturating_mul(5) > cells).then_some(Self::SparseTable { smallest, below_five, cells })
    }

    /// Of the textbook interval of a net score with so many promoters, passives and detractors.
    pub(crate) fn of_net_score([promoters, passives, detractors]: [f64; 3]) -> Option<Self> {
        let answers = promoters + passives + detractors;
        let [p, q, d] = [promoters, passives, detractors].map(|count| count / answers);
        let mean = p - d;
        let moment = |power: i32| p * (1.0 - mean).powi(power) + q * (-mean).powi(power) + d * (-1.0 - mean).powi(power);
        let (squares, cubes) = (moment(2), moment(3));
        if squares <= 0.0 {
            return Some(Self::Unanimous { answers });
        }
        let enough = (25.0 * (cubes / squares) * (cubes / squares) / squares).min(f64::MAX);
        if answers <= enough {
            return Some(Self::Skewed { answers, enough });
        }
        Self::effective_values(answers)
    }
}

/// A number below 15, without what is behind its point.
fn whole(answers: f64) -> u64 {
    (0..Caution::LEAST_FOR_T).rev().find(|&count| count_to_f64(count) <= answers).unwrap_or(0)
}

impl Share {
    /// What is to be said against this method at these counts, if anything.
    #[must_use]
    pub fn caution(&self, method: ShareMethod) -> Option<Caution> {
        match method {
            ShareMethod::Wald => Caution::of_a_kind(count_to_f64(self.part().min(self.complement().part()))),
            _ => None,
        }
    }

    /// What is to be said against a z test of this share and another, if anything.
    #[must_use]
    pub fn test_caution(&self, other: &Self) -> Option<Caution> {
        let [k1, n1, k2, n2] = [self.part(), self.whole(), other.part(), other.whole()].map(u128::from);
        let (part, whole) = (k1.saturating_add(k2), n1.saturating_add(n2));
        let rarer = part.min(whole.saturating_sub(part));
        let [rarer, smaller, whole] = [rarer, n1.min(n2), whole].map(wide_count_to_f64);
        Caution::expected(smaller * rarer / whole, Caution::LEAST_EXPECTED)
    }
}

/// Such as `4 answers of the rarer kind are fewer than 10`.
impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewOfAKind { answers } if answers.fract().abs() > 0.0 => {
                write!(f, "{answers:.1} effective answers of the rarer kind are fewer than {}", Self::LEAST_OF_A_KIND)
            }
            Self::FewOfAKind { answers } => write!(f, "{answers} answers of the rarer kind are fewer than {}", Self::LEAST_OF_A_KIND),
            Self::Unanimous { answers } if answers.fract().abs() > 0.0 => write!(f, "all {answers:.1} effective answers are alike"),
            Self::Unanimous { answers } if (1.0..2.0).contains(answers) => f.write_str("there is a single answer"),
            Self::Unanimous { answers } => write!(f, "all {answers} answers are alike"),
            Self::FewExpected { expected, least } => write!(f, "an expected count of {expected:.1} is below {least}"),
            Self::SparseTable { smallest, below_five, cells } => {
                write!(f, "{below_five} of {cells} expected counts are below 5, the smallest {smallest:.1}")
            }
            Self::FewValues { values, least } => write!(f, "{values} values are fewer than {least}"),
            Self::FewEffective { answers } => write!(f, "{answers:.1} effective answers are fewer than {}", Self::LEAST_EFFECTIVE),
            Self::NoSpread => f.write_str("the answers do not vary, so that the interval has no width"),
            Self::LoneAnswers { strata: 1 } => f.write_str("1 stratum has a single answer"),
            Self::LoneAnswers { strata } => write!(f, "{strata} strata have a single answer each"),
            Self::Skewed { answers, enough } => write!(f, "{answers:.0} answers so lopsided are not more than {enough:.1}"),
        }
    }
}
