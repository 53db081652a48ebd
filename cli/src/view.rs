//! A verification for people and programs: its fields, the meaning of its state, and how a command about it ends.

use cashfree_vkyc::{Lifecycle, Outcome, OutcomeRules, Phase, VideoKyc};

use crate::failure::Exit;
use crate::record::Record;

/// A verification. With `shows_sensitive` it also contains the whole response.
pub(crate) fn verification(
    vkyc: &VideoKyc,
    rules: &OutcomeRules,
    request_id: Option<&str>,
    shows_sensitive: bool,
) -> Record {
    let record = Record::default()
        .with_fields(VideoKyc::FIELDS, vkyc, shows_sensitive)
        .with_meaning(Some(vkyc.lifecycle()), Some(rules.outcome(vkyc)))
        .with("request_id", "", request_id);
    match shows_sensitive {
        true => record.with("response", "", serde_json::to_value(vkyc).unwrap_or_default()),
        false => record,
    }
}

impl Record {
    /// Adds the meaning of a state, or the same names without values.
    pub(crate) fn with_meaning(self, lifecycle: Option<Lifecycle>, outcome: Option<Outcome>) -> Self {
        self.with("phase", "phase", lifecycle.map(|state| state.phase().as_str()))
            .with("final", "final", lifecycle.map(|state| state.is_final()))
            .with("outcome", "outcome", outcome.map(Outcome::as_str))
            .with("actor", "who acts next", lifecycle.map(|state| state.actor().as_str()))
            .with("advice", "what to do", lifecycle.map(|state| state.advice()))
            .with("evidence", "how well known", lifecycle.map(|state| state.evidence().as_str()))
    }
}

/// A state on one line. The library prints words that it does not know only if they look like names.
pub(crate) fn state(vkyc: &VideoKyc) -> String {
    match vkyc.sub_status.as_str() {
        "" => vkyc.status.to_string(),
        _ => format!("{} / {}", vkyc.status, vkyc.sub_status),
    }
}

/// Whether nothing follows the status, as far as the spec knows.
pub(crate) fn is_over(vkyc: &VideoKyc) -> bool {
    vkyc.lifecycle().is_final() || vkyc.lifecycle().phase() == Phase::Closed
}

/// The exit code of a command about one verification. One that is over and not known to have passed needs attention.
pub(crate) fn exit_of(vkyc: &VideoKyc, rules: &OutcomeRules) -> Exit {
    if is_over(vkyc) && rules.outcome(vkyc) != Outcome::Passed { Exit::NotPassed } else { Exit::Done }
}
