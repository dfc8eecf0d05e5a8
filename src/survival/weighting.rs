//! How much each time counts when groups are compared.

use core::cmp::Ordering;
use core::fmt;

use crate::error::{Bound, Error, Result};

/// How much each time at which someone leaves counts in a comparison of groups.
///
/// All test that the groups leave alike. They differ in which departures from it they see best; choose before looking at the curves.
///
/// ```text
/// n = at risk in all groups, d = left in all groups, S = Kaplan-Meier curve of all groups just before the time
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EventWeighting {
    /// 1: the log-rank test of Mantel and Cox, best where the hazards of the groups are in proportion. The default of R and lifelines.
    #[default]
    LogRank,
    /// n: Gehan's generalised Wilcoxon test, which looks at early times most, and is led by the censoring. "wilcoxon" in lifelines.
    Gehan,
    /// The root of n: Tarone and Ware, in between.
    TaroneWare,
    /// The product of `1 - d / (n + 1)` up to and with the time, a survival curve that is never 0: Peto and Peto. "peto" in lifelines.
    PetoPeto,
    /// The same times `n / (n + 1)`: Andersen's modification.
    ModifiedPetoPeto,
    /// `S^p (1 - S)^q`: the family of Harrington and Fleming. p = 1, q = 0 is `rho = 1` in R's survdiff, close to Peto and Peto; p = 0,
    /// q = 1 looks at late times.
    HarringtonFleming(CurvePowers),
}

impl EventWeighting {
    /// [`EventWeighting::HarringtonFleming`] with these powers.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless both are within 0 to 100.
    pub fn harrington_fleming(p: f64, q: f64) -> Result<Self> {
        CurvePowers::new(p, q).map(Self::HarringtonFleming)
    }
}

impl fmt::Display for EventWeighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogRank => f.write_str("log-rank"),
            Self::Gehan => f.write_str("Gehan-Wilcoxon"),
            Self::TaroneWare => f.write_str("Tarone-Ware"),
            Self::PetoPeto => f.write_str("Peto-Peto"),
            Self::ModifiedPetoPeto => f.write_str("modified Peto-Peto"),
            Self::HarringtonFleming(CurvePowers { p, q }) => write!(f, "Harrington-Fleming({p}, {q})"),
        }
    }
}

/// The powers of the curve and of its complement in [`EventWeighting::HarringtonFleming`]: each within 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "CurvePowersState", into = "CurvePowersState")
)]
pub struct CurvePowers {
    p: f64,
    q: f64,
}

impl CurvePowers {
    const MOST: f64 = 100.0;

    /// `p` of the curve, `q` of its complement.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] unless both are within 0 to 100.
    pub fn new(p: f64, q: f64) -> Result<Self> {
        for (field, power) in [("p", p), ("q", q)] {
            if !(0.0..=Self::MOST).contains(&power) {
                return Err(Error::out_of_bounds(field, power, Bound::Within(0_u64.into(), Self::MOST.into())));
            }
        }
        Ok(Self { p, q })
    }

    /// The power of the curve.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }

    /// The power of its complement.
    #[must_use]
    pub fn q(&self) -> f64 {
        self.q
    }

    pub(super) fn of(self, survival: f64) -> f64 {
        // The powers of 0 and 1 are common, and the library's are slow.
        let power = |base: f64, exponent: f64| match exponent.total_cmp(&1.0) {
            _ if exponent <= 0.0 => 1.0,
            Ordering::Equal => base,
            _ => base.powf(exponent),
        };
        power(survival, self.p) * power(1.0 - survival, self.q)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CurvePowersState {
    p: f64,
    q: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<CurvePowersState> for CurvePowers {
    type Error = Error;

    fn try_from(state: CurvePowersState) -> Result<Self> {
        Self::new(state.p, state.q)
    }
}

#[cfg(feature = "serde")]
impl From<CurvePowers> for CurvePowersState {
    fn from(powers: CurvePowers) -> Self {
        Self { p: powers.p, q: powers.q }
    }
}
