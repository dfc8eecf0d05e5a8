//! The logarithms of the gamma and beta functions, and of their quotients.

use super::gamma::{ln_1p_remainder, stirling_remainder, stirling_remainder_change};

/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_741_78;

/// 1 less Euler's constant.
const ONE_LESS_EULER: f64 = 0.422_784_335_098_467_139_39;

/// From here on the Stirling series is exact to the last digit.
const LARGE: f64 = 10.0;

/// The logarithm of the gamma function at `a`, above 0.
pub(crate) fn ln_gamma(a: f64) -> f64 {
    libm::lgamma(a)
}

/// The logarithm of the gamma function at `1 + a`, for `a` from 0 to 1, without losing the digits of a small `a`.
pub(super) fn ln_gamma_1p(a: f64) -> f64 {
    if a <= 0.5 { ln_gamma_near_2(a) - a.ln_1p() } else { ln_gamma_near_2(a - 1.0) }
}

/// The logarithm of the gamma function at `2 + e`, for `e` from -1/2 to 1/2: its Taylor series.
fn ln_gamma_near_2(e: f64) -> f64 {
    e * (ONE_LESS_EULER + e * NEAR_2.iter().rev().fold(0.0, |sum, term| sum * e + term))
}

/// The logarithm of the beta function, for `a` and `b` above 0.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_beta_corrected(a, b, stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(a + b))
}

/// The same for a caller who knows `stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(a + b)`.
pub(super) fn ln_beta_corrected(a: f64, b: f64, correction: f64) -> f64 {
    let (small, large) = (a.min(b), a.max(b));
    let sum = small + large;
    // (a - 1/2) ln a + (b - 1/2) ln b - (a + b - 1/2) ln(a + b), without the difference of two large numbers.
    HALF_LN_TAU + correction + (small - 0.5) * (small / sum).ln() + large * (-small / sum).ln_1p() - large.ln() / 2.0
}

/// The logarithm of the rising factorial `gamma(a + k) / gamma(a)`, for `a` above 0 and `k` not below 0, where the two gamma functions may
/// be so large and so close that their difference would have no digits left.
pub(crate) fn ln_rising(a: f64, k: f64) -> f64 {
    if k <= 0.0 {
        return 0.0;
    }
    let (mut from, mut below) = (a, 0.0);
    // At most ten steps up.
    while from < LARGE {
        below += if k < from { (k / from).ln_1p() } else { (from + k).ln() - from.ln() };
        from += 1.0;
    }
    let ratio = k / from;
    let to = from + k;
    k * to.ln() - from * ln_1p_remainder(ratio, 1.0 + ratio) - ratio.ln_1p() / 2.0 + stirling_remainder_change(from, k) - below
}

/// `(-1)^k (zeta(k) - 1) / k` for k = 2, 3, ...
const NEAR_2: [f64; 25] = [
    0.322_467_033_424_113_218_24,
    -0.067_352_301_053_198_095_133,
    0.020_580_808_427_784_547_879,
    -0.007_385_551_028_673_985_266_3,
    0.002_890_510_330_741_523_285_8,
    -0.001_192_753_911_703_260_977_1,
    0.000_509_669_524_743_042_422_34,
    -0.000_223_154_758_453_579_379_76,
    0.000_099_457_512_781_808_533_715,
    -0.000_044_926_236_738_133_141_7,
    0.000_020_507_212_775_670_691_553,
    -9.439_488_275_268_395_904e-6,
    4.374_866_789_907_487_804_2e-6,
    -2.039_215_753_801_366_236_8e-6,
    9.551_412_130_407_419_832_9e-7,
    -4.492_469_198_764_566_043_3e-7,
    2.120_718_480_555_466_586_9e-7,
    -1.004_322_482_396_809_960_9e-7,
    4.769_810_169_363_980_565_8e-8,
    -2.271_109_460_894_316_491e-8,
    1.083_865_921_489_695_409_1e-8,
    -5.183_475_041_970_046_655_1e-9,
    2.483_674_543_802_478_317_2e-9,
    -1.192_140_140_586_091_207_4e-9,
    5.731_367_241_678_862_013_3e-10,
];
