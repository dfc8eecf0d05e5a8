//! Quantiles and tails of the standard normal distribution.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// What the double nearest to the square root of 1/2 is short of it.
const FRAC_1_SQRT_2_REST: f64 = -4.833_646_656_726_456_7e-17;

/// The `z` below which a standard normal variable lies with probability `p`, for `p` strictly between 0 and 1.
///
/// Algorithm AS 241 (PPND16) of Wichura, "The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), 477-484:
/// three rational approximations, within 1e-15 relative of the true value down to p = 1e-300.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    quantile(p - 0.5, p.min(1.0 - p))
}

/// The `z` within which a standard normal variable lies on both sides of 0 with probability `level`, where `rest` is `1 - level`.
///
/// Both are taken, so that neither a small level nor one close to 1 loses its digits.
pub(crate) fn two_sided_normal_quantile(level: f64, rest: f64) -> f64 {
    quantile(level / 2.0, rest / 2.0)
}

fn quantile(from_median: f64, tail: f64) -> f64 {
    if from_median.abs() <= 0.425 {
        let r = 0.180_625 - from_median * from_median;
        return from_median * polynomial(&CENTRE_ABOVE, r) / polynomial(&CENTRE_BELOW, r);
    }
    let r = (-tail.ln()).sqrt();
    let magnitude = if r <= 5.0 {
        polynomial(&TAIL_ABOVE, r - 1.6) / polynomial(&TAIL_BELOW, r - 1.6)
    } else {
        polynomial(&FAR_TAIL_ABOVE, r - 5.0) / polynomial(&FAR_TAIL_BELOW, r - 5.0)
    };
    magnitude.copysign(from_median)
}

/// The probability that a standard normal variable lies above `z`; below `z` it is that of `-z`.
///
/// Within 1e-15 relative, in the far tail too, where it is a normal double (z up to 37.5). The error function is that of `libm`.
pub(crate) fn normal_upper_tail(z: f64) -> f64 {
    let scaled = z * FRAC_1_SQRT_2;
    // In the far tail the rounding of the argument would cost three digits: the tangent gives them back.
    let rest = z.mul_add(FRAC_1_SQRT_2, -scaled) + z * FRAC_1_SQRT_2_REST;
    (libm::erfc(scaled) - rest * FRAC_2_SQRT_PI * (-scaled * scaled).exp()) / 2.0
}

/// The logarithm of the probability that a standard normal variable lies above `z`: far below the smallest double, and close to 0.
pub(crate) fn ln_normal_upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return (-normal_upper_tail(-z)).ln_1p();
    }
    if z < FRACTION_FROM {
        return normal_upper_tail(z).ln();
    }
    // Laplace's continued fraction for density / tail, z + 1 / (z + 2 / (z + 3 / ...)), from its far end.
    let ratio = (1..=FRACTION_TERMS).rev().fold(z, |below, k| z + f64::from(k) / below);
    (-z * z / 2.0 - HALF_LN_TAU - ratio.ln()).max(f64::MIN)
}

/// From here on so many terms of the continued fraction reach the last digit.
const FRACTION_FROM: f64 = 8.0;
const FRACTION_TERMS: u32 = 24;

/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_741_78;

/// Horner's scheme, the constant term first.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |value, coefficient| value * x + coefficient)
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_608,
    133.141_667_891_784_377_45,
    1_971.590_950_306_551_442_7,
    13_731.693_765_509_461_125,
    45_921.953_931_549_871_457,
    67_265.770_927_008_700_853,
    33_430.575_583_588_128_105,
    2_509.080_928_730_122_672_7,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    42.313_330_701_600_911_252,
    687.187_007_492_057_908_3,
    5_394.196_021_424_751_107_7,
    21_213.794_301_586_595_867,
    39_307.895_800_092_710_61,
    28_729.085_735_721_942_674,
    5_226.495_278_852_854_561,
];
const TAIL_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_577_34,
    4.630_337_846_156_545_295_9,
    5.769_497_221_460_691_405_5,
    3.647_848_324_763_204_605_04,
    1.270_458_252_452_368_382_58,
    0.241_780_725_177_450_611_77,
    0.022_723_844_989_269_184_583_3,
    7.745_450_142_783_414_076_4e-4,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87,
    1.676_384_830_183_803_849_4,
    0.689_767_334_985_100_004_55,
    0.148_103_976_427_480_074_59,
    0.015_198_666_563_616_457_196_6,
    5.475_938_084_995_344_946e-4,
    1.050_750_071_644_416_843_24e-9,
];
const FAR_TAIL_ABOVE: [f64; 8] = [
    6.657_904_643_501_103_777_2,
    5.463_784_911_164_114_369_9,
    1.784_826_539_917_291_335_8,
    0.296_560_571_828_504_891_23,
    0.026_532_189_526_576_123_093,
    1.242_660_947_388_078_438_6e-3,
    2.711_555_568_743_487_578_15e-5,
    2.010_334_399_292_288_132_65e-7,
];
const FAR_TAIL_BELOW: [f64; 8] = [
    1.0,
    0.599_832_206_555_887_937_69,
    0.136_929_880_922_735_805_31,
    0.014_875_361_290_850_614_852_5,
    7.868_691_311_456_132_591e-4,
    1.846_318_317_510_054_681_8e-5,
    1.421_511_758_316_445_888_7e-7,
    2.044_263_103_389_939_785_64e-15,
];

#[cfg(test)]
mod tests {
    use super::{normal_quantile, two_sided_normal_quantile};

    /// mpmath 1.4.1 at 60 digits: `sqrt(2) * erfinv(2 p - 1)`.
    const TABLE: [(f64, f64); 8] = [
        (1e-300, -37.047_096_299_361_199_237),
        (1e-20, -9.262_340_089_798_407_573_7),
        (0.001, -3.090_232_306_167_813_541_5),
        (0.1, -1.281_551_565_544_600_467_0),
        (0.5, 0.0),
        (0.75, 0.674_489_750_196_081_743_2),
        (0.975, 1.959_963_984_540_054_235_5),
        (0.999_999_5, 4.891_638_475_698_590_386_2),
    ];

    #[test]
    fn agrees_with_mpmath() {
        for (p, z) in TABLE {
            // At p near 1 the double nearest to p is itself off by 1e-16 / (1 - p).
            let tolerance = 2e-15 + 1e-16 / (1.0 - p) / 5.0;
            assert!((normal_quantile(p) - z).abs() <= tolerance * z.abs(), "p = {p}: {} is not {z}", normal_quantile(p));
        }
    }

    #[test]
    fn two_sides_agree_with_mpmath_at_both_ends() {
        // Mpmath at 40 digits: sqrt(2) * erfinv(level).
        for (level, rest, z) in [
            (1e-9, 1.0 - 1e-9, 1.253_314_137_315_500_251_5e-9),
            (1e-300, 1.0, 1.253_314_137_315_500_251_2e-300),
            (0.5, 0.5, 0.674_489_750_196_081_743_2),
            (0.95, 0.05, 1.959_963_984_540_054_235_5),
            (0.999_999, 1e-6, 4.891_638_475_698_590_386_2),
        ] {
            let got = two_sided_normal_quantile(level, rest);
            assert!((got - z).abs() <= 2e-15 * z, "{level}: {got} is not {z}");
        }
    }

    #[test]
    fn mirrors_at_one_half_and_rises() {
        let mut last = f64::NEG_INFINITY;
        for step in 1..4096_u32 {
            let p = f64::from(step) / 4096.0;
            let z = normal_quantile(p);
            assert!(z > last, "p = {p}");
            assert!((z + normal_quantile(1.0 - p)).abs() <= 1e-14, "p = {p}");
            last = z;
        }
    }
}
