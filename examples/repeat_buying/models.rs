//! Models fitted to the calibration, each with everything that it is held against.

use std::fmt;

use customer_metrics::Result;
use customer_metrics::repeat_buying::{
    BgNbd, CalibrationHoldout, Candidate, FrequencyFit, HoldoutPrediction, InformationCriterion, MbgNbd, ModelComparison, ParetoNbd,
    PurchaseHistory, PurchaseTable, PurchaseTrack, Tracking, TransactionModel,
};

use crate::orders::WEEK;

/// Customers with so many repeat purchases or more are told as one group.
pub const LAST_CELL: u32 = 7;

/// A kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BetaGeometric,
    ModifiedBetaGeometric,
    Pareto,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::BetaGeometric, Self::ModifiedBetaGeometric, Self::Pareto];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BetaGeometric => "BG/NBD",
            Self::ModifiedBetaGeometric => "MBG/NBD",
            Self::Pareto => "Pareto/NBD",
        })
    }
}

/// A fitted model and what it says of the data.
#[derive(Debug)]
pub struct Checked {
    pub kind: Kind,
    /// Name, value and standard error.
    pub parameters: Vec<(&'static str, f64, Option<f64>)>,
    pub candidate: Candidate,
    pub bic: f64,
    pub tracking: Tracking,
    pub frequencies: FrequencyFit,
    pub holdout: HoldoutPrediction,
    /// Expected purchases in the holdout of a customer who has been watched for all of the calibration.
    pub map: Vec<MapCell>,
}

/// Customers of a frequency and a recency.
#[derive(Debug, Clone, Copy)]
pub struct MapCell {
    pub frequency: u32,
    /// From and to.
    pub recency: (f64, f64),
    pub purchases: f64,
}

/// The models, the best by AIC first.
#[derive(Debug)]
pub struct Models {
    pub checked: Vec<Checked>,
    pub comparison: ModelComparison,
}

impl Models {
    pub fn of(split: &CalibrationHoldout, track: &PurchaseTrack) -> Result<Self> {
        let table = split.calibration().table();
        let data = Data { split, track, table: &table };
        let check = |kind| match kind {
            Kind::BetaGeometric => data.check::<BgNbd>(kind),
            Kind::ModifiedBetaGeometric => data.check::<MbgNbd>(kind),
            Kind::Pareto => data.check::<ParetoNbd>(kind),
        };
        let mut checked = Kind::ALL.into_iter().map(check).collect::<Result<Vec<_>>>()?;
        let candidates = checked.iter().map(|checked| checked.candidate.clone());
        let comparison = ModelComparison::new(candidates, InformationCriterion::Akaike)?;
        let place = |name: &str| comparison.models().iter().position(|model| model.candidate().name() == name);
        checked.sort_by_key(|checked| place(checked.candidate.name()));
        Ok(Self { checked, comparison })
    }
}

struct Data<'a> {
    split: &'a CalibrationHoldout,
    track: &'a PurchaseTrack,
    table: &'a PurchaseTable,
}

impl Data<'_> {
    fn check<M: TransactionModel>(&self, kind: Kind) -> Result<Checked> {
        let fit = M::fit(self.table)?;
        let model = fit.model();
        let (parameters, errors) = (model.parameters(), fit.standard_errors());
        let values = M::PARAMETER_NAMES.iter().zip(&parameters).enumerate();
        let error = |place: usize| errors.as_ref().and_then(|errors| errors.as_ref().get(place).copied());
        Ok(Checked {
            kind,
            parameters: values.map(|(place, (name, value))| (*name, *value, error(place))).collect(),
            candidate: Candidate::new(kind.to_string(), &fit),
            bic: fit.bic(),
            tracking: self.track.tracking(model, self.split.calibration().periods(), WEEK)?,
            frequencies: FrequencyFit::new(model, self.table, LAST_CELL)?,
            holdout: self.split.predicted_by(model, self.split.calibration().periods())?,
            map: self.map(model)?,
        })
    }

    /// By weeks of recency, or longer stretches where the calibration is long, and by frequency.
    fn map<M: TransactionModel>(&self, model: &M) -> Result<Vec<MapCell>> {
        const MOST_STRETCHES: f64 = 40.0;
        const HIGHEST: u32 = 15;
        let age = self.table.iter().map(|(history, _)| history.age()).fold(0.0, f64::max);
        let stretch = (age / MOST_STRETCHES).ceil().max(1.0);
        let mut cells = Vec::new();
        for frequency in 0..=HIGHEST {
            let starts = std::iter::successors(Some(0.0), |start| Some(start + stretch)).take_while(|start| *start < age);
            for start in starts.take(if frequency == 0 { 1 } else { usize::MAX }) {
                let end = (start + stretch).min(age);
                let recency = if frequency == 0 { 0.0 } else { f64::midpoint(start, end) };
                let history = PurchaseHistory::new(frequency.into(), recency, age)?;
                let purchases = model.expected_purchases(&history, self.split.holdout_periods())?;
                cells.push(MapCell { frequency, recency: (start, end), purchases });
            }
        }
        Ok(cells)
    }
}
