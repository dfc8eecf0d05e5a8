//! The search for the likeliest model: from every kind of start to its end, and the best of the ends.

use super::eigen::Matrix;
use super::fit::Found;
use super::fit_options::Penalised;
use super::maximum::{Ending, Maximum, Objective, Terrain, climb_to_another};
use super::openings::Openings;
use super::{Fit, FitOptions, FitStatus, Model, Penalty};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};

/// The logarithm of 1e100, less what a parameter may move.
const FARTHEST_SCALE: f64 = 180.0;

/// What an end may lack of the best in a part of the customers to be the best of all of them.
const MAY_LACK: f64 = 6.0;

/// So many ends of a part are climbed on with all customers at most.
const MOST_CONTINUED: usize = 3;

/// Two ends of ridges that are as likely as this are taken for the same.
const SAME: f64 = 1e-3;

/// What a model is fitted to, and where the search may begin.
pub(super) struct Search<'a, O, const N: usize> {
    pub(super) objective: &'a O,
    /// An even part of a large sample, in which the starts are climbed at little cost.
    pub(super) part: Option<&'a O>,
    /// A smaller one, by which the starts of a group are ranked.
    pub(super) rough: Option<&'a O>,
    /// Parameters that the data suggest, in groups that may lead to different maxima; the likeliest of each group is climbed.
    pub(super) starts: &'a [Vec<[f64; N]>],
    /// What one unit of the data makes of each parameter, so that another unit leads to the same place.
    pub(super) scale: [f64; N],
    pub(super) n: u64,
}

/// A start in logarithms, and the end of its climb.
type Climb<const N: usize> = ([f64; N], Maximum<N>);

impl<O: Objective<N>, const N: usize> Search<'_, O, N> {
    /// The likeliest model.
    pub(super) fn fit<M>(&self, options: &FitOptions<M>) -> Result<Fit<M>>
    where
        M: Model<Parameters = [f64; N], Covariance = Matrix<N>>,
    {
        let penalty = options.penalty();
        let whole = Penalised { objective: self.objective, penalty, n: count_to_f64(self.n) };
        let part = Penalised { objective: self.part.unwrap_or(self.objective), ..whole };
        let rough = Penalised { objective: self.rough.unwrap_or(part.objective), ..whole };
        let starts: Vec<[f64; N]> = match options.start() {
            Some(model) => vec![logarithms(&model.parameters())],
            None => self.starts.iter().filter_map(|group| likeliest(&rough, group)).collect(),
        };
        // Far enough from the ends of what a parameter may be.
        let centre = self.scale.map(|scale| scale.ln().clamp(-FARTHEST_SCALE, FARTHEST_SCALE));
        let terrain = Terrain::new(centre, whole.n);
        let mut ends = ends_of(&part, starts.into_iter().map(|start| (start, start, 0)), &terrain);
        if self.part.is_some() {
            // Where the part has no maximum, the whole may have one, and is climbed from the start again.
            let continued = worth_continuing(&ends, &terrain).into_iter().map(|(start, end)| {
                let from = if matches!(end.ending, Ending::Peak(_)) { end.at } else { start };
                (start, from, end.steps)
            });
            ends = ends_of(&whole, continued, &terrain);
        }
        let best = ends.into_iter().map(|(_, end)| end).reduce(|best, end| if terrain.is_better(&end, &best) { end } else { best });
        let Some(mut maximum) = best else {
            return Err(Error::Undefined { metric: "fit", because: "there is no start" });
        };
        let status = match maximum.ending {
            Ending::Peak(_) => FitStatus::Converged,
            Ending::Stopped => FitStatus::NotConverged,
            Ending::Open => {
                let openings = Openings::of(&whole, &terrain, &maximum);
                maximum = openings.on_the_way(&whole, &terrain, maximum);
                FitStatus::without_maximum::<M, N>(&openings)
            }
        };
        let log_likelihood = match penalty {
            Penalty::None => maximum.curvature.value,
            Penalty::SquaredParameters { .. } => self.objective.curvature(&maximum.at).value,
        };
        Found { maximum: &maximum, status, penalty, n: self.n, log_likelihood }.into_fit()
    }
}

/// Where climbs end that do not lead to an end of those before. Each begins at a place of a path with so many steps so far.
fn ends_of<const N: usize>(
    objective: &impl Objective<N>,
    paths: impl Iterator<Item = ([f64; N], [f64; N], u32)>,
    terrain: &Terrain<N>,
) -> Vec<Climb<N>> {
    let (mut climbs, mut ends) = (Vec::new(), Vec::new());
    for (start, from, before) in paths {
        if let Some(mut end) = climb_to_another(objective, from, terrain, &ends) {
            end.steps = end.steps.saturating_add(before);
            ends.push(end);
            climbs.push((start, end));
        }
    }
    climbs
}

/// The ends in a part of the customers that may be the best of all, the likeliest first.
fn worth_continuing<const N: usize>(climbs: &[Climb<N>], terrain: &Terrain<N>) -> Vec<Climb<N>> {
    let mut left = climbs.to_vec();
    let mut chosen: Vec<Climb<N>> = Vec::new();
    while chosen.len() < MOST_CONTINUED {
        let Some(best) = left.iter().copied().reduce(|best, climb| if terrain.is_better(&climb.1, &best.1) { climb } else { best }) else {
            break;
        };
        let value = best.1.curvature.value;
        if chosen.first().is_some_and(|(_, first)| value < first.curvature.value - MAY_LACK) {
            break;
        }
        left.retain(|(_, end)| (end.curvature.value - value).abs() > SAME);
        chosen.push(best);
    }
    chosen
}

fn logarithms<const N: usize>(parameters: &[f64; N]) -> [f64; N] {
    parameters.map(f64::ln)
}

/// The logarithms of the likeliest of some starts.
fn likeliest<O: Objective<N>, const N: usize>(objective: &O, starts: &[[f64; N]]) -> Option<[f64; N]> {
    let ranked = starts.iter().map(logarithms).map(|start| {
        let value = objective.curvature(&start).value;
        (if value.is_finite() { value } else { f64::NEG_INFINITY }, start)
    });
    ranked.max_by(|(left, _), (right, _)| left.total_cmp(right)).map(|(_, start)| start)
}
