//! What a comparison of groups comes to: its test, the trend over ordered groups, and the hazard ratio of two.

use core::fmt;

use super::{EventWeighting, GroupComparison};
use crate::error::{Bound, Error, Result};
use crate::estimate::{Alternative, Comparison, Confidence, Interval, SignificanceTest, TestMethod};
use crate::matrix::SymmetricMatrix;

/// How a hazard ratio is read off what was observed and expected in two groups.
///
/// Both suppose that the ratio is the same at all times. The first is best near 1 and pulled towards it far away; neither replaces a Cox
/// regression where more than the group differs. Programs swap their names: the first is "Mantel-Haenszel" and the second "logrank" in
/// GraphPad Prism.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum HazardRatioMethod {
    /// Peto's one-step estimate. The default: it exists where no one left in one of the groups.
    ///
    /// ```text
    /// exp(U / V), exp(U / V -/+ z / sqrt(V)),  U = observed - expected, V = its variance, of the first group
    /// ```
    ///
    /// Source: S. Yusuf, R. Peto et al., "Beta blockade during and after myocardial infarction: an overview of the randomized trials",
    /// Progress in Cardiovascular Diseases 27 (1985), 335-371.
    #[default]
    Peto,
    /// The ratio of the two quotients of observed and expected.
    ///
    /// ```text
    /// (O1 / E1) / (O2 / E2), times exp(-/+ z sqrt(1 / E1 + 1 / E2))
    /// ```
    ///
    /// Source: D. Machin, Y. B. Cheung and M. K. B. Parmar, Survival Analysis: A Practical Approach, 2nd edition (2006), section 3.5.
    ObservedOverExpected,
}

impl fmt::Display for HazardRatioMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Peto => "Peto",
            Self::ObservedOverExpected => "observed over expected",
        })
    }
}

impl GroupComparison {
    /// The chi-square test that all groups leave alike.
    ///
    /// Its degrees of freedom are one less than the groups in which anyone was at risk while someone left, or fewer where groups were never
    /// at risk together.
    ///
    /// ```
    /// use customer_metrics::survival::{Ending::{self, Left}, EventWeighting, GroupComparison, Observations};
    ///
    /// let months = [2.0, 3.0, 4.0, 5.0, 8.0, 9.0, 11.0, 12.0];
    /// let groups = Observations::new(&months, &[Left; 8])?.by_group(&[0, 0, 0, 0, 1, 1, 1, 1], 2)?;
    /// let comparison = GroupComparison::new(&groups, EventWeighting::LogRank)?;
    /// assert_eq!(format!("{:.3}", comparison.test()?), "chi-square(1) = 7.344, p = 0.00673 (log-rank test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] if the covariance lost its meaning to rounding.
    pub fn test(&self) -> Result<SignificanceTest> {
        let covariance = SymmetricMatrix::from_fn(self.groups(), |row, column| self.covariance(row, column));
        let undefined = Error::Undefined { metric: "comparison of groups", because: "the covariance is lost to rounding" };
        let cholesky = covariance.cholesky().ok_or(undefined)?;
        let degrees = u32::try_from(cholesky.rank()).map_or(f64::MAX, f64::from);
        SignificanceTest::from_chi_square(cholesky.inverse_quadratic_form(&self.excess()), degrees, self.test_method())
    }

    /// The test for a trend over ordered groups, such as price levels: that a higher score means leaving earlier.
    ///
    /// ```text
    /// z = s'U / sqrt(s'V s),  s = scores
    /// ```
    ///
    /// Against such an alternative it sees more than [`test`](Self::test), which knows no order. Only the distances between scores matter.
    ///
    /// Source: R. E. Tarone, "Tests for trend in life table analysis", Biometrika 62 (1975), 679-682.
    ///
    /// # Errors
    /// [`Error::Mismatch`] unless there are as many scores as groups; [`Error::Row`] with the first score that is not within -10^6 to 10^6;
    /// [`Error::Undefined`] if all groups that tell have the same score.
    pub fn trend(&self, scores: &[f64], alternative: Alternative) -> Result<SignificanceTest> {
        const MOST: f64 = 1e6;
        if scores.len() != self.groups() {
            return Err(Error::mismatch("scores and groups", scores.len(), self.groups()));
        }
        for (row, &score) in scores.iter().enumerate() {
            if !(-MOST..=MOST).contains(&score) {
                return Err(Error::out_of_bounds("score", score, Bound::Within((-MOST).into(), MOST.into())).at_row(row));
            }
        }
        let variance = SymmetricMatrix::from_fn(self.groups(), |row, column| self.covariance(row, column)).quadratic_form(scores);
        let scale: f64 = scores.iter().enumerate().map(|(group, score)| score * score * self.covariance(group, group)).sum();
        // Equal scores leave nothing but rounding.
        if variance <= scale * 1e-13 {
            return Err(Error::Undefined { metric: "trend over groups", because: "the groups all have the same score" });
        }
        let trend: f64 = scores.iter().zip(self.excess()).map(|(score, excess)| score * excess).sum();
        SignificanceTest::from_normal(trend / variance.sqrt(), alternative, TestMethod::SurvivalTrend)
    }

    /// How many times as fast customers of the first of two groups leave as those of the second.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless there are two groups; [`Error::Mismatch`] unless every time counts the same
    /// ([`EventWeighting::LogRank`]); [`Error::Undefined`] for [`HazardRatioMethod::ObservedOverExpected`] if no one left in a group;
    /// [`Error::OutOfBounds`] if an end of the interval is beyond any double.
    pub fn hazard_ratio(&self, confidence: Confidence, method: HazardRatioMethod) -> Result<Comparison<HazardRatioMethod>> {
        let ([o1, o2], [e1, e2], [n1, n2]) = match (self.observed(), self.expected(), self.subjects()) {
            (&[o1, o2], &[e1, e2], &[n1, n2]) => ([o1, o2], [e1, e2], [n1, n2]),
            _ => return Err(Error::out_of_bounds("groups", self.groups(), Bound::Exactly(2_u64.into()))),
        };
        if self.weighting() != EventWeighting::LogRank {
            return Err(Error::mismatch("weighting", self.weighting(), EventWeighting::LogRank));
        }
        let (log, error) = match method {
            HazardRatioMethod::Peto => {
                let variance = self.covariance(0, 0);
                ((o1 - e1) / variance, 1.0 / variance.sqrt())
            }
            HazardRatioMethod::ObservedOverExpected => {
                if o1 <= 0.0 || o2 <= 0.0 {
                    return Err(Error::Undefined { metric: "hazard ratio", because: "no one left in one of the groups" });
                }
                ((o1 / e1 / (o2 / e2)).ln(), (1.0 / e1 + 1.0 / e2).sqrt())
            }
        };
        let (point, reach) = (log.exp(), confidence.two_sided_z() * error);
        let interval = Interval::new((log - reach).exp().min(point), (log + reach).exp().max(point))?;
        Ok(Comparison::computed(point, interval, confidence, method, [n1, n2]))
    }

    fn excess(&self) -> Vec<f64> {
        self.observed().iter().zip(self.expected()).map(|(observed, expected)| observed - expected).collect()
    }

    fn test_method(&self) -> TestMethod {
        match self.weighting() {
            EventWeighting::LogRank => TestMethod::LogRank,
            EventWeighting::Gehan => TestMethod::GehanWilcoxon,
            EventWeighting::TaroneWare => TestMethod::TaroneWare,
            EventWeighting::PetoPeto => TestMethod::PetoPeto,
            EventWeighting::ModifiedPetoPeto => TestMethod::ModifiedPetoPeto,
            EventWeighting::HarringtonFleming(_) => TestMethod::HarringtonFleming,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ending::{Censored, Left};
    use super::super::{Ending, Observations, RiskTable};
    use super::*;

    fn groups(times: &[f64], endings: &[Ending], groups: &[u32], count: u32) -> Vec<RiskTable> {
        Observations::new(times, endings).unwrap().by_group(groups, count).unwrap()
    }

    #[test]
    fn a_group_without_customers_takes_no_degree_of_freedom() {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let two = groups(&times, &[Left; 6], &[0, 1, 0, 1, 0, 0], 2);
        let three = groups(&times, &[Left; 6], &[0, 2, 0, 2, 0, 0], 3);
        let test = |groups: &[RiskTable]| GroupComparison::new(groups, EventWeighting::LogRank).unwrap().test().unwrap();
        assert_eq!(test(&two).p_value().to_bits(), test(&three).p_value().to_bits());
    }

    #[test]
    fn a_group_in_which_no_one_left_has_a_peto_ratio_but_no_other() {
        let of = groups(&[1.0, 2.0, 3.0, 4.0], &[Left, Left, Censored, Censored], &[0, 0, 1, 1], 2);
        let comparison = GroupComparison::new(&of, EventWeighting::LogRank).unwrap();
        assert!(comparison.hazard_ratio(Confidence::P95, HazardRatioMethod::Peto).unwrap().point() > 1.0);
        let other = comparison.hazard_ratio(Confidence::P95, HazardRatioMethod::ObservedOverExpected);
        assert!(matches!(other, Err(Error::Undefined { metric: "hazard ratio", .. })));
        let gehan = GroupComparison::new(&of, EventWeighting::Gehan).unwrap();
        assert!(matches!(gehan.hazard_ratio(Confidence::P95, HazardRatioMethod::Peto), Err(Error::Mismatch { .. })));
    }

    #[test]
    fn without_anything_to_compare_there_is_no_comparison() {
        let compare = |tables: &[RiskTable]| GroupComparison::new(tables, EventWeighting::LogRank);
        assert!(matches!(compare(&[]), Err(Error::OutOfBounds { field: "groups", .. })));
        assert!(matches!(compare(&vec![RiskTable::default(); 1_001]), Err(Error::OutOfBounds { field: "groups", .. })));
        assert!(matches!(compare(&[RiskTable::default(), RiskTable::default()]), Err(Error::Undefined { .. })));
        // Never at risk together: one group has gone before the other comes.
        let first = Observations::new(&[1.0], &[Left]).unwrap().risk_table();
        let second = Observations::new(&[3.0], &[Left]).unwrap().with_entries(&[2.0]).unwrap().risk_table();
        assert!(matches!(compare(&[first, second]), Err(Error::Undefined { .. })));
        assert!(GroupComparison::stratified(&[], EventWeighting::LogRank).is_err());
        let uneven = [vec![RiskTable::default(); 2], vec![RiskTable::default(); 3]];
        assert_eq!(
            GroupComparison::stratified(&uneven, EventWeighting::LogRank).unwrap_err().to_string(),
            "stratum 1: number of groups differs: 2 and 3"
        );
    }

    #[test]
    fn equal_scores_are_no_trend() {
        let of = groups(&[1.0, 2.0, 3.0, 4.0, 5.0], &[Left; 5], &[0, 1, 2, 0, 1], 3);
        let comparison = GroupComparison::new(&of, EventWeighting::LogRank).unwrap();
        assert!(matches!(comparison.trend(&[0.1; 3], Alternative::TwoSided), Err(Error::Undefined { .. })));
        assert!(comparison.trend(&[0.0; 3], Alternative::TwoSided).is_err());
        assert!(comparison.trend(&[1.0, 2.0], Alternative::TwoSided).is_err());
        assert_eq!(comparison.trend(&[1.0, f64::NAN, 3.0], Alternative::TwoSided).unwrap_err().row(), Some(1));
        // A trend over two groups is their comparison.
        let two = groups(&[1.0, 2.0, 3.0, 4.0, 5.0], &[Left; 5], &[0, 1, 1, 0, 1], 2);
        let comparison = GroupComparison::new(&two, EventWeighting::LogRank).unwrap();
        let (z, chi) = (comparison.trend(&[1.0, 0.0], Alternative::TwoSided).unwrap(), comparison.test().unwrap());
        assert!((z.p_value() - chi.p_value()).abs() < 1e-14);
        assert!((z.statistic().powi(2) - chi.statistic()).abs() < 1e-14);
    }
}
