//! TEMPORARY
#![allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignificanceTest {
    statistic: f64,
    ln_p: f64,
}
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TestMethod {
    LikelihoodRatio,
    HosmerLemeshow,
    MaximallySelectedChiSquare,
}
impl SignificanceTest {
    pub(crate) fn chi_square(statistic: f64, degrees: f64, _: TestMethod) -> Self {
        let z = ((statistic / degrees).powf(1.0 / 3.0) - (1.0 - 2.0 / (9.0 * degrees))) / (2.0 / (9.0 * degrees)).sqrt();
        Self { statistic, ln_p: (libm::erfc(z / 2.0_f64.sqrt()) / 2.0).ln() }
    }
    pub(crate) fn from_ln_p(statistic: f64, ln_p: f64, _: TestMethod) -> Self {
        Self { statistic, ln_p }
    }
    pub fn p_value(&self) -> f64 {
        self.ln_p.exp()
    }
    pub fn statistic(&self) -> f64 {
        self.statistic
    }
}
impl core::fmt::Display for SignificanceTest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.ln_p)
    }
}
