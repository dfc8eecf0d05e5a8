//! What-if: how much money does resolving complaints faster keep?
//!
//! `cargo run --release --example resolution_speed`. Put your own numbers in.

use customer_metrics::churn::{ProgrammeDesign, RetentionProgramme};
use customer_metrics::complaint::{Outcome, OutcomeMix, RecoveryInputs, RecoveryModel, RetentionCurve};
use customer_metrics::{Confidence, Decimal, MinorUnit, Proportion, Range, Result, Share};

fn main() -> std::process::ExitCode {
    match print() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn print() -> Result<()> {
    // Of how many customers whose problem ended like this did how many stay?
    let curve = RetentionCurve::new([
        (Outcome::Silent, Share::new(210, 600)?.into()),
        (Outcome::Unresolved, Share::new(66, 150)?.into()),
        (Outcome::Resolved, Share::new(290, 420)?.into()),
        (Outcome::ResolvedQuickly, Share::new(255, 300)?.into()),
    ])?;
    let model = RecoveryModel::new(RecoveryInputs {
        customers: 50_000,
        problem_rate: Range::new(percent(15)?, percent(20)?)?,
        mix: OutcomeMix::from_counts([600, 150, 420, 300])?,
        curve: curve.with_uncertainty(Confidence::P90),
        lifetime_value: Range::single(Decimal::from(1_200)),
        margin: percent(30)?.into(),
    })?;
    println!("customers lost after a problem: {}", model.lost()?.round(0));
    println!("money at risk:                  {}", model.money_at_risk()?.round(0));

    println!("\n{:>11} {:>16} {:>16} {:>22} {:>18}", "slow cases", "cases moved", "customers kept", "money kept", "most per case");
    for share in [10, 25, 50, 100] {
        let faster = model.resolving_faster(percent(share)?)?;
        let (cases, kept, money) = (faster.cases.round(0), faster.customers_kept.round(0), faster.money_kept.round(0));
        println!("{share:>10}% {cases:>16} {kept:>16} {money:>22} {:>18}", faster.most_per_case.round(2));
    }
    let half = model.resolving_faster(percent(50)?)?;
    println!("\nfor half of them, at 25 a case, the net gain is {}", half.net(Decimal::from(25))?.round(0));
    println!("winning as many new customers at 150 each would cost {}", half.replacement_cost(Decimal::from(150))?.round(0));
    trial()
}

/// Whether quick ones stay because they are quick only a trial shows: a lot decides whose complaint goes first.
fn trial() -> Result<()> {
    // 30% of 1,200, at 25 a case.
    let value = Decimal::from(360);
    let plan = RetentionProgramme::break_even_plan(percent(69)?, Decimal::from(25), value, Confidence::P90)?;
    println!("\na trial that would see whether 25 a case pays needs {} cases in each group", plan.sample_size(0.8)?);

    // How it came out.
    let (first, as_before) = (Share::new(423, 540)?, Share::new(371, 540)?);
    let programme = RetentionProgramme { design: ProgrammeDesign::RandomControl, without: as_before, with: first };
    println!("of those whose complaint went first {first} stayed, of the others {as_before}");
    println!("stayed because of it:           {:.3}", programme.effect(Confidence::P90));
    let case = programme.business_case(540, value, Decimal::from(540 * 25), MinorUnit::WHOLE, Confidence::P90)?;
    println!("worth to keep them:             {:.0}", case.money_kept);
    println!("less what it cost:              {:.0}", case.net);
    println!("for each unit spent:            {:.2}", case.return_on_investment()?);
    Ok(())
}

fn percent(value: i64) -> Result<Proportion> {
    Proportion::from_percent(Decimal::from(value))
}
