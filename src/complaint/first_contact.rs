//! First contact resolution under the definitions of the field.

use core::fmt;

use crate::error::{Error, Result};
use crate::share::Share;
use crate::tally::{Decoder, Encoder, Kind, Tally, len};

/// What counts as resolved at the first contact, and of which cases.
///
/// | definition | counted | of |
/// |---|---|---|
/// | [`Gross`](Self::Gross) | solved, no further message from the customer, not reopened | all cases |
/// | [`Net`](Self::Net) | the same | the cases that could be resolved at the first contact |
/// | [`NoFurtherContact`](Self::NoFurtherContact) | solved, no further message from the customer | solved cases |
/// | [`OneTouch`](Self::OneTouch) | solved with one public reply of an agent at most | solved cases |
///
/// The last two are what ticket systems can see by themselves. Neither asks whether the customer came back, so both flatter a team that closes
/// early; the first two need the reopened cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FirstContactDefinition {
    /// Of all cases, open ones too. The default, and the one most contact centres report.
    ///
    /// Source: SQM Group, whose example is 280 of 400 calls, 70%.
    #[default]
    Gross,
    /// Of the cases that could be resolved at the first contact: without those that need a visit, a part or another department.
    ///
    /// Source: SQM Group, ICMI; the two call it net.
    Net,
    /// Freshservice: however many replies the agent sent, the customer wrote once.
    ///
    /// Source: Freshservice, "How do you calculate FCR%?"
    NoFurtherContact,
    /// Zendesk: one reply of an agent, or none, solved it.
    ///
    /// Source: Zendesk, the metric "one-touch tickets".
    OneTouch,
}

impl fmt::Display for FirstContactDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gross => "gross",
            Self::Net => "net",
            Self::NoFurtherContact => "no further contact",
            Self::OneTouch => "one touch",
        })
    }
}

/// One case, as far as first contact resolution goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct HandledCase {
    /// Whether it is solved.
    pub state: CaseState,
    /// Whether the first contact could have resolved it.
    pub resolvable: Resolvable,
    /// How often agents replied in public.
    pub agent_replies: u32,
    /// How often the customer wrote or called about it after the first time.
    pub further_messages: u32,
    /// How often it was opened again after it had been solved.
    pub reopens: u32,
}

/// Whether a case is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum CaseState {
    /// It is.
    Solved,
    /// Not yet.
    Open,
}

/// Whether the first contact could have resolved a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Resolvable {
    /// It could.
    AtFirstContact,
    /// It could not: a visit, a part or somebody else was needed.
    Later,
}

/// Cases counted by what the definitions of first contact resolution ask.
///
/// ```
/// use customer_metrics::{Confidence, Tally};
/// use customer_metrics::complaint::{CaseState, FirstContactDefinition, FirstContactTally, HandledCase, Resolvable};
///
/// let at_once =
///     HandledCase { state: CaseState::Solved, resolvable: Resolvable::AtFirstContact, agent_replies: 1, further_messages: 0, reopens: 0 };
/// let mut tally = FirstContactTally::default();
/// tally.extend([
///     at_once,
///     at_once,
///     HandledCase { agent_replies: 2, ..at_once },
///     HandledCase { reopens: 1, ..at_once },
///     HandledCase { resolvable: Resolvable::Later, further_messages: 3, ..at_once },
///     HandledCase { state: CaseState::Open, ..at_once },
/// ])?;
///
/// let rate = |definition| tally.rate(definition).map(|share| share.to_string());
/// assert_eq!(rate(FirstContactDefinition::Gross)?, "3 of 6 (50.0%)");
/// assert_eq!(rate(FirstContactDefinition::Net)?, "3 of 5 (60.0%)");
/// assert_eq!(rate(FirstContactDefinition::NoFurtherContact)?, "4 of 5 (80.0%)");
/// assert_eq!(rate(FirstContactDefinition::OneTouch)?, "4 of 5 (80.0%)");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<CountedCases>", into = "Vec<CountedCases>")
)]
pub struct FirstContactTally {
    /// By the answers to the five questions of [`answers`].
    counts: [u64; 32],
    cases: u64,
}

/// Solved, resolvable at the first contact, one touch at most, no further message, never reopened.
type Answers = [bool; 5];

fn answers(case: &HandledCase) -> Answers {
    [
        case.state == CaseState::Solved,
        case.resolvable == Resolvable::AtFirstContact,
        case.agent_replies <= 1,
        case.further_messages == 0,
        case.reopens == 0,
    ]
}

/// The place of a case among the counts: its answers as binary digits.
fn place(answers: Answers) -> usize {
    answers.into_iter().fold(0_usize, |place, answer| place.wrapping_shl(1) | usize::from(answer))
}

impl FirstContactTally {
    /// Records `count` such cases.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the cases exceed 64 bits.
    pub fn record_count(&mut self, case: HandledCase, count: u64) -> Result<()> {
        let cases = self.cases.checked_add(count).ok_or_else(|| Error::count_overflow("cases"))?;
        if let Some(slot) = self.counts.get_mut(place(answers(&case))) {
            *slot = slot.saturating_add(count);
            self.cases = cases;
        }
        Ok(())
    }

    /// How many cases were recorded.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.cases
    }

    /// The share of cases resolved at the first contact, by this definition.
    ///
    /// # Errors
    /// [`Error::Undefined`] if there is no case of the kind that it is a share of.
    pub fn rate(&self, definition: FirstContactDefinition) -> Result<Share> {
        let first = |[solved, _, _, quiet, kept]: Answers| solved && quiet && kept;
        let counts = |answers: Answers| {
            let [solved, resolvable, one_touch, quiet, _] = answers;
            // Whether it counts, and whether it is of the kind that it is a share of.
            match definition {
                FirstContactDefinition::Gross => (first(answers), true),
                FirstContactDefinition::Net => (first(answers), resolvable),
                FirstContactDefinition::NoFurtherContact => (quiet, solved),
                FirstContactDefinition::OneTouch => (one_touch, solved),
            }
        };
        let (mut part, mut whole) = (0_u64, 0_u64);
        for (answers, count) in self.rows() {
            let (counted, of) = counts(answers);
            // No more than all cases together.
            if of {
                whole = whole.saturating_add(count);
            }
            if of && counted {
                part = part.saturating_add(count);
            }
        }
        Share::of("first contact resolution", "no case is of the kind that it is a share of", part, whole)
    }

    fn rows(&self) -> impl Iterator<Item = (Answers, u64)> {
        self.counts.iter().zip(0_usize..).map(|(&count, place)| ([16, 8, 4, 2, 1].map(|digit| place & digit != 0), count))
    }

    fn from_counts(counts: [u64; 32]) -> Result<Self> {
        let cases = counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
        Ok(Self { counts, cases: cases.ok_or_else(|| Error::count_overflow("cases"))? })
    }
}

impl Tally for FirstContactTally {
    type Settings = ();
    type Record = HandledCase;
    type Summary = Share;

    fn empty((): ()) -> Self {
        Self::default()
    }

    fn settings(&self) {}

    fn record(&mut self, case: HandledCase) -> Result<()> {
        self.record_count(case, 1)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.cases = self.cases.checked_add(other.cases).ok_or_else(|| Error::count_overflow("cases"))?;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.saturating_add(theirs);
        }
        Ok(())
    }

    /// The [gross](FirstContactDefinition::Gross) rate.
    fn finish(&self) -> Result<Share> {
        self.rate(FirstContactDefinition::default())
    }

    fn encode(&self) -> Vec<u8> {
        Encoder::new(Kind::FIRST_CONTACT, self.encoded_len()).u64s(&self.counts).finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::open(Kind::FIRST_CONTACT, bytes)?;
        let counts = decoder.u64_array()?;
        decoder.close()?;
        Self::from_counts(counts)
    }

    fn encoded_len(&self) -> usize {
        len::with_u64s(32)
    }
}

/// Cases that are alike in what the definitions ask; kinds without cases are left out.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedCases {
    state: CaseState,
    resolvable: Resolvable,
    one_touch: bool,
    no_further_message: bool,
    never_reopened: bool,
    cases: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<Vec<CountedCases>> for FirstContactTally {
    type Error = Error;

    fn try_from(kinds: Vec<CountedCases>) -> Result<Self> {
        let mut counts = [0_u64; 32];
        for (row, kind) in kinds.into_iter().enumerate() {
            let CountedCases { state, resolvable, one_touch, no_further_message, never_reopened, cases } = kind;
            let resolvable = resolvable == Resolvable::AtFirstContact;
            let place = place([state == CaseState::Solved, resolvable, one_touch, no_further_message, never_reopened]);
            let Some(slot) = counts.get_mut(place).filter(|slot| **slot == 0) else {
                return Err(Error::Repeated { field: "kind of cases", value: format!("{cases} cases") }.at_row(row));
            };
            *slot = cases;
        }
        Self::from_counts(counts)
    }
}

#[cfg(feature = "serde")]
impl From<FirstContactTally> for Vec<CountedCases> {
    fn from(tally: FirstContactTally) -> Self {
        let kinds = tally.rows().filter(|&(_, cases)| cases > 0);
        let named = |([solved, resolvable, one_touch, no_further_message, never_reopened], cases): (Answers, u64)| CountedCases {
            state: if solved { CaseState::Solved } else { CaseState::Open },
            resolvable: if resolvable { Resolvable::AtFirstContact } else { Resolvable::Later },
            one_touch,
            no_further_message,
            never_reopened,
            cases,
        };
        kinds.map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_answers_has_a_place_of_its_own() {
        let places: std::collections::BTreeSet<usize> =
            (0_u8..32).map(|bits| place([16, 8, 4, 2, 1].map(|digit| bits & digit != 0))).collect();
        assert_eq!(places.into_iter().collect::<Vec<_>>(), (0..32).collect::<Vec<_>>());
    }

    #[test]
    fn the_published_example_is_gross() {
        let at_once = HandledCase {
            state: CaseState::Solved,
            resolvable: Resolvable::AtFirstContact,
            agent_replies: 1,
            further_messages: 0,
            reopens: 0,
        };
        let mut tally = FirstContactTally::default();
        assert!(matches!(tally.finish(), Err(Error::Undefined { .. })));
        tally.record_count(at_once, 280).unwrap();
        tally.record_count(HandledCase { further_messages: 1, ..at_once }, 120).unwrap();
        assert_eq!(tally.finish().unwrap().to_string(), "280 of 400 (70.0%)");
        assert!(matches!(tally.record_count(at_once, u64::MAX), Err(Error::Overflow { .. })));
        assert_eq!(tally.cases(), 400);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn the_counts_are_written_by_name_and_each_kind_once() {
        let case =
            HandledCase { state: CaseState::Solved, resolvable: Resolvable::Later, agent_replies: 1, further_messages: 2, reopens: 0 };
        let mut tally = FirstContactTally::default();
        tally.record_count(case, 3).unwrap();
        let json = serde_json::to_string(&tally).unwrap();
        let kind = r#"{"state":"solved","resolvable":"later","one_touch":true,"no_further_message":false,"never_reopened":true,"cases":3}"#;
        assert_eq!(json, format!("[{kind}]"));
        assert_eq!(serde_json::from_str::<FirstContactTally>(&json).unwrap(), tally);
        let twice = serde_json::from_str::<FirstContactTally>(&format!("[{kind},{kind}]")).unwrap_err();
        assert!(twice.to_string().starts_with("row 1"), "{twice}");
    }
}
