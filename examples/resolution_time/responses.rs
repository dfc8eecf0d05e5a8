//! A download of the Consumer Complaint Database.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use customer_metrics::complaint::{Fate, Wait};
use customer_metrics::estimate::ContingencyTable;
use customer_metrics::{Confidence, Share, Tally as _};
use jiff::civil::Date;

use crate::DAY;
use crate::complaints::Complaints;
use crate::input::{Fault, Table, fate};

pub fn read(table: &Table, out: &mut String) -> Result<Complaints, Fault> {
    writeln!(out, "The database does not know who stayed. \"Stayed\" is who did not dispute the answer; the time is until the complaint")?;
    writeln!(out, "was sent on to the company, for it does not know when the answer came.\n")?;
    let date = |text: &str| Date::strptime("%m/%d/%Y", text).ok();
    let received = table.column(&["date received"])?.parse("a date such as 7/29/2013", date)?;
    let sent = table.column(&["date sent to company"])?.parse("a date such as 7/29/2013", date)?;
    let disputed = table.column(&["consumer disputed?"])?.parse("Yes, No or empty", fate)?;
    by_response(table, &disputed, out)?;
    let (mut complaints, mut backwards) = (Complaints::default(), 0_u32);
    for ((received, sent), disputed) in received.into_iter().zip(sent).zip(disputed) {
        let fate = match disputed {
            Fate::Stayed => Fate::Left,
            Fate::Left => Fate::Stayed,
            Fate::Unknown => Fate::Unknown,
        };
        match u32::try_from((sent - received).get_days()) {
            Ok(days) => {
                complaints.resolved.record((DAY.saturating_mul(days), fate))?;
                complaints.waits.push(Wait::Over(DAY.saturating_mul(days)));
            }
            Err(_) => backwards = backwards.saturating_add(1),
        }
    }
    if backwards > 0 {
        writeln!(out, "{backwards} complaints were sent on before they were received, says the file; they are left out.\n")?;
    }
    Ok(complaints)
}

/// Who did not dispute the answer, by the kind of answer. Who is not known to have done either is left out.
fn by_response(table: &Table, disputed: &[Fate], out: &mut String) -> Result<(), Fault> {
    let responses = table.column(&["company response to consumer"])?.names()?;
    let mut kinds: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (response, disputed) in responses.into_iter().zip(disputed) {
        let [undisputed, of_them] = kinds.entry(response).or_default();
        let known = u64::from(*disputed != Fate::Unknown);
        *of_them = of_them.saturating_add(known);
        *undisputed = undisputed.saturating_add(u64::from(*disputed == Fate::Left));
    }
    let shares = kinds.into_iter().filter_map(|(kind, [undisputed, known])| Some((kind, Share::new(undisputed, known).ok()?)));
    let (names, shares): (Vec<&str>, Vec<Share>) = shares.unzip();
    writeln!(out, "Not disputed, by the kind of answer (95% Wilson intervals)")?;
    for (name, share) in names.into_iter().zip(&shares) {
        let interval = share.interval(Confidence::P95);
        let [low, high] = [interval.low(), interval.high()].map(|end| 100.0 * end);
        writeln!(out, "  {name:<34} {:>24}   {low:>5.1}% to {high:>5.1}%", share.to_string())?;
    }
    match ContingencyTable::from_shares(&shares) {
        Ok(table) => writeln!(out, "  all alike?  {:.1}\n", table.test())?,
        Err(undefined) => writeln!(out, "  {undefined}\n")?,
    }
    Ok(())
}
