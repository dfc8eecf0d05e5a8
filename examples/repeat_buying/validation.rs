//! The models held against what was bought.

use std::fmt::Write;

use customer_metrics::Confidence;
use customer_metrics::repeat_buying::{
    CalibrationHoldout, FrequencyCell, NaiveRule, ParameterOrigin, PredictionAccuracy, TrackedPart, TrackingPoint,
};

use crate::input::Fault;
use crate::models::{Checked, LAST_CELL, Models};

pub fn print(out: &mut String, split: &CalibrationHoldout, models: &Models) -> Result<(), Fault> {
    tracking(out, models)?;
    frequencies(out, models)?;
    errors(out, split, models)?;
    let Some(best) = models.checked.first() else { return Ok(()) };
    conditional(out, best)?;
    deciles(out, best)
}

fn heads(models: &Models, width: usize) -> String {
    let heads = models.checked.iter().map(|checked| format!("{:>width$}", checked.kind));
    heads.collect::<Vec<_>>().concat()
}

fn tracking(out: &mut String, models: &Models) -> Result<(), Fault> {
    const QUARTER: usize = 13;
    writeln!(out, "\nTRACKING (repeat purchases of all customers until the end of a week; the models know only when customers came)\n")?;
    writeln!(out, "  {:<12} {:>10} {}", "week", "actual", heads(models, 12))?;
    let points = models.checked.first().map_or(&[][..], |checked| checked.tracking.points());
    let last = points.len().saturating_sub(1);
    let ends = |place: usize| points.get(place).zip(points.get(place + 1)).is_some_and(|(this, next)| this.part() != next.part());
    for (place, point) in points.iter().enumerate().filter(|(place, _)| (place + 1) % QUARTER == 0 || *place == last || ends(*place)) {
        write!(out, "  {:<12} {:>10} ", format!("{:.0}", point.time()), point.cumulative_actual())?;
        for checked in &models.checked {
            let expected = checked.tracking.points().get(place).map_or(0.0, TrackingPoint::cumulative_expected);
            write!(out, "{expected:>12.0}")?;
        }
        writeln!(out, "{}", if ends(place) { "  end of the calibration" } else { "" })?;
    }
    for (label, part) in [("mean error, calibration", TrackedPart::Calibration), ("mean error, holdout", TrackedPart::Holdout)] {
        write!(out, "  {label:<23} ")?;
        for checked in &models.checked {
            let error = checked.tracking.mean_absolute_percentage_error(part);
            write!(out, "{:>12}", error.map_or("-".to_owned(), |error| format!("{:.1}%", 100.0 * error)))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "  Mean error: how far the purchases so far were from those expected, on average over the ends of the weeks.")?;
    Ok(())
}

fn frequencies(out: &mut String, models: &Models) -> Result<(), Fault> {
    writeln!(out, "\nFREQUENCY (customers by repeat purchases in the calibration)\n")?;
    writeln!(out, "  {:<12} {:>10} {}", "purchases", "actual", heads(models, 12))?;
    let cells = models.checked.first().map_or(&[][..], |checked| checked.frequencies.cells());
    for (place, cell) in cells.iter().enumerate() {
        write!(out, "  {:<12} {:>10} ", label(cell), cell.actual())?;
        for checked in &models.checked {
            let expected = checked.frequencies.cells().get(place).map_or(0.0, FrequencyCell::expected);
            write!(out, "{expected:>12.1}")?;
        }
        writeln!(out)?;
    }
    for checked in &models.checked {
        let test = checked.frequencies.pooled(5.0)?.test(ParameterOrigin::TheseCustomers);
        let test = test.map_or_else(|undefined| undefined.to_string(), |test| format!("{test:.2}"));
        writeln!(out, "  {:<12} {test}", checked.kind)?;
    }
    writeln!(out, "  The p-values are somewhat too small: the models were fitted to every customer, not to these counts.")?;
    Ok(())
}

pub fn label(cell: &FrequencyCell) -> String {
    match cell.to() {
        Some(to) if to == cell.from() => to.to_string(),
        Some(to) => format!("{}-{to}", cell.from()),
        None => format!("{}+", cell.from()),
    }
}

fn errors(out: &mut String, split: &CalibrationHoldout, models: &Models) -> Result<(), Fault> {
    writeln!(out, "\nHOLDOUT (purchases of each customer in {:.1} weeks, predicted and actual)\n", split.holdout_periods())?;
    writeln!(out, "  {:<24} {:>10} {:>12} {:>18} {:>12}", "", "total", "mean error", "root mean square", "bias")?;
    let mut line = |name: &str, total: f64, error: PredictionAccuracy| {
        let (absolute, square, bias) = (error.mean_absolute, error.root_mean_square, error.bias);
        writeln!(out, "  {name:<24} {total:>10.0} {absolute:>12.3} {square:>18.3} {bias:>+12.3}")
    };
    for checked in &models.checked {
        line(&checked.kind.to_string(), checked.holdout.total_predicted(), checked.holdout.accuracy())?;
    }
    for rule in NaiveRule::ALL {
        let holdout = split.predicted_by_rule(rule)?;
        line(&rule.to_string(), holdout.total_predicted(), holdout.accuracy())?;
    }
    let actual = models.checked.first().map_or(0, |checked| checked.holdout.total_actual());
    writeln!(out, "  {:<24} {actual:>10}", "actual")?;
    writeln!(out, "  \"Nobody buys again\" has a small mean error because most do not: the square is least for who predicts the mean.")?;
    Ok(())
}

fn conditional(out: &mut String, best: &Checked) -> Result<(), Fault> {
    writeln!(out, "\n  {}: purchases in the holdout by those in the calibration\n", best.kind)?;
    writeln!(out, "  {:<12} {:>10} {:>10}   actual (95% interval)", "purchases", "customers", "predicted")?;
    for group in best.holdout.by_frequency(LAST_CELL)? {
        let (from, to) = group.frequencies();
        let frequency = if from == to && from < u64::from(LAST_CELL) { from.to_string() } else { format!("{from}+") };
        let actual = group.actual_estimate(Confidence::P95).map_or_else(
            |_| format!("{:.2}", group.mean_actual()),
            |estimate| format!("{:.2} ({:.2})", estimate.point(), estimate.interval()),
        );
        writeln!(out, "  {frequency:<12} {:>10} {:>10.2}   {actual}", group.customers(), group.mean_predicted())?;
    }
    Ok(())
}

fn deciles(out: &mut String, best: &Checked) -> Result<(), Fault> {
    writeln!(
        out,
        "\n  {}: purchases in the holdout by tenths of the customers, beginning with those of whom least was predicted\n",
        best.kind
    )?;
    writeln!(out, "  {:<12} {:>10} {:>10}   actual (95% interval)", "tenth", "customers", "predicted")?;
    for (tenth, group) in (1..).zip(best.holdout.by_prediction(10)?) {
        let actual = group.actual_estimate(Confidence::P95).map_or_else(
            |_| format!("{:.2}", group.mean_actual()),
            |estimate| format!("{:.2} ({:.2})", estimate.point(), estimate.interval()),
        );
        writeln!(out, "  {tenth:<12} {:>10} {:>10.2}   {actual}", group.customers(), group.mean_predicted())?;
    }
    Ok(())
}
