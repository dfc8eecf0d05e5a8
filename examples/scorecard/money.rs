//! Money at risk, and what handling complaints better would keep.

use customer_metrics::complaint::{Outcome, OutcomeMix, PublishedCurve, Recovery, RecoveryInputs, RecoveryModel, RetentionCurve};
use customer_metrics::{Confidence, Decimal, Proportion, Range};

use crate::complaints::{Complaints, Staying};
use crate::input::Fault;
use crate::orders::Base;

/// What the files do not say.
#[derive(Debug, Clone, Copy)]
pub struct Assumed {
    pub years: Decimal,
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
    fn of(inputs: RecoveryInputs) -> Result<Self, Fault> {
        let model = RecoveryModel::new(inputs)?;
        Ok(Self {
            hearing_more: model.hearing_more(Proportion::ONE)?,
            resolving_more: model.resolving_more(Proportion::ONE)?,
            resolving_faster: model.resolving_faster(Proportion::ONE)?,
            model,
        })
    }
}

/// By our own curve with the uncertainty of its counts, and by the published one.
pub fn worth(complaints: &Complaints, orders: &Base, assumed: Assumed) -> Result<[Worth; 2], Fault> {
    let tally = &complaints.tally;
    let problem_rate = match tally.problem_rate()? {
        measured if measured.part() < measured.whole() => Range::single(measured.to_proportion()),
        _ => Range::single(assumed.problem_rate),
    };
    // A file of complaints alone says nothing of the silent. Published are one complaint in 25 (doc-000) and fewer than half (doc-003).
    let complaint_rate = match tally.complaint_rate()? {
        measured if measured.part() < measured.whole() => Range::single(measured.to_proportion()),
        _ => Range::new(Proportion::from_percent(Decimal::from(4))?, Proportion::from_percent(Decimal::from(50))?)?,
    };
    let quick_rate = tally.quick_rate().map_or(Proportion::ZERO, |share| share.to_proportion());
    let mix = OutcomeMix::new(complaint_rate, tally.resolution_rate()?.to_proportion(), quick_rate);
    let lifetime_value = Range::single(orders.lifetime_value(assumed.years)?.total());
    let inputs = |curve| RecoveryInputs {
        customers: orders.customers(),
        problem_rate,
        mix,
        curve,
        lifetime_value,
        margin: Range::single(assumed.margin),
    };
    let ours = tally.curve()?.with_uncertainty(Confidence::P95);
    Ok([Worth::of(inputs(completed(&ours)?))?, Worth::of(inputs(PublishedCurve::MajorProblem.curve()))?])
}

/// Steps that the records do not have are taken from the published curve; what needs them is not printed as ours.
fn completed(ours: &RetentionCurve) -> Result<RetentionCurve, Fault> {
    let published = PublishedCurve::MajorProblem.curve();
    let steps = Outcome::ALL.map(|outcome| Ok((outcome, ours.retention(outcome).or_else(|_| published.retention(outcome))?)));
    Ok(RetentionCurve::new(steps.into_iter().collect::<Result<Vec<_>, Fault>>()?)?)
}

pub fn print(complaints: &Complaints, curve: &RetentionCurve, orders: &Base, assumed: Assumed) -> Result<(), Fault> {
    let [ours, published] = worth(complaints, orders, assumed)?;
    let inputs = ours.model.inputs();
    let (problem, complain) = (inputs.problem_rate, inputs.mix.complaint_rate());
    let (value, margin) = (inputs.lifetime_value.round(2), ours.model.customer_value().round(2));
    println!("\nMONEY AT RISK\n");
    println!(
        "  {} customers worth {value:.2} each in {} years, {margin:.2} of it margin ({}).",
        inputs.customers, assumed.years, assumed.margin
    );
    println!("  {problem} of them have a problem, and {complain} of those complain.\n");
    if complaints.staying == Staying::Undisputed {
        println!("  By our curve \"stayed\" means \"did not dispute the answer\": take it as the shape, not the size.\n");
    }
    println!("  {:<38} {:>20} {:>20}", "", "by our curve", "by the published");
    let row = |name: &str, needs: &[Outcome], of: &dyn Fn(&Worth) -> customer_metrics::Result<Range<Decimal>>| -> Result<(), Fault> {
        let is_ours = needs.iter().all(|&outcome| curve.retention(outcome).is_ok());
        let ours = if is_ours { of(&ours)?.round(0).to_string() } else { "-".to_owned() };
        println!("  {name:<38} {ours:>20} {:>20}", of(&published)?.round(0));
        Ok(())
    };
    row("customers lost after a problem", &Outcome::ALL, &|worth| worth.model.lost())?;
    row("money at risk", &Outcome::ALL, &|worth| worth.model.money_at_risk())?;
    let levers: [(&str, &[Outcome], fn(&Worth) -> &Recovery); 3] = [
        ("the silent complain like the others", &Outcome::ALL, |worth| &worth.hearing_more),
        ("the unresolved are resolved", &[Outcome::Unresolved, Outcome::Resolved, Outcome::ResolvedQuickly], |worth| &worth.resolving_more),
        ("slow resolutions become quick", &[Outcome::Resolved, Outcome::ResolvedQuickly], |worth| &worth.resolving_faster),
    ];
    for (name, needs, lever) in levers {
        println!("\n  If {name} ({} cases):", lever(&published).cases.round(0));
        row("    worth at most, per case", needs, &|worth| Ok(lever(worth).most_per_case))?;
        row("    customers kept, if all are moved", needs, &|worth| Ok(lever(worth).customers_kept))?;
        row("    money kept, if all are moved", needs, &|worth| Ok(lever(worth).money_kept))?;
    }
    Ok(())
}
