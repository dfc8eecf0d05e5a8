//! Derivatives of the logarithm of the gamma function.

/// From here on the asymptotic series are exact to the last digit.
const LARGE: f64 = 10.0;

/// Where the digamma function is 0: the nearest double and what that is short of it.
const ROOT: f64 = 1.461_632_144_968_362_2;
const ROOT_REST: f64 = 9.549_995_429_965_697_715_2e-17;

/// How far from its root the digamma function is summed as a Taylor series, so that it keeps its digits there.
const NEAR_ROOT: f64 = 0.3;

/// The first derivative of the logarithm of the gamma function, for `a` above 0.
pub(crate) fn digamma(a: f64) -> f64 {
    let from_root = a - ROOT - ROOT_REST;
    if from_root.abs() <= NEAR_ROOT {
        return from_root * AT_ROOT.iter().rev().fold(0.0, |sum, term| sum * from_root + term);
    }
    let (mut at, mut below) = (a, 0.0);
    while at < LARGE {
        below += 1.0 / at;
        at += 1.0;
    }
    let inverse = 1.0 / at;
    let square = inverse * inverse;
    at.ln() - inverse / 2.0 - BERNOULLI_OVER_ORDER.iter().rev().fold(0.0, |sum, term| (sum + term) * square) - below
}

/// The second derivative of the logarithm of the gamma function, for `a` above 0.
pub(crate) fn trigamma(a: f64) -> f64 {
    let (mut at, mut below) = (a, 0.0);
    while at < LARGE {
        below += 1.0 / (at * at);
        at += 1.0;
    }
    let inverse = 1.0 / at;
    let square = inverse * inverse;
    let series = BERNOULLI.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    (below + inverse * series + square / 2.0 + inverse).min(f64::MAX)
}

/// The even Bernoulli numbers B(2), B(4), ...
const BERNOULLI: [f64; 10] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2_730.0,
    7.0 / 6.0,
    -3_617.0 / 510.0,
    43_867.0 / 798.0,
    -174_611.0 / 330.0,
];

/// B(2k) / 2k.
const BERNOULLI_OVER_ORDER: [f64; 9] = [
    1.0 / 12.0,
    -1.0 / 120.0,
    1.0 / 252.0,
    -1.0 / 240.0,
    1.0 / 132.0,
    -691.0 / 32_760.0,
    1.0 / 12.0,
    -3_617.0 / 8_160.0,
    43_867.0 / 14_364.0,
];

/// The Taylor series of the digamma function at its root, from the linear term on.
const AT_ROOT: [f64; 25] = [
    0.967_672_245_447_621_170_43,
    -0.442_763_168_983_592_106_09,
    0.258_499_760_955_651_010_62,
    -0.163_942_705_442_406_527_5,
    0.107_824_050_691_262_365_76,
    -0.072_199_561_256_454_710_926,
    0.048_804_288_164_143_107_225,
    -0.033_161_126_474_847_359_292,
    0.022_597_648_232_218_104_66,
    -0.015_424_765_904_948_959_139,
    0.010_538_791_616_612_175_388,
    -0.007_204_534_386_356_868_241,
    0.004_926_781_395_729_853_446_4,
    -0.003_369_801_655_439_328_082_8,
    0.002_305_126_326_734_927_836_9,
    -0.001_576_936_771_430_197_259_3,
    0.001_078_825_201_916_296_580_7,
    -0.000_738_070_938_996_005_129_57,
    0.000_504_953_265_834_602_035_18,
    -0.000_345_468_025_106_307_699_56,
    0.000_236_356_015_640_270_527_92,
    -0.000_161_706_220_919_748_034_49,
    0.000_110_633_727_687_474_109_04,
    -0.000_075_691_795_821_950_659_192,
    0.000_051_785_757_952_220_808_69,
];
