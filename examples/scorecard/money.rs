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
    Ok([Worth::of(&inputs(completed(&ours)?))?, Worth::of(&inputs(PublishedCurve::MajorProblem.curve()))?])
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
    // What needs a step that our records do not have is not ours to say.
    let of_ours = |needs: &[Outcome]| needs.iter().all(|&outcome| curve.retention(outcome).is_ok()).then_some(&ours);
    let row = |name: &str, ours: Option<Range<Decimal>>, published: Range<Decimal>| {
        let ours = ours.map_or("-".to_owned(), |range| range.round(0).to_string());
        println!("  {name:<38} {ours:>20} {:>20}", published.round(0));
    };
    let all = of_ours(&Outcome::ALL);
    row("customers lost after a problem", all.map(|worth| worth.model.lost()).transpose()?, published.model.lost()?);
    row("money at risk", all.map(|worth| worth.model.money_at_risk()).transpose()?, published.model.money_at_risk()?);

    let complained = of_ours(&[Outcome::Unresolved, Outcome::Resolved, Outcome::ResolvedQuickly]);
    for (name, ours, published) in [
        ("the silent complained like the others", all.map(|worth| &worth.hearing_more), &published.hearing_more),
        ("the unresolved were resolved", complained.map(|worth| &worth.resolving_more), &published.resolving_more),
        ("slow resolutions were quick", complained.map(|worth| &worth.resolving_faster), &published.resolving_faster),
    ] {
        println!("\n  If {name} ({} cases):", published.cases.round(0));
        row("    worth at most, per case", ours.map(|recovery| recovery.most_per_case), published.most_per_case);
        row("    customers kept, if all are moved", ours.map(|recovery| recovery.customers_kept), published.customers_kept);
        row("    money kept, if all are moved", ours.map(|recovery| recovery.money_kept), published.money_kept);
    }
    Ok(())
}
