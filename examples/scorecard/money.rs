//! Money at risk, and what handling complaints better would keep.

use customer_metrics::complaint::{Outcome, OutcomeMix, PublishedCurve, Recovery, RecoveryInputs, RecoveryModel, RetentionCurve};
use customer_metrics::{Confidence, Decimal, Proportion, Range};

use crate::complaints::Complaints;
use crate::input::Fault;
use crate::orders::Base;
use crate::whole;

/// What the files do not say.
#[derive(Debug, Clone, Copy)]
pub struct Assumed {
    pub years: Decimal,
    pub margin: Proportion,
    pub problem_rate: Proportion,
}

/// What one curve says that problems cost and better handling keeps.
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
        let half = Proportion::from_percent(Decimal::from(50))?;
        Ok(Self {
            hearing_more: model.hearing_more(half)?,
            resolving_more: model.resolving_more(half)?,
            resolving_faster: model.resolving_faster(Proportion::ONE)?,
            model,
        })
    }
}

/// By our own curve with the uncertainty of its counts, and by the published one.
pub fn worth(complaints: &Complaints, orders: &Base, assumed: Assumed) -> Result<[Worth; 2], Fault> {
    let tally = &complaints.tally;
    let problem_rate = match tally.problem_rate() {
        Ok(measured) if measured.part() < measured.whole() => Range::single(measured.to_proportion()),
        _ => Range::single(assumed.problem_rate),
    };
    // A file of complaints alone says nothing of the silent. "Fewer than half complain" is what is published of them.
    let complaint_rate = match tally.complaint_rate()? {
        measured if measured.part() < measured.whole() => Range::single(measured.to_proportion()),
        _ => Range::new(Proportion::ZERO, Proportion::from_percent(Decimal::from(50))?)?,
    };
    let quick_rate = tally.quick_rate().map_or(Proportion::ZERO, |share| share.to_proportion());
    let mix = OutcomeMix::new(complaint_rate, tally.resolution_rate()?.to_proportion(), quick_rate);
    let inputs = |curve| RecoveryInputs {
        customers: orders.customers(),
        problem_rate,
        mix,
        curve,
        lifetime_value: Range::single(orders.lifetime_value(assumed.years).and_then(|value| Ok(value.total()?)).unwrap_or_default()),
        margin: Range::single(assumed.margin),
    };
    let ours = tally.curve()?.with_uncertainty(Confidence::P95);
    Ok([Worth::of(inputs(completed(&ours)?))?, Worth::of(inputs(PublishedCurve::MajorProblem.curve()))?])
}

/// Steps that the records do not have, such as the silent in a file of complaints, are taken from the published curve.
fn completed(ours: &RetentionCurve) -> Result<RetentionCurve, Fault> {
    let published = PublishedCurve::MajorProblem.curve();
    let steps = Outcome::ALL.map(|outcome| Ok((outcome, ours.retention(outcome).or_else(|_| published.retention(outcome))?)));
    Ok(RetentionCurve::new(steps.into_iter().collect::<Result<Vec<_>, Fault>>()?)?)
}

pub fn print(complaints: &Complaints, orders: &Base, assumed: Assumed) -> Result<(), Fault> {
    let [ours, published] = worth(complaints, orders, assumed)?;
    let inputs = ours.model.inputs();
    println!("\nMONEY AT RISK\n");
    println!(
        "  {} customers, {} with a problem, {} of whom complain; {} of orders each in {} years, {} of it margin.",
        inputs.customers,
        inputs.problem_rate,
        inputs.mix.complaint_rate(),
        inputs.lifetime_value.round(2),
        assumed.years,
        assumed.margin,
    );
    println!("  Steps that the file does not have are taken from the published curve (major problem).\n");
    println!("  {:<44} {:>20} {:>20}", "", "by our curve", "by the published");
    let row = |name: &str, of: &dyn Fn(&Worth) -> Result<Range<Decimal>, customer_metrics::Error>| -> Result<(), Fault> {
        println!("  {name:<44} {:>20} {:>20}", whole(of(&ours)?), whole(of(&published)?));
        Ok(())
    };
    row("customers lost after a problem", &|worth| worth.model.lost())?;
    row("money at risk", &|worth| worth.model.money_at_risk())?;
    let levers: [(&str, fn(&Worth) -> &Recovery); 3] = [
        ("if half of the silent complained", |worth| &worth.hearing_more),
        ("if half of the unresolved were resolved", |worth| &worth.resolving_more),
        ("if all slow resolutions were quick", |worth| &worth.resolving_faster),
    ];
    for (name, lever) in levers {
        println!("\n  {name}");
        row("    cases moved", &|worth| Ok(lever(worth).cases))?;
        row("    customers kept", &|worth| Ok(lever(worth).customers_kept))?;
        row("    money kept", &|worth| Ok(lever(worth).money_kept))?;
        row("    the most that a case may cost", &|worth| Ok(lever(worth).most_per_case))?;
    }
    Ok(())
}
