//! Money at risk, and what handling complaints better would keep.

use std::fmt::Write;

use customer_metrics::complaint::{Outcome, OutcomeMix, PublishedCurve, Recovery, RecoveryInputs, RecoveryModel, RetentionCurve};
use customer_metrics::{Confidence, Decimal, Proportion, Range};

use crate::complaints::{Complaints, Staying, is_complaints_only};
use crate::input::Fault;
use crate::orders::Base;

/// What the files do not say.
#[derive(Debug, Clone, Copy)]
pub struct Assumed {
    pub margin: Proportion,
    pub problem_rate: Proportion,
}

/// What one curve says that problems cost, and what moving all cases that there are to a better outcome would keep.
#[derive(Debug)]
pub struct Worth {
    pub model: RecoveryModel,
    pub hearing_more: Recovery,
    pub resolving_more: Recovery,
    pub resolving_faster: Recovery,
}

impl Worth {
    fn of(inputs: &RecoveryInputs) -> Result<Self, Fault> {
        let model = RecoveryModel::new(*inputs)?;
        Ok(Self {
            hearing_more: model.hearing_more(Proportion::ONE)?,
            resolving_more: model.resolving_more(Proportion::ONE)?,
            resolving_faster: model.resolving_faster(Proportion::ONE)?,
            model,
        })
    }
}

/// By our own curve with the uncertainty of its counts, and by the published ones for major and minor problems. `None` if the file has
/// no complaint, so that it is not known how complaints end.
pub fn worth(complaints: &Complaints, orders: &Base, assumed: Assumed) -> Result<Option<[Worth; 3]>, Fault> {
    let tally = &complaints.tally;
    let Ok(resolution_rate) = tally.resolution_rate() else { return Ok(None) };
    let (problem_rate, complaint_rate) = if is_complaints_only(tally) {
        // Such a file says nothing of the others. Published are one complaint in 25 (doc-000) to 69% (TARP 1979).
        let complain = Range::new(Proportion::from_percent(Decimal::from(4))?, Proportion::from_percent(Decimal::from(69))?)?;
        (Range::single(assumed.problem_rate), complain)
    } else {
        let problems = tally.problem_rate()?;
        let is_measured = problems.part() < problems.whole();
        let problem_rate = if is_measured { problems.to_proportion() } else { assumed.problem_rate };
        (Range::single(problem_rate), Range::single(tally.complaint_rate()?.to_proportion()))
    };
    let quick_rate = tally.quick_rate().map_or(Proportion::ZERO, |share| share.to_proportion());
    let inputs = |curve| RecoveryInputs {
        customers: orders.customers(),
        problem_rate,
        mix: OutcomeMix::new(complaint_rate, resolution_rate.to_proportion(), quick_rate),
        curve,
        lifetime_value: Range::single(orders.lifetime_value.total()),
        margin: Range::single(assumed.margin),
    };
    let ours = completed(&tally.curve()?.with_uncertainty(Confidence::P95))?;
    let [major, minor] = [PublishedCurve::MajorProblem, PublishedCurve::MinorProblem].map(PublishedCurve::curve);
    Ok(Some([Worth::of(&inputs(ours))?, Worth::of(&inputs(major))?, Worth::of(&inputs(minor))?]))
}

/// Steps that the records do not have are taken from the published curve; what needs them is not printed as ours.
fn completed(ours: &RetentionCurve) -> Result<RetentionCurve, Fault> {
    let published = PublishedCurve::MajorProblem.curve();
    let steps = Outcome::ALL.map(|outcome| Ok((outcome, ours.retention(outcome).or_else(|_| published.retention(outcome))?)));
    Ok(RetentionCurve::new(steps.into_iter().collect::<Result<Vec<_>, Fault>>()?)?)
}

pub fn print(out: &mut String, complaints: &Complaints, curve: &RetentionCurve, worth: Option<&[Worth; 3]>) -> Result<(), Fault> {
    writeln!(out, "\nMONEY AT RISK\n")?;
    let Some([ours, major, minor]) = worth else {
        writeln!(out, "  Not known: the file has no complaint, so it does not tell how complaints end.")?;
        return Ok(());
    };
    let inputs = ours.model.inputs();
    let (value, margin) = (inputs.lifetime_value, ours.model.customer_value());
    let published = is_complaints_only(&complaints.tally);
    let measured = !published && complaints.tally.problems() < complaints.tally.customers();
    let problems = if measured { "in the file" } else { "assumed, --problems" };
    let complain = if published { "published, one in 25 to TARP's 69%" } else { "in the file" };
    writeln!(out, "  {:<38} {}", "customers", inputs.customers)?;
    writeln!(out, "  {:<38} {value:.2}, of which margin {margin:.2} (assumed, --margin)", "value of one to come")?;
    writeln!(out, "  {:<38} {} ({problems})", "have a problem", inputs.problem_rate)?;
    writeln!(out, "  {:<38} {} ({complain})\n", "of those complain", inputs.mix.complaint_rate())?;
    if complaints.staying == Staying::Undisputed {
        writeln!(out, "  By our curve \"stayed\" means \"did not dispute the answer\": take it as the shape, not the size.\n")?;
    }
    writeln!(out, "  {:<38} {:>18} {:>18} {:>18}", "", "by our curve", "published (major)", "published (minor)")?;
    // What needs a step that our records do not have is not ours to say.
    let of_ours = |needs: &[Outcome]| needs.iter().all(|&outcome| curve.retention(outcome).is_ok()).then_some(ours);
    let all = of_ours(&Outcome::ALL);
    let lost = all.map(|worth| worth.model.lost()).transpose()?;
    row(out, "customers lost after a problem", [lost, Some(major.model.lost()?), Some(minor.model.lost()?)])?;
    let at_risk = all.map(|worth| worth.model.money_at_risk()).transpose()?;
    row(out, "money at risk", [at_risk, Some(major.model.money_at_risk()?), Some(minor.model.money_at_risk()?)])?;

    let complained = of_ours(&[Outcome::Unresolved, Outcome::Resolved, Outcome::ResolvedQuickly]);
    for (name, recoveries) in [
        (
            "the silent complained like the others",
            [all.map(|worth| &worth.hearing_more), Some(&major.hearing_more), Some(&minor.hearing_more)],
        ),
        (
            "the unresolved were resolved",
            [complained.map(|worth| &worth.resolving_more), Some(&major.resolving_more), Some(&minor.resolving_more)],
        ),
        (
            "slow resolutions were quick",
            [complained.map(|worth| &worth.resolving_faster), Some(&major.resolving_faster), Some(&minor.resolving_faster)],
        ),
    ] {
        let [.., by_published] = recoveries;
        writeln!(out, "\n  If {name} ({:.0} cases):", by_published.map_or(Range::single(Decimal::ZERO), |recovery| recovery.cases))?;
        row(out, "    a case may cost at most", recoveries.map(|recovery| recovery.map(|recovery| recovery.most_per_case)))?;
        row(out, "    customers kept", recoveries.map(|recovery| recovery.map(|recovery| recovery.customers_kept)))?;
        row(out, "    money kept", recoveries.map(|recovery| recovery.map(|recovery| recovery.money_kept)))?;
    }
    Ok(())
}

fn row(out: &mut String, name: &str, figures: [Option<Range<Decimal>>; 3]) -> Result<(), Fault> {
    let [ours, major, minor] = figures.map(|figure| figure.map_or("-".to_owned(), |range| format!("{range:.0}")));
    writeln!(out, "  {name:<38} {ours:>18} {major:>18} {minor:>18}")?;
    Ok(())
}
