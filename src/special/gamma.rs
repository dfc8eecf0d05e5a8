//! What the logarithms of the gamma function and of 1 + x leave over beside their leading terms, without cancellation.

use super::digamma::{digamma, trigamma};

/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_741_78;

/// From here on the eight terms of the Stirling series are exact to the last digit.
pub(super) const STIRLING_FROM: f64 = 10.0;

/// 1/12, -1/360, 1/1260, ...: the even Bernoulli numbers B(2k) over 2k (2k - 1).
const STIRLING: [f64; 8] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1_260.0, -1.0 / 1_680.0, 1.0 / 1_188.0, -691.0 / 360_360.0, 1.0 / 156.0, -3_617.0 / 122_400.0];

/// What Stirling's formula leaves over: `ln gamma(a) - (a - 1/2) ln a + a - ln(2 pi) / 2`, for `a` above 0.
///
/// Within 2e-15 absolute for `a` up to 10 (ln gamma is that of `libm`), within 1e-16 relative above.
pub(crate) fn stirling_remainder(a: f64) -> f64 {
    if a < STIRLING_FROM {
        return libm::lgamma(a) - (a - 0.5) * a.ln() + a - HALF_LN_TAU;
    }
    let inverse = 1.0 / a;
    STIRLING.iter().rev().fold(0.0, |sum, term| sum * inverse * inverse + term) * inverse
}

/// The first two derivatives of [`stirling_remainder`]: what `ln a - 1/(2 a)` leaves over of the digamma function, and
/// `1/a + 1/(2 a^2)` of the trigamma function.
///
/// Within 5e-15 of `1/a` and of `1/a^2`; from 20 on within 1e-15 relative.
pub(super) fn stirling_remainder_derivatives(a: f64) -> [f64; 2] {
    if a >= STIRLING_FROM {
        let inverse = 1.0 / a;
        let square = inverse * inverse;
        let [mut slope, mut curvature] = [0.0; 2];
        for (power, term) in (0..8_u32).zip(STIRLING).rev() {
            let power = f64::from(power.saturating_mul(2).saturating_add(1));
            slope = slope * square - power * term;
            curvature = curvature * square + power * (power + 1.0) * term;
        }
        return [slope * square, curvature * square * inverse];
    }
    [digamma(a) - a.ln() + 0.5 / a, trigamma(a) - 1.0 / a - 0.5 / (a * a)]
}

/// `stirling_remainder(a + k) - stirling_remainder(a)`, for `a` from 10 on and `k` above 0, to the last digits however close the two are.
pub(super) fn stirling_remainder_change(a: f64, k: f64) -> f64 {
    let (from, to) = (1.0 / a, 1.0 / (a + k));
    let change = -(k / (a + k)) * from;
    // The remainder is w p(w^2) with w = 1 / a. Horner's scheme for p at the one end, and for its divided difference.
    let (mut value, mut difference) = (0.0, 0.0);
    for term in STIRLING.iter().rev() {
        difference = difference * to * to + value;
        value = value * from * from + term;
    }
    let value_at_end = STIRLING.iter().rev().fold(0.0, |sum, term| sum * to * to + term);
    change * (value_at_end + from * (to + from) * difference)
}

/// `e - ln(1 + e)` for `e` above -1, never negative; `one_plus` is `1 + e`, which the caller may know better.
///
/// Within 2e-15 relative.
pub(crate) fn ln_1p_remainder(e: f64, one_plus: f64) -> f64 {
    // Beyond, the difference loses two bits at most.
    if !(-0.5..=1.0).contains(&e) {
        return e - one_plus.ln();
    }
    // Ln(1 + e) = 2 artanh(r) = 2 (r + r^3 / 3 + r^5 / 5 + ...), and e - 2 r = e r; r is at most 1/3.
    let r = e / (2.0 + e);
    let series = (0..17_u32).rev().fold(0.0, |sum, k| sum * r * r + 1.0 / f64::from(k.saturating_mul(2).saturating_add(3)));
    r * (e - 2.0 * r * r * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Mpmath 1.4.1 at 40 digits.
    const REMAINDERS: [(f64, f64); 9] = [
        (0.001, 2.542_270_467_967_094_541_5),
        (0.5, 0.153_426_409_720_027_345_29),
        (1.0, 0.081_061_466_795_327_258_22),
        (2.5, 0.033_162_873_519_936_287_485),
        (9.99, 0.008_338_896_797_734_330_091),
        (10.0, 0.008_330_563_433_362_871_256_5),
        (37.5, 0.002_222_169_558_021_602_09),
        (1e6, 8.333_333_333_333_055_555_6e-8),
        (1e12, 8.333_333_333_333_343_348_1e-14),
    ];
    // Mpmath 1.3.0 at 60 digits.
    const REMAINDER_DERIVATIVES: [(f64, [f64; 2]); 9] = [
        (0.001, [-493.667_816_652_828_153_032, 499_001.642_533_195_848_182]),
        (0.5, [-0.270_362_845_461_478_170_024, 0.934_802_200_544_679_309_417]),
        (1.0, [-0.077_215_664_901_532_860_606_5, 0.144_934_066_848_226_436_472]),
        (2.5, [-0.013_134_091_228_911_877_957_8, 0.010_357_756_100_234_864_972_8]),
        (9.99, [-0.000_834_169_779_211_000_894_717, 0.000_166_835_028_116_656_600_003]),
        (10.0, [-0.000_832_503_927_324_576_370_535, 0.000_166_335_681_685_746_122_201]),
        (37.5, [-5.925_504_669_338_579_911_68e-5, 3.160_044_562_791_771_175_74e-6]),
        (1e6, [-8.333_333_333_332_5e-14, 1.666_666_666_666_333_333_33e-19]),
        (1e12, [-8.333_333_333_333_333_333_33e-26, 1.666_666_666_666_666_666_67e-37]),
    ];
    const LN_1P_REMAINDERS: [(f64, f64); 14] = [
        (-0.9, 1.402_585_092_994_045_883_9),
        (-0.51, 0.203_349_887_877_464_767_07),
        (-0.49, 0.183_344_553_263_765_587_86),
        (-0.36, 0.086_287_102_628_419_504_039),
        (-0.34, 0.075_515_443_961_665_835_744),
        (-1e-3, 5.003_335_835_335_001_638_2e-7),
        (-1e-10, 5.000_000_000_333_333_697_7e-21),
        (1e-10, 4.999_999_999_666_667_031e-21),
        (0.02, 0.000_197_372_703_820_286_982_13),
        (0.54, 0.108_217_583_574_462_221_91),
        (0.56, 0.115_314_178_738_554_340_88),
        (0.99, 0.301_865_361_263_598_968_21),
        (1.01, 0.311_865_277_929_015_621_43),
        (1e6, 999_986.184_488_442_036_23),
    ];

    #[test]
    fn remainders_agree_with_mpmath() {
        for (a, expected) in REMAINDERS {
            let got = stirling_remainder(a);
            assert!((got - expected).abs() <= 2e-15, "a = {a}: {got} is not {expected}");
        }
        for (a, expected) in REMAINDER_DERIVATIVES {
            let got = stirling_remainder_derivatives(a);
            for ((got, expected), unit) in got.into_iter().zip(expected).zip([1.0 / a, 1.0 / (a * a)]) {
                let tolerance = if a < 20.0 { 5e-15 * unit } else { 1e-15 * expected.abs() };
                assert!((got - expected).abs() <= tolerance, "a = {a}: {got:e} is not {expected:e}");
            }
        }
        for (e, expected) in LN_1P_REMAINDERS {
            let got = ln_1p_remainder(e, 1.0 + e);
            assert!((got - expected).abs() <= 2e-15 * expected, "e = {e}: {got} is not {expected}");
        }
    }
}
