//! The outcome of a significance test: what every test of the crate returns.

use core::f64::consts::{LN_2, LN_10};
use core::fmt;

use crate::error::{Bound, Error, Result};
use crate::estimate::{Caution, Confidence, write_number};
use crate::special::{
    chi_square_upper_tail, ln_chi_square_upper_tail, ln_normal_upper_tail, ln_student_t_upper_tail, normal_upper_tail, student_t_upper_tail,
};

/// What the data are compared with by a test, in the direction of its alternative.
///
/// The direction must be chosen before the data are seen: choosing it afterwards halves the p-value and doubles the errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Alternative {
    /// That there is a difference, in whichever direction; of many groups, that not all are alike. The default.
    #[default]
    TwoSided,
    /// That the first group, or the one observed, is greater.
    Greater,
    /// That it is less.
    Less,
}

impl Alternative {
    /// The alternative with the two groups swapped.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::TwoSided => Self::TwoSided,
            Self::Greater => Self::Less,
            Self::Less => Self::Greater,
        }
    }
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TwoSided => "two-sided",
            Self::Greater => "one-sided, greater",
            Self::Less => "one-sided, less",
        })
    }
}

/// How the statistic of a test is distributed where there is no difference.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NullDistribution {
    /// Standard normal: the statistic is a z.
    Normal,
    /// Student's t.
    StudentT {
        /// Its degrees of freedom, more than 0, not necessarily whole.
        degrees: f64,
    },
    /// Chi-square, of which large values speak against the hypothesis.
    ChiSquare {
        /// Its degrees of freedom, more than 0.
        degrees: f64,
    },
    /// That of the largest chi-square with 1 degree over many ways to split the same data.
    MaximalChiSquare,
    /// Binomial: the statistic is a count, and the p-value the sum of its probabilities.
    Binomial,
    /// Hypergeometric: the statistic is a count in a table whose margins are fixed.
    Hypergeometric,
}

impl fmt::Display for NullDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("standard normal"),
            Self::StudentT { degrees } => {
                f.write_str("t(")?;
                write_number(*degrees, f)?;
                f.write_str(")")
            }
            Self::ChiSquare { degrees } => write!(f, "chi-square({degrees})"),
            Self::MaximalChiSquare => f.write_str("largest chi-square"),
            Self::Binomial => f.write_str("binomial"),
            Self::Hypergeometric => f.write_str("hypergeometric"),
        }
    }
}

/// Which test it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TestMethod {
    /// [`ShareTestMethod::Pooled`](crate::estimate::ShareTestMethod::Pooled).
    PooledZ,
    /// [`ShareTestMethod::PooledCorrected`](crate::estimate::ShareTestMethod::PooledCorrected).
    PooledCorrectedZ,
    /// [`ShareTestMethod::Unpooled`](crate::estimate::ShareTestMethod::Unpooled).
    UnpooledZ,
    /// The ratio of two likelihoods: [`LogisticRetention::test_slope`](crate::complaint::LogisticRetention::test_slope).
    LikelihoodRatio,
    /// Fit in groups: [`LogisticRetention::test_fit`](crate::complaint::LogisticRetention::test_fit).
    HosmerLemeshow,
    /// The best of many splits: [`SuggestedQuickLimit::test`](crate::complaint::SuggestedQuickLimit::test).
    MillerSiegmund,
    /// [`Share::test_against`](crate::Share::test_against).
    ScoreZ,
    /// [`Share::test_against_exact`](crate::Share::test_against_exact).
    ExactBinomial,
    /// [`Share::test_difference_exact`](crate::Share::test_difference_exact).
    FisherExact,
    /// [`ContingencyTable::test`](crate::estimate::ContingencyTable::test).
    PearsonChiSquare,
    /// [`FrequencyFit::test`](crate::repeat_buying::FrequencyFit::test).
    ChiSquareFit,
    /// [`ShareTrend`](crate::estimate::ShareTrend).
    CochranArmitage,
    /// [`NetScore::test_difference`](crate::satisfaction::NetScore::test_difference).
    NetScoreZ,
    /// [`EventWeighting::LogRank`](crate::survival::EventWeighting::LogRank).
    LogRank,
    /// [`EventWeighting::Gehan`](crate::survival::EventWeighting::Gehan).
    GehanWilcoxon,
    /// [`EventWeighting::TaroneWare`](crate::survival::EventWeighting::TaroneWare).
    TaroneWare,
    /// [`EventWeighting::PetoPeto`](crate::survival::EventWeighting::PetoPeto).
    PetoPeto,
    /// [`EventWeighting::ModifiedPetoPeto`](crate::survival::EventWeighting::ModifiedPetoPeto).
    ModifiedPetoPeto,
    /// [`EventWeighting::HarringtonFleming`](crate::survival::EventWeighting::HarringtonFleming).
    HarringtonFleming,
    /// [`GroupComparison::test_trend`](crate::survival::GroupComparison::test_trend).
    SurvivalTrend,
    /// [`RestrictedMean::test_difference`](crate::survival::RestrictedMean::test_difference).
    RestrictedMeanZ,
    /// Welch's t test of two means, whose variances may differ.
    WelchT,
    /// A t test from linearised variances, such as [`WeightedShare::test_difference`](crate::estimate::WeightedShare::test_difference).
    LinearisedT,
    /// A z test from the variances of strata, such as that of two [`Stratified`](crate::estimate::Stratified) shares.
    StratifiedZ,
    /// A t test of two means from the variances of strata.
    StratifiedT,
    /// The t test of the differences of pairs.
    PairedT,
    /// [`MannWhitney::test`](crate::estimate::MannWhitney::test) with [`ContinuityCorrection::OneHalf`](crate::estimate::ContinuityCorrection::OneHalf).
    MannWhitneyCorrectedZ,
    /// The same with [`ContinuityCorrection::None`](crate::estimate::ContinuityCorrection::None).
    MannWhitneyZ,
    /// [`MannWhitney::test_brunner_munzel`](crate::estimate::MannWhitney::test_brunner_munzel).
    BrunnerMunzelT,
    /// [`PearsonCorrelation::test`](crate::estimate::PearsonCorrelation::test).
    PearsonT,
    /// [`SpearmanCorrelation::test`](crate::estimate::SpearmanCorrelation::test).
    SpearmanT,
    /// [`KendallCorrelation::test`](crate::estimate::KendallCorrelation::test).
    KendallZ,
    /// [`PearsonCorrelation::test_difference`](crate::estimate::PearsonCorrelation::test_difference).
    FisherZ,
}

impl fmt::Display for TestMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PooledZ => "pooled z test",
            Self::PooledCorrectedZ => "pooled z test with Yates' continuity correction",
            Self::UnpooledZ => "unpooled z test",
            Self::LikelihoodRatio => "likelihood-ratio test",
            Self::HosmerLemeshow => "Hosmer-Lemeshow test",
            Self::MillerSiegmund => "test of Miller and Siegmund",
            Self::ScoreZ => "score z test",
            Self::ExactBinomial => "exact binomial test",
            Self::FisherExact => "Fisher's exact test",
            Self::PearsonChiSquare => "Pearson's chi-square test",
            Self::ChiSquareFit => "chi-square test of fit",
            Self::CochranArmitage => "Cochran-Armitage test for trend",
            Self::NetScoreZ => "z test of net scores",
            Self::LogRank => "log-rank test",
            Self::GehanWilcoxon => "Gehan-Wilcoxon test",
            Self::TaroneWare => "Tarone-Ware test",
            Self::PetoPeto => "Peto-Peto test",
            Self::ModifiedPetoPeto => "modified Peto-Peto test",
            Self::HarringtonFleming => "Harrington-Fleming test",
            Self::SurvivalTrend => "test for a trend in survival",
            Self::RestrictedMeanZ => "z test of restricted means",
            Self::WelchT => "Welch t test",
            Self::LinearisedT => "linearised t test",
            Self::StratifiedZ => "z test of strata",
            Self::StratifiedT => "t test of strata",
            Self::PairedT => "paired t test",
            Self::MannWhitneyCorrectedZ => "Mann-Whitney test with continuity correction",
            Self::MannWhitneyZ => "Mann-Whitney test",
            Self::BrunnerMunzelT => "Brunner-Munzel test",
            Self::PearsonT => "t test of Pearson's correlation",
            Self::SpearmanT => "t test of Spearman's correlation",
            Self::KendallZ => "z test of Kendall's correlation",
            Self::FisherZ => "Fisher z test of two correlations",
        })
    }
}

/// What a significance test found: its statistic, how that is distributed if there is no difference, and how probable a statistic at least
/// as extreme would then be.
///
/// The p-value is not the probability that there is no difference, nor does it say how large one is: the intervals do, such as that of
/// [`Share::difference`](crate::Share::difference). Where it is too small for a double, below some 1e-308, it is 0; its logarithm is
/// always there.
///
/// ```
/// use customer_metrics::{Confidence, Share};
///
/// let (this_month, last_month) = (Share::new(56, 70)?, Share::new(48, 80)?);
/// let test = this_month.test_difference(&last_month)?;
/// assert_eq!(format!("{test:.3}"), "z = 2.650, p = 0.00805 (two-sided pooled z test)");
/// assert!(test.is_significant(Confidence::P99));
///
/// let (many, few) = (Share::new(900_000, 1_000_000)?, Share::new(800_000, 1_000_000)?);
/// let test = many.test_difference(&few)?;
/// assert_eq!(test.p_value(), 0.0);
/// assert_eq!(format!("{:.0}", test.ln_p_value()), "-19613");
/// assert_eq!(format!("{test:.1}"), "z = 198.0, p = 1.06e-8518 (two-sided pooled z test)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SignificanceTest {
    statistic: f64,
    distribution: NullDistribution,
    alternative: Alternative,
    method: TestMethod,
    p_value: f64,
    ln_p_value: f64,
    caution: Option<Caution>,
}

impl SignificanceTest {
    /// The test whose statistic is standard normal.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `z` is infinite or NaN.
    pub(crate) fn from_normal(z: f64, alternative: Alternative, method: TestMethod) -> Result<Self> {
        check_statistic(z)?;
        Ok(Self::normal(z, alternative, method))
    }

    /// The same for a computation that cannot give an infinite statistic.
    pub(crate) fn normal(z: f64, alternative: Alternative, method: TestMethod) -> Self {
        let tail = |z: f64| with_logarithm(normal_upper_tail(z), || ln_normal_upper_tail(z));
        Self::symmetric(z, NullDistribution::Normal, alternative, method, tail)
    }

    /// The test whose statistic has Student's t distribution.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if `t` is infinite or NaN, or the degrees of freedom are not finite and more than 0.
    pub(crate) fn from_student_t(t: f64, degrees: f64, alternative: Alternative, method: TestMethod) -> Result<Self> {
        check_degrees(degrees)?;
        check_statistic(t)?;
        let tail = |t: f64| with_logarithm(student_t_upper_tail(t, degrees), || ln_student_t_upper_tail(t, degrees));
        Ok(Self::symmetric(t, NullDistribution::StudentT { degrees }, alternative, method, tail))
    }

    /// The test whose statistic has a chi-square distribution.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the statistic is infinite, NaN or negative, or the degrees of freedom are not finite and more than 0.
    pub(crate) fn from_chi_square(statistic: f64, degrees: f64, method: TestMethod) -> Result<Self> {
        check_degrees(degrees)?;
        if !(0.0..=f64::MAX).contains(&statistic) {
            return Err(Error::out_of_bounds("statistic", statistic, Bound::AtLeast(0_u64.into())));
        }
        Ok(Self::chi_square(statistic, degrees, method))
    }

    /// The same for a computation that cannot give anything else than a statistic of 0 or more and a degree of freedom or more.
    pub(crate) fn chi_square(statistic: f64, degrees: f64, method: TestMethod) -> Self {
        let tails = with_logarithm(chi_square_upper_tail(statistic, degrees), || ln_chi_square_upper_tail(statistic, degrees));
        Self::of(statistic, NullDistribution::ChiSquare { degrees }, Alternative::TwoSided, method, tails)
    }

    /// The test whose p-value is the exact sum of the probabilities of counts.
    pub(crate) fn exact(
        statistic: f64,
        distribution: NullDistribution,
        alternative: Alternative,
        method: TestMethod,
        (p_value, ln_p_value): (f64, f64),
    ) -> Self {
        Self::of(statistic, distribution, alternative, method, (p_value, ln_p_value))
    }

    /// `tail` gives the probability above a point, and its logarithm, of a distribution that is symmetric around 0.
    fn symmetric(
        statistic: f64,
        distribution: NullDistribution,
        alternative: Alternative,
        method: TestMethod,
        tail: impl Fn(f64) -> (f64, f64),
    ) -> Self {
        let tails = match alternative {
            Alternative::TwoSided => {
                let (upper, ln_upper) = tail(statistic.abs());
                (2.0 * upper, LN_2 + ln_upper)
            }
            Alternative::Greater => tail(statistic),
            Alternative::Less => tail(-statistic),
        };
        Self::of(statistic, distribution, alternative, method, tails)
    }

    fn of(
        statistic: f64,
        distribution: NullDistribution,
        alternative: Alternative,
        method: TestMethod,
        (p_value, ln_p_value): (f64, f64),
    ) -> Self {
        debug_assert!(p_value >= 0.0 && !ln_p_value.is_nan(), "{p_value} {ln_p_value}");
        // No -0.0 comes out.
        let (p_value, ln_p_value) = (p_value.min(1.0), ln_p_value.clamp(f64::MIN, 0.0) + 0.0);
        Self { statistic: statistic + 0.0, distribution, alternative, method, p_value, ln_p_value, caution: None }
    }

    pub(crate) fn with_caution(self, caution: Option<Caution>) -> Self {
        Self { caution, ..self }
    }

    /// What is to be said against its method at this number of answers, if anything: see [`Caution`].
    #[must_use]
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }

    /// The statistic: a z, a t, a chi-square or, in exact tests, a count.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// How the statistic is distributed if there is no difference.
    #[must_use]
    pub fn distribution(&self) -> NullDistribution {
        self.distribution
    }

    /// The degrees of freedom, where the distribution has some.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> Option<f64> {
        match self.distribution {
            NullDistribution::StudentT { degrees } | NullDistribution::ChiSquare { degrees } => Some(degrees),
            NullDistribution::Normal
            | NullDistribution::MaximalChiSquare
            | NullDistribution::Binomial
            | NullDistribution::Hypergeometric => None,
        }
    }

    /// What the hypothesis of no difference was tested against.
    #[must_use]
    pub fn alternative(&self) -> Alternative {
        self.alternative
    }

    /// Which test it was.
    #[must_use]
    pub fn method(&self) -> TestMethod {
        self.method
    }

    /// How probable a statistic at least as extreme is if there is no difference; 0 only where it is below some 1e-308.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p_value
    }

    /// The natural logarithm of the p-value, however small that is.
    #[must_use]
    pub fn ln_p_value(&self) -> f64 {
        self.ln_p_value
    }

    /// Whether the hypothesis of no difference is rejected at the level that this confidence leaves: 95% stands for a level of 5%.
    ///
    /// ```text
    /// significant if p <= alpha,  alpha = 1 - confidence
    /// ```
    ///
    /// Of groups that do not differ a part of alpha is found to differ; for many tests see
    /// [`adjust_p_values`](crate::estimate::adjust_p_values).
    ///
    /// ```
    /// use customer_metrics::{Confidence, Share};
    ///
    /// let test = Share::new(56, 70)?.test_difference(&Share::new(50, 80)?)?;
    /// assert_eq!(format!("{:.3}", test.p_value()), "0.019");
    /// assert!(test.is_significant(Confidence::P95)); // at most 0.05
    /// assert!(!test.is_significant(Confidence::P99)); // more than 0.01
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    #[must_use]
    pub fn is_significant(&self, confidence: Confidence) -> bool {
        self.p_value / 2.0 <= confidence.tail()
    }
}

/// A tail and its logarithm: that of the tail itself where it keeps its digits there, neither vanishing nor next to 1.
fn with_logarithm(tail: f64, ln_tail: impl Fn() -> f64) -> (f64, f64) {
    (tail, if (1e-290..=0.5).contains(&tail) { tail.ln() } else { ln_tail() })
}

fn check_statistic(statistic: f64) -> Result<()> {
    if statistic.is_finite() { Ok(()) } else { Err(Error::out_of_bounds("statistic", statistic, Bound::Finite)) }
}

fn check_degrees(degrees: f64) -> Result<()> {
    if degrees > 0.0 && degrees.is_finite() {
        Ok(())
    } else {
        Err(Error::out_of_bounds("degrees of freedom", degrees, Bound::MoreThan(0_u64.into())))
    }
}

/// Everything in one line, the p-value with three digits; a precision such as `{:.3}` applies to the statistic, and six digits
/// are shown without one.
impl fmt::Display for SignificanceTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.distribution {
            NullDistribution::Normal => f.write_str("z = ")?,
            NullDistribution::StudentT { .. } | NullDistribution::ChiSquare { .. } | NullDistribution::MaximalChiSquare => {
                self.distribution.fmt(f)?;
                f.write_str(" = ")?;
            }
            NullDistribution::Binomial | NullDistribution::Hypergeometric => write!(f, "count = {}", self.statistic)?,
        }
        if !matches!(self.distribution, NullDistribution::Binomial | NullDistribution::Hypergeometric) {
            write_number(self.statistic, f)?;
        }
        f.write_str(", p = ")?;
        write_p_value(f, self.p_value, self.ln_p_value)?;
        match self.distribution {
            NullDistribution::ChiSquare { .. } | NullDistribution::MaximalChiSquare => write!(f, " ({})", self.method),
            _ => write!(f, " ({} {})", self.alternative, self.method),
        }
    }
}

/// Three digits, as a power of ten where it is small, from the logarithm where it is no double.
fn write_p_value(f: &mut fmt::Formatter<'_>, p_value: f64, ln_p_value: f64) -> fmt::Result {
    if p_value >= 0.001 {
        // Places after the point for three digits: three, and one more for each 0 behind it.
        let places = [0.1, 0.01].iter().filter(|&&step| p_value < step).count().saturating_add(3);
        return write!(f, "{p_value:.places$}");
    }
    if p_value >= f64::MIN_POSITIVE {
        return write!(f, "{p_value:.2e}");
    }
    let exponent = (ln_p_value / LN_10).floor();
    let leading = (ln_p_value - exponent * LN_10).exp().min(9.99);
    write!(f, "{leading:.2}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn z(z: f64, alternative: Alternative) -> SignificanceTest {
        SignificanceTest::from_normal(z, alternative, TestMethod::PooledZ).unwrap()
    }

    #[test]
    fn the_sides_of_a_z_sum_as_they_must() {
        for statistic in [-40.0, -3.0, -1e-9, 0.0, 0.5, 1.96, 39.6] {
            let [two, greater, less] = [Alternative::TwoSided, Alternative::Greater, Alternative::Less].map(|side| z(statistic, side));
            assert!((greater.p_value() + less.p_value() - 1.0).abs() < 1e-15);
            assert!((two.p_value() - 2.0 * greater.p_value().min(less.p_value())).abs() < 1e-15);
            for test in [two, greater, less] {
                assert!(
                    test.p_value() <= 0.0 || (test.p_value().ln() - test.ln_p_value()).abs() <= 1e-14 * test.ln_p_value().abs().max(0.1)
                );
                assert!(test.ln_p_value() <= 0.0 && test.ln_p_value().is_sign_positive() | (test.ln_p_value() < 0.0));
            }
            assert_eq!(z(-statistic, Alternative::Greater).p_value().to_bits(), less.p_value().to_bits());
            assert_eq!(Alternative::Greater.reversed().reversed(), Alternative::Greater);
        }
    }

    #[test]
    fn the_three_distributions_meet() {
        let method = TestMethod::PooledZ;
        for statistic in [0.1, 1.0, 2.5, 7.0, 30.0, 60.0] {
            let normal = z(statistic, Alternative::TwoSided);
            let chi_square = SignificanceTest::from_chi_square(statistic * statistic, 1.0, method).unwrap();
            let many = SignificanceTest::from_student_t(statistic, 1e19, Alternative::TwoSided, method).unwrap();
            for other in [chi_square, many] {
                assert!((other.p_value() - normal.p_value()).abs() <= 5e-13 * normal.p_value(), "{normal} {other}");
                assert!((other.ln_p_value() - normal.ln_p_value()).abs() <= 1e-14 * normal.ln_p_value().abs(), "{normal} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_statistic_is_refused() {
        let method = TestMethod::PooledZ;
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(SignificanceTest::from_normal(wrong, Alternative::Less, method).is_err());
            assert!(SignificanceTest::from_student_t(wrong, 3.0, Alternative::Less, method).is_err());
            assert!(SignificanceTest::from_chi_square(wrong, 3.0, method).is_err());
            assert!(SignificanceTest::from_student_t(1.0, wrong, Alternative::Less, method).is_err());
            assert!(SignificanceTest::from_chi_square(1.0, wrong, method).is_err());
        }
        assert!(SignificanceTest::from_chi_square(-1.0, 3.0, method).is_err());
        assert!(SignificanceTest::from_chi_square(1.0, 0.0, method).is_err());
        for extreme in [f64::MAX, f64::MIN] {
            assert!(z(extreme, Alternative::TwoSided).ln_p_value().is_finite());
            assert!(SignificanceTest::from_student_t(extreme, 2.0, Alternative::TwoSided, method).unwrap().ln_p_value().is_finite());
        }
        assert!(SignificanceTest::from_chi_square(f64::MAX, 2.0, method).unwrap().ln_p_value().is_finite());
    }

    /// The p-value of chi-square 2352.87 with one degree of freedom, by mpmath at 40 digits: 1.98e-513.
    #[test]
    fn a_p_value_that_is_no_double_is_printed_from_its_logarithm() {
        let test = SignificanceTest::from_chi_square(2352.87, 1.0, TestMethod::PooledZ).unwrap();
        assert!(test.p_value() <= 0.0);
        assert_eq!(format!("{test:.2}"), "chi-square(1) = 2352.87, p = 1.98e-513 (pooled z test)");
        assert_eq!(format!("{:.1}", z(0.0, Alternative::TwoSided)), "z = 0.0, p = 1.000 (two-sided pooled z test)");
        assert_eq!(format!("{:.2}", z(1.6, Alternative::Greater)), "z = 1.60, p = 0.0548 (one-sided, greater pooled z test)");
        assert_eq!(format!("{:.1}", z(5.0, Alternative::Less)), "z = 5.0, p = 1.000 (one-sided, less pooled z test)");
        assert_eq!(format!("{:.1}", z(-5.0, Alternative::Less)), "z = -5.0, p = 2.87e-7 (one-sided, less pooled z test)");
        let t = SignificanceTest::from_student_t(2.0, 7.25, Alternative::TwoSided, TestMethod::UnpooledZ).unwrap();
        assert_eq!(format!("{t:.2}"), "t(7.25) = 2.00, p = 0.0842 (two-sided unpooled z test)");
    }

    #[test]
    fn significance_is_what_the_confidence_leaves() {
        assert!(z(1.96, Alternative::TwoSided).is_significant(Confidence::P95));
        assert!(!z(1.959_9, Alternative::TwoSided).is_significant(Confidence::P95));
        assert!(z(1.65, Alternative::Greater).is_significant(Confidence::P95));
        assert!(!z(1.65, Alternative::Less).is_significant(Confidence::P95));
    }
}
