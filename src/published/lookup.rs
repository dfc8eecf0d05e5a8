//! Finding figures.

use super::{FIGURES, Figure, Topic};

/// The figure with this id, such as `retention.silent`.
///
/// ```
/// use customer_metrics::published;
///
/// assert_eq!(published::by_id("retention.silent"), Some(&published::RETENTION_SILENT));
/// assert_eq!(published::by_id("retention"), None);
/// ```
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Figure> {
    FIGURES.iter().find(|figure| figure.id() == id)
}

/// The figures on a topic, in the order of the collection.
pub fn by_topic(topic: Topic) -> impl Iterator<Item = &'static Figure> {
    FIGURES.iter().filter(move |figure| figure.topic() == topic)
}

/// The figures with this text in their id, statement, note or topic, whatever the case of its letters, in the order of the collection.
/// Every figure contains the empty text.
///
/// ```
/// use customer_metrics::published;
///
/// let found: Vec<_> = published::search("Word of mouth").map(|figure| figure.id()).collect();
/// assert!(found.contains(&"wom.negative"));
/// assert_eq!(published::search("astrology").count(), 0);
/// ```
pub fn search(text: &str) -> impl Iterator<Item = &'static Figure> + use<> {
    let wanted = text.to_lowercase();
    FIGURES.iter().filter(move |figure| {
        [figure.id(), figure.statement(), figure.note().unwrap_or_default(), figure.topic().as_str()]
            .iter()
            .any(|field| field.to_lowercase().contains(&wanted))
    })
}
