//! Findings that a person reviewed and found harmless: the list `reviewed` in `spec/deviations.yaml`.
//!
//! A fingerprint covers the rule and, for each place in one operation, the name, the old value and the new one. Another change on
//! the page has another fingerprint, so it is reported again.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use crate::compare::{Change, Difference};
use crate::project::{DEVIATIONS, fingerprint};
use crate::report::Report;

/// A finding that needs no edit. Every entry has a reason and a date.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reviewed {
    /// A place of the finding: "GET /vkyc: 200 application/json: link".
    #[serde(rename = "where")]
    place: String,
    fingerprint: String,
    #[serde(rename = "why")]
    _why: String,
    #[serde(rename = "date")]
    _date: Date,
}

impl Reviewed {
    fn operation(&self) -> &str {
        self.place.split_once(": ").map_or(&self.place, |(operation, _)| operation)
    }

    fn is_of(&self, change: &Change) -> bool {
        let is_place = |(operation, place)| self.place == format!("{operation}: {place}");
        change.places().any(is_place) && change.fingerprint(self.operation()) == self.fingerprint
    }
}

impl Change {
    /// The fingerprint of this change in one operation, the same for each page or record that shows it.
    pub(crate) fn fingerprint(&self, operation: &str) -> String {
        let of_place = |difference: &Difference| {
            let sides = [&difference.before, &difference.after].map(|side| json!(side).to_string());
            [&difference.place, difference.what.word(), &sides.join("\n")].join("\n")
        };
        let here = self.all().filter(|difference| difference.operation == operation);
        let mut places: Vec<_> = here.map(of_place).collect();
        places.sort_unstable();
        fingerprint(&[self.rule.name, operation, &places.join("\n\n")].join("\n"))
    }

    /// The change without its places in an operation; `None` without other places.
    fn without(self, operation: &str) -> Option<Self> {
        let all = std::iter::once(self.difference).chain(self.also);
        let mut rest = all.filter(|difference| difference.operation != operation);
        let difference = rest.next()?;
        Some(Self { difference, also: rest.collect(), ..self })
    }
}

impl Report {
    /// Removes reviewed findings. `is_compared` says whether an operation was compared with its page: then a reviewed finding
    /// that is missing can be deleted from the list.
    pub(crate) fn set_aside(&mut self, reviewed: &[Reviewed], is_compared: impl Fn(&str) -> bool) {
        for entry in reviewed {
            let operation = entry.operation();
            let (found, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.changes).into_iter().partition(|change| entry.is_of(change));
            self.reviewed += found.len();
            if found.is_empty() && is_compared(operation) {
                let (place, fingerprint) = (&entry.place, &entry.fingerprint);
                let gone = format!("the reviewed finding {fingerprint} no longer appears; remove it from {DEVIATIONS}");
                self.hints.push(format!("{place}: {gone}"));
            }
            self.changes = others;
            self.changes.extend(found.into_iter().filter_map(|change| change.without(operation)));
        }
        self.changes.sort_by_key(|change| std::cmp::Reverse(change.rule.class));
    }
}
