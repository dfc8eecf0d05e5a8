//! The laws that every interval and every test keeps, stated once and checked on all of them, read off the same random answers.

use std::collections::BTreeMap;

use customer_metrics::estimate::{
    Alternative, Comparison, ConfidenceSequence, ContinuityCorrection, DifferenceMethod, KendallMethod, MeanShrinkage, MemberMean,
    NumberNeededInterval, PopulationCorrection, ShareTestMethod, Shrinkage, SignificanceTest, SpearmanMethod, StrataSampling, Stratified,
    StratifiedDesign, StratifiedShareMethod, WeightedShareMethod, goodman_estimates,
};
use customer_metrics::satisfaction::{
    ItemSet, NetCuts, NetScore, NetScoreMethod, RatingPairTally, RatingTally, ReliabilityTally, Scale, WeightedNetScoreMethod,
    WeightedRatingTally, WeightedRatings,
};
use customer_metrics::{Confidence, Error, Estimate, Interval, Share, ShareMethod, Tally};
use proptest::prelude::*;

use crate::means::SUPERIORITY_METHODS;

/// Two groups, two measures twice over, and three items. All are rated 1 to 4: an even scale, so that where all ratings are turned round
/// those are satisfied who were not.
#[derive(Debug, Clone)]
struct Answers {
    first: Vec<u8>,
    second: Vec<u8>,
    /// The weight that goes with each rating of the first group.
    weights: [u64; 4],
    /// A rating before and after.
    pairs: Vec<[u8; 2]>,
    /// Two measures, of which the first alone is turned round.
    crossed: Vec<[u8; 2]>,
    items: Vec<[u8; 3]>,
}

impl Answers {
    fn turned(&self) -> Self {
        let turned = |ratings: &[u8]| ratings.iter().map(|rating| 5 - rating).collect();
        let [a, b, c, d] = self.weights;
        Self {
            first: turned(&self.first),
            second: turned(&self.second),
            weights: [d, c, b, a],
            pairs: self.pairs.iter().map(|pair| pair.map(|rating| 5 - rating)).collect(),
            crossed: self.crossed.iter().map(|&[first, second]| [5 - first, second]).collect(),
            items: self.items.iter().map(|items| items.map(|rating| 5 - rating)).collect(),
        }
    }

    fn swapped(&self) -> Self {
        let swapped = |pairs: &[[u8; 2]]| pairs.iter().map(|&[first, second]| [second, first]).collect();
        let (pairs, crossed) = (swapped(&self.pairs), swapped(&self.crossed));
        Self { first: self.second.clone(), second: self.first.clone(), pairs, crossed, ..self.clone() }
    }

    fn times(&self, factor: usize) -> Self {
        Self {
            first: self.first.repeat(factor),
            second: self.second.repeat(factor),
            weights: self.weights,
            pairs: self.pairs.repeat(factor),
            crossed: self.crossed.repeat(factor),
            items: self.items.repeat(factor),
        }
    }

    /// One in so many, by turns, and the rest.
    fn dealt(&self, parts: usize) -> [Self; 2] {
        fn deal<T: Clone>(all: &[T], parts: usize, is_first: bool) -> Vec<T> {
            all.iter().enumerate().filter(|(row, _)| row.is_multiple_of(parts) == is_first).map(|(_, record)| record.clone()).collect()
        }
        [true, false].map(|is_first| Self {
            first: deal(&self.first, parts, is_first),
            second: deal(&self.second, parts, is_first),
            weights: self.weights,
            pairs: deal(&self.pairs, parts, is_first),
            crossed: deal(&self.crossed, parts, is_first),
            items: deal(&self.items, parts, is_first),
        })
    }
}

fn answers() -> impl Strategy<Value = Answers> {
    let ratings = || prop::collection::vec(1..=4_u8, 6..30);
    let pairs = || prop::collection::vec(prop::array::uniform2(1..=4_u8), 6..30);
    let items = prop::collection::vec(prop::array::uniform3(1..=4_u8), 4..20);
    (ratings(), ratings(), prop::array::uniform4(1..5_000_u64), pairs(), pairs(), items)
        .prop_map(|(first, second, weights, pairs, crossed, items)| Answers { first, second, weights, pairs, crossed, items })
}

/// What is counted of the answers.
#[derive(Debug, Clone, PartialEq)]
struct Tallies {
    first: RatingTally,
    second: RatingTally,
    weighted: WeightedRatingTally,
    pairs: RatingPairTally,
    crossed: RatingPairTally,
    items: ReliabilityTally,
}

fn scale() -> Scale {
    Scale::new(1, 4, 3).unwrap()
}

impl Tallies {
    fn of(answers: &Answers) -> Self {
        let rating_tally = |ratings: &[u8]| {
            let mut tally = RatingTally::empty(scale());
            tally.record_column(ratings).unwrap();
            tally
        };
        let pair_tally = |pairs: &[[u8; 2]]| {
            let mut tally = RatingPairTally::empty([scale(); 2]);
            tally.extend(pairs.iter().map(|pair| pair.map(Some))).unwrap();
            tally
        };
        let mut weighted = WeightedRatingTally::empty(WeightedRatings::new(scale(), 0).unwrap());
        let weights: Vec<u64> = answers.first.iter().map(|&rating| answers.weights[usize::from(rating) - 1]).collect();
        weighted.record_columns(&answers.first, &weights).unwrap();
        let mut items = ReliabilityTally::empty(ItemSet::new(scale(), 3).unwrap());
        items.extend(answers.items.iter().map(|row| row.iter().copied().map(Some).collect())).unwrap();
        Self {
            first: rating_tally(&answers.first),
            second: rating_tally(&answers.second),
            weighted,
            pairs: pair_tally(&answers.pairs),
            crossed: pair_tally(&answers.crossed),
            items,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first).unwrap();
        self.second.merge(&other.second).unwrap();
        self.weighted.merge(&other.weighted).unwrap();
        self.pairs.merge(&other.pairs).unwrap();
        self.crossed.merge(&other.crossed).unwrap();
        self.items.merge(&other.items).unwrap();
    }

    fn shares(&self) -> [Share; 2] {
        [&self.first, &self.second].map(|tally| tally.csat().unwrap())
    }

    fn net_scores(&self) -> [NetScore; 2] {
        [&self.first, &self.second].map(|tally| tally.net_satisfaction(cuts()).unwrap())
    }
}

fn cuts() -> NetCuts {
    NetCuts::new(1, 4).unwrap()
}

/// What becomes of an interval where its answers are turned round, or the groups change places.
#[derive(Debug, Clone, Copy)]
enum Image {
    /// Each end and the other end of the image come to this.
    Sum(f64),
    /// Each end times the other end of the image is 1.
    Reciprocal,
    Same,
    /// Something else: there is no such law.
    Other,
}

/// A figure with its interval.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    point: f64,
    interval: Interval,
}

/// What is particular to a figure: where its interval lies, what becomes of it, and which of the common laws it need not keep.
#[derive(Debug, Clone, Copy)]
struct Laws {
    range: [f64; 2],
    turned: Image,
    swapped: Image,
    /// Whether more answers of the same kind always narrow it.
    narrows: bool,
    /// Whether it holds its point.
    holds: bool,
}

impl Laws {
    fn new(range: [f64; 2], turned: Image, swapped: Image) -> Self {
        Self { range, turned, swapped, narrows: true, holds: true }
    }

    /// A share, or a probability: of those who were not satisfied it is the rest.
    fn share() -> Self {
        Self::new([0.0, 1.0], Image::Sum(1.0), Image::Other)
    }

    /// A difference of two groups.
    fn difference(most: f64) -> Self {
        Self::new([-most, most], Image::Sum(0.0), Image::Sum(0.0))
    }
}

/// All figures by their names.
#[derive(Debug, Default)]
struct Everything(BTreeMap<String, (Found, Laws)>);

impl Everything {
    fn add(&mut self, name: impl Into<String>, laws: Laws, point: f64, interval: Interval) {
        let before = self.0.insert(name.into(), (Found { point, interval }, laws));
        assert!(before.is_none(), "a name stands for one figure");
    }

    /// What is undefined for these answers is left out.
    fn estimate(&mut self, name: impl Into<String>, laws: Laws, estimate: Result<Estimate, Error>) {
        let Some(estimate) = estimate.ok() else { return };
        self.add(name, laws, estimate.point(), estimate.interval());
    }

    fn comparison<M: Copy>(&mut self, name: impl Into<String>, laws: Laws, comparison: Result<Comparison<M>, Error>) {
        let Some(comparison) = comparison.ok() else { return };
        self.add(name, laws, comparison.point(), comparison.interval());
    }

    /// Every interval that the crate reads off these tallies, by its name.
    fn of(tallies: &Tallies, confidence: Confidence) -> Self {
        let mut all = Self::default();
        all.add_shares(tallies, confidence);
        all.add_weighted_and_stratified(tallies, confidence);
        all.add_shrunken(tallies, confidence);
        all.add_scores_and_means(tallies, confidence);
        all.add_orders(tallies, confidence);
        all
    }

    fn add_shares(&mut self, tallies: &Tallies, confidence: Confidence) {
        let [a, b] = tallies.shares();
        for &method in ShareMethod::ALL {
            self.estimate(format!("share, {method}"), Laws::share(), Ok(a.estimate_with(confidence, method)));
        }
        self.estimate("confidence sequence", Laws::share(), Ok(ConfidenceSequence::new(confidence).estimate(&a)));
        for method in [DifferenceMethod::Newcombe, DifferenceMethod::NewcombeCorrected] {
            self.comparison(format!("difference, {method}"), Laws::difference(1.0), Ok(a.difference_with(&b, confidence, method)));
        }
        // Its centre moves outwards with more answers, and can leave out what a handful of unanimous ones show.
        let laws = Laws { narrows: false, holds: false, ..Laws::difference(1.0) };
        self.comparison("difference, Agresti-Caffo", laws, Ok(a.difference_with(&b, confidence, DifferenceMethod::AgrestiCaffo)));
        let anything = [0.0, f64::MAX];
        self.comparison("ratio", Laws::new(anything, Image::Other, Image::Reciprocal), a.ratio(&b, confidence));
        // What is added where a count is 0 weighs less with more answers, and the odds run away with them.
        let laws = Laws {
            narrows: ![a, b].iter().any(|share| share.part() == 0 || share.part() == share.whole()),
            ..Laws::new(anything, Image::Reciprocal, Image::Reciprocal)
        };
        self.comparison("odds ratio", laws, a.odds_ratio(&b, confidence));
        let counts: Vec<u64> = tallies.first.distribution().map(|(_, count)| count).collect();
        for (rating, estimate) in (1..).zip(goodman_estimates(&counts, confidence).unwrap()) {
            self.estimate(format!("share of rating {rating}, Goodman"), Laws::new([0.0, 1.0], Image::Other, Image::Other), Ok(estimate));
        }
    }

    fn add_weighted_and_stratified(&mut self, tallies: &Tallies, confidence: Confidence) {
        let weighted = tallies.weighted.csat().unwrap();
        let methods = ShareMethod::ALL.iter().map(|&method| WeightedShareMethod::EffectiveSize(method));
        for method in methods.chain([WeightedShareMethod::KornGraubard, WeightedShareMethod::Linearised]) {
            self.estimate(format!("weighted share, {method}"), Laws::share(), weighted.estimate_with(confidence, method));
        }
        let score = Laws::new([-1.0, 1.0], Image::Sum(0.0), Image::Other);
        let net = tallies.weighted.net_satisfaction(cuts()).unwrap();
        for method in [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald] {
            let by_size = WeightedNetScoreMethod::EffectiveSize(method);
            self.estimate(format!("weighted net score, {method}"), score, net.estimate_with(confidence, by_size));
        }
        let mean = Laws::new([1.0, 4.0], Image::Sum(5.0), Image::Other);
        self.estimate("weighted mean", mean, tallies.weighted.mean_estimate(confidence));
        for sampling in [StrataSampling::Stratified, StrataSampling::PostStratified] {
            for correction in [PopulationCorrection::Ignored, PopulationCorrection::Finite] {
                let design = StratifiedDesign::new(sampling, correction);
                let strata = [(tallies.first.clone(), 40_000), (tallies.second.clone(), 90_000)];
                let strata = Stratified::from_ratings(design, strata).unwrap();
                for method in [StratifiedShareMethod::Wilson, StratifiedShareMethod::YanSu, StratifiedShareMethod::Normal] {
                    let estimate = strata.csat().unwrap().estimate_with(confidence, method);
                    self.estimate(format!("share of strata, {sampling}, {correction}, {method}"), Laws::share(), estimate);
                }
                self.estimate(format!("mean of strata, {sampling}, {correction}"), mean, strata.mean_estimate(confidence));
                let net = strata.net_satisfaction(cuts()).unwrap().estimate(confidence);
                self.estimate(format!("net score of strata, {sampling}, {correction}"), score, Ok(net));
            }
        }
    }

    /// What a member keeps depends on how all are spread, so that its interval may widen where the team turns out to be more varied.
    fn add_shrunken(&mut self, tallies: &Tallies, confidence: Confidence) {
        let others = [(30, 60), (12, 20), (20, 30), (31, 40)].map(|(part, whole)| Share::new(part, whole).unwrap());
        // The same with each team turned round, so that the whole is the image of itself.
        let team: Vec<Share> = tallies.shares().into_iter().chain(others).chain(others.map(|share| share.complement())).collect();
        if let Ok(fit) = Shrinkage::fit(&team) {
            let laws = Laws { narrows: false, ..Laws::share() };
            self.estimate("shrunken share", laws, Ok(fit.shrink(&team[0], confidence).estimate()));
        }
        let (own, error) = (tallies.first.mean_estimate(confidence), tallies.first.mean_standard_error());
        if let (Ok(own), Ok(error)) = (own, error)
            && error > 0.0
        {
            let members = [(own.point(), error), (2.0, 0.25), (3.0, 0.25), (2.25, 0.125), (2.75, 0.125)]
                .map(|(mean, standard_error)| MemberMean { mean, standard_error });
            let shrunken = MeanShrinkage::fit(&members).unwrap().shrink(members[0], confidence).unwrap();
            let laws = Laws { narrows: false, ..Laws::new([f64::MIN, f64::MAX], Image::Sum(5.0), Image::Other) };
            self.estimate("shrunken mean", laws, Ok(shrunken.estimate()));
        }
    }

    fn add_scores_and_means(&mut self, tallies: &Tallies, confidence: Confidence) {
        let [a, b] = tallies.net_scores();
        for method in [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald] {
            let laws = Laws::new([-1.0, 1.0], Image::Sum(0.0), Image::Other);
            self.estimate(format!("net score, {method}"), laws, Ok(a.estimate_with(confidence, method)));
            self.comparison(format!("net scores, {method}"), Laws::difference(2.0), Ok(a.difference_with(&b, confidence, method)));
        }
        self.estimate("mean", Laws::new([1.0, 4.0], Image::Sum(5.0), Image::Other), tallies.first.mean_estimate(confidence));
        self.comparison("means, Welch", Laws::difference(3.0), tallies.first.mean_difference(&tallies.second, confidence));
        self.comparison("means, paired", Laws::difference(3.0), tallies.pairs.mean_difference(confidence));
        self.estimate("mean of items", Laws::new([1.0, 4.0], Image::Sum(5.0), Image::Other), tallies.items.mean_estimate(confidence));
        let laws = Laws::new([f64::MIN, 1.0], Image::Same, Image::Other);
        self.estimate("Cronbach's alpha", laws, tallies.items.alpha().map(|alpha| alpha.estimate(confidence)));
    }

    fn add_orders(&mut self, tallies: &Tallies, confidence: Confidence) {
        let groups = tallies.first.mann_whitney(&tallies.second).unwrap();
        for method in SUPERIORITY_METHODS {
            let laws = Laws::new([0.0, 1.0], Image::Sum(1.0), Image::Sum(1.0));
            self.comparison(format!("superiority, {method}"), laws, groups.superiority_with(confidence, method));
            self.comparison(format!("Cliff's delta, {method}"), Laws::difference(1.0), groups.cliffs_delta_with(confidence, method));
        }
        let laws = Laws::new([-1.0, 1.0], Image::Sum(0.0), Image::Same);
        let table = tallies.crossed.table();
        self.estimate("Pearson", laws, table.pearson().and_then(|pearson| pearson.estimate(confidence)));
        for method in [SpearmanMethod::BonettWright, SpearmanMethod::FiellerHartleyPearson, SpearmanMethod::FisherZ] {
            let estimate = table.spearman().and_then(|spearman| spearman.estimate_with(confidence, method));
            self.estimate(format!("Spearman, {method}"), laws, estimate);
        }
        for method in [KendallMethod::FiellerHartleyPearson, KendallMethod::Asymptotic] {
            let estimate = table.kendall().and_then(|kendall| kendall.estimate_with(confidence, method));
            self.estimate(format!("Kendall, {method}"), laws, estimate);
        }
        if let (Ok(first), Ok(second)) = (table.pearson(), tallies.pairs.pearson()) {
            let laws = Laws::new([-2.0, 2.0], Image::Other, Image::Same);
            self.comparison("Pearson correlations, Zou", laws, first.difference(&second, confidence));
        }
    }

    /// Each figure beside its image.
    fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a str, Laws, &'a Found, &'a Found)> {
        self.0.iter().filter_map(|(name, (found, laws))| Some((name.as_str(), *laws, found, &other.0.get(name)?.0)))
    }
}

fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

/// Whether the one is what becomes of the other.
fn is_image(image: Image, found: &Found, other: &Found) -> bool {
    let (one, two) = (found.interval, other.interval);
    let product = |a: f64, b: f64| near(a * b, 1.0);
    match image {
        Image::Sum(sum) => near(found.point + other.point, sum) && near(one.low() + two.high(), sum) && near(one.high() + two.low(), sum),
        Image::Reciprocal => product(found.point, other.point) && product(one.low(), two.high()) && product(one.high(), two.low()),
        Image::Same => near(found.point, other.point) && near(one.low(), two.low()) && near(one.high(), two.high()),
        Image::Other => true,
    }
}

/// The two-sided test and the two one-sided ones.
type Sides = [Result<SignificanceTest, Error>; 3];

fn sides(test: impl Fn(Alternative) -> Result<SignificanceTest, Error>) -> Sides {
    [Alternative::TwoSided, Alternative::Greater, Alternative::Less].map(test)
}

/// Every test of two groups.
fn tests_of_groups(tallies: &Tallies) -> BTreeMap<String, Sides> {
    let ([a, b], [c, d]) = (tallies.shares(), tallies.net_scores());
    let groups = tallies.first.mann_whitney(&tallies.second).unwrap();
    let mut tests = BTreeMap::new();
    for method in [ShareTestMethod::Pooled, ShareTestMethod::PooledCorrected, ShareTestMethod::Unpooled] {
        tests.insert(format!("shares, {method}"), sides(|side| a.test_difference_with(&b, method, side)));
    }
    tests.insert("net scores".to_owned(), sides(|side| c.test_difference_with(&d, side)));
    tests.insert("Welch".to_owned(), sides(|side| tallies.first.test_mean_difference_with(&tallies.second, side)));
    tests.insert("paired t".to_owned(), sides(|side| tallies.pairs.test_mean_difference_with(side)));
    for correction in [ContinuityCorrection::OneHalf, ContinuityCorrection::None] {
        tests.insert(format!("Mann-Whitney {correction}"), sides(|side| groups.test_with(correction, side)));
    }
    tests.insert("Brunner-Munzel".to_owned(), sides(|side| groups.test_brunner_munzel_with(side)));
    tests
}

/// Every test of two measures.
fn tests_of_measures(tallies: &Tallies) -> BTreeMap<String, Sides> {
    let table = tallies.crossed.table();
    let mut tests = BTreeMap::new();
    if let (Ok(pearson), Ok(spearman), Ok(kendall)) = (table.pearson(), table.spearman(), table.kendall()) {
        tests.insert("Pearson".to_owned(), sides(|side| pearson.test_with(side)));
        tests.insert("Spearman".to_owned(), sides(|side| spearman.test_with(side)));
        tests.insert("Kendall".to_owned(), sides(|side| kendall.test_with(side)));
    }
    tests
}

/// That the statistics of the images have the opposite sign, two-sided p-values are the same and one-sided ones change places.
fn check_opposite(tests: &BTreeMap<String, Sides>, images: &BTreeMap<String, Sides>) {
    assert_eq!(tests.len(), images.len());
    for ((name, sides), image) in tests.iter().zip(images.values()) {
        for (one, other) in sides.iter().zip([&image[0], &image[2], &image[1]]) {
            match (one, other) {
                (Ok(one), Ok(other)) => {
                    assert!(near(one.statistic(), -other.statistic()), "{name}: {one} and {other}");
                    assert!((one.p_value() - other.p_value()).abs() <= 1e-9 * one.p_value(), "{name}: {one} and {other}");
                }
                (one, other) => assert_eq!(one, other, "{name}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_interval_holds_its_point_and_stays_in_range(answers in answers(), level in 0.3..0.995_f64) {
        let all = Everything::of(&Tallies::of(&answers), Confidence::new(level).unwrap());
        prop_assert!(all.0.len() >= 50, "{}", all.0.len());
        for (name, (found, laws)) in &all.0 {
            let [lowest, highest] = laws.range;
            prop_assert!(lowest <= found.interval.low() && found.interval.high() <= highest, "{name}: {found:?}");
            prop_assert!(found.interval.contains(found.point) || !laws.holds, "{name}: {found:?}");
        }
    }

    #[test]
    fn every_interval_nests_in_confidence(answers in answers(), level in 0.3..0.98_f64) {
        let tallies = Tallies::of(&answers);
        let [narrow, wide] = [level, level + 0.015].map(|level| Everything::of(&tallies, Confidence::new(level).unwrap()));
        prop_assert_eq!(narrow.0.len(), wide.0.len());
        for (name, _, inner, outer) in narrow.beside(&wide) {
            prop_assert_eq!(inner.point, outer.point, "{}", name);
            let slack = 1e-12 * inner.interval.width().max(1.0);
            prop_assert!(outer.interval.low() <= inner.interval.low() + slack, "{name}: {inner:?} {outer:?}");
            prop_assert!(inner.interval.high() <= outer.interval.high() + slack, "{name}: {inner:?} {outer:?}");
        }
        // A number needed is read off the difference: while the difference cannot be told from 0, it cannot be told from a harm.
        let [a, b] = tallies.shares();
        let [inner, outer] = [level, level + 0.015].map(|level| a.difference(&b, Confidence::new(level).unwrap()).number_needed().interval());
        match (inner, outer) {
            (NumberNeededInterval::ToBenefit(inner), NumberNeededInterval::ToBenefit(outer))
            | (NumberNeededInterval::ToHarm(inner), NumberNeededInterval::ToHarm(outer)) => {
                prop_assert!(outer.low() <= inner.low() && inner.high() <= outer.high());
            }
            (_, outer) => prop_assert!(matches!(outer, NumberNeededInterval::ThroughInfinity { .. }), "{inner:?} {outer:?}"),
        }
    }

    #[test]
    fn every_interval_is_narrower_with_more_of_the_same_answers(answers in answers(), factor in 2..6_usize) {
        let [few, many] = [&answers, &answers.times(factor)].map(|answers| Everything::of(&Tallies::of(answers), Confidence::P90));
        for (name, laws, few, many) in few.beside(&many) {
            prop_assert!(near(few.point, many.point) || !laws.narrows, "{name}: {few:?} {many:?}");
            let (before, after) = (few.interval.width(), many.interval.width());
            prop_assert!(after <= before + 1e-12 * before.max(1.0) || !laws.narrows, "{name}: {few:?} {many:?}");
        }
    }

    #[test]
    fn every_interval_turns_with_its_answers(answers in answers(), level in 0.3..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let [all, turned] = [&answers, &answers.turned()].map(|answers| Everything::of(&Tallies::of(answers), confidence));
        for (name, laws, found, image) in all.beside(&turned) {
            prop_assert!(is_image(laws.turned, found, image), "{name}: {found:?} and {image:?}");
        }
    }

    #[test]
    fn every_comparison_changes_sides_with_its_groups(answers in answers(), level in 0.3..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let [all, swapped] = [&answers, &answers.swapped()].map(|answers| Everything::of(&Tallies::of(answers), confidence));
        for (name, laws, found, image) in all.beside(&swapped) {
            // A ratio whose low end is 0 has no reciprocal.
            let none = matches!(laws.swapped, Image::Reciprocal) && found.point.min(image.point) <= 0.0;
            prop_assert!(none || is_image(laws.swapped, found, image), "{name}: {found:?} and {image:?}");
        }
    }

    #[test]
    fn merging_before_estimating_is_estimating_the_merged(answers in answers(), parts in 2..5_usize, level in 0.3..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let [mut merged, rest] = answers.dealt(parts).map(|part| Tallies::of(&part));
        merged.merge(&rest);
        let whole = Tallies::of(&answers);
        prop_assert_eq!(&merged, &whole);
        let [merged, whole] = [merged, whole].map(|tallies| Everything::of(&tallies, confidence));
        for (name, _, merged, whole) in merged.beside(&whole) {
            prop_assert_eq!(merged, whole, "{}", name);
        }
    }

    #[test]
    fn weights_of_1_change_nothing(answers in answers(), level in 0.3..0.99_f64) {
        let confidence = Confidence::new(level).unwrap();
        let all = Everything::of(&Tallies::of(&Answers { weights: [1; 4], ..answers }), confidence);
        let found = |name: &str| all.0.get(name).map(|(found, _)| found.clone());
        for &method in ShareMethod::ALL {
            prop_assert_eq!(found(&format!("weighted share, {}", WeightedShareMethod::EffectiveSize(method))), found(&format!("share, {method}")));
        }
        for method in [NetScoreMethod::AdjustedWald, NetScoreMethod::Wald] {
            prop_assert_eq!(found(&format!("weighted net score, {method}")), found(&format!("net score, {method}")));
        }
        let (weighted, plain) = (found("weighted mean"), found("mean"));
        prop_assert!(weighted.iter().zip(&plain).all(|(weighted, plain)| is_image(Image::Same, weighted, plain)), "{weighted:?} {plain:?}");
    }

    #[test]
    fn every_test_is_symmetric(answers in answers()) {
        let [tallies, swapped, turned] = [answers.clone(), answers.swapped(), answers.turned()].map(|answers| Tallies::of(&answers));
        check_opposite(&tests_of_groups(&tallies), &tests_of_groups(&swapped));
        check_opposite(&tests_of_groups(&tallies), &tests_of_groups(&turned));
        check_opposite(&tests_of_measures(&tallies), &tests_of_measures(&turned));
        let ([a, b], [c, d]) = (tallies.shares(), swapped.shares());
        let exact = [a.test_difference_exact(&b).unwrap(), c.test_difference_exact(&d).unwrap()].map(|test| test.p_value());
        prop_assert!(near(exact[0], exact[1]));
        for (one, other) in tests_of_measures(&tallies).values().zip(tests_of_measures(&swapped).values()) {
            for (one, other) in one.iter().flatten().zip(other.iter().flatten()) {
                prop_assert!(near(one.statistic(), other.statistic()) && near(one.p_value(), other.p_value()), "{one} {other}");
            }
        }
    }
}
