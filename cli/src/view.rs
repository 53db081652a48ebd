//! A verification as people and programs see it: what it is, who acts next, what to do. Links, ids of customers and remarks are
//! redacted unless they were asked for.

use cashfree_vkyc::{OutcomeRules, Phase, Sensitive, Timestamp, VideoKyc};
use serde::{Serialize, Serializer};

use crate::escape::short;
use crate::failure::Exit;

/// Something of a customer: shown only to who asked for it.
pub(crate) struct Shown(Option<String>);

impl Shown {
    /// `shows` tells whether it was asked for.
    pub(crate) fn of(value: Option<String>, shows: bool) -> Option<Self> {
        value.map(|value| Self(shows.then_some(value)))
    }

    pub(crate) fn text(value: &Option<Sensitive<String>>, shows: bool) -> Option<Self> {
        Self::of(value.as_ref().map(|value| value.expose().clone()), shows)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("[redacted]")
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A verification, and what it means. Its fields are those of the JSON that we print.
#[derive(Serialize)]
pub(crate) struct Account<'a> {
    pub(crate) verification_id: Option<&'a str>,
    pub(crate) reference_id: Option<i64>,
    pub(crate) status: &'a str,
    pub(crate) sub_status: &'a str,
    pub(crate) phase: &'static str,
    pub(crate) actor: &'static str,
    pub(crate) is_final: bool,
    pub(crate) outcome: &'static str,
    pub(crate) advice: &'static str,
    pub(crate) evidence: &'static str,
    pub(crate) vkyc_link: Option<Shown>,
    pub(crate) link_expiry: Option<&'a str>,
    pub(crate) meeting_schedule: Option<&'a str>,
    pub(crate) recording_link: Option<Shown>,
    pub(crate) user_id: Option<Shown>,
    pub(crate) user_reference_id: Option<Shown>,
    pub(crate) agent_remarks: Option<Shown>,
    pub(crate) auditor_remarks: Option<Shown>,
    pub(crate) request_id: Option<&'a str>,
    /// All that came, also what this command knows nothing of.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a VideoKyc>,
}

impl<'a> Account<'a> {
    pub(crate) fn new(vkyc: &'a VideoKyc, rules: &OutcomeRules, request_id: Option<&'a str>, shows: bool) -> Self {
        let lifecycle = vkyc.lifecycle();
        Self {
            verification_id: vkyc.verification_id.as_deref(),
            reference_id: vkyc.reference_id,
            status: vkyc.status.as_str(),
            sub_status: vkyc.sub_status.as_str(),
            phase: lifecycle.phase().as_str(),
            actor: lifecycle.actor().as_str(),
            is_final: lifecycle.is_final(),
            outcome: rules.outcome(vkyc).as_str(),
            advice: lifecycle.advice(),
            evidence: lifecycle.evidence().as_str(),
            vkyc_link: Shown::text(&vkyc.vkyc_link, shows),
            link_expiry: vkyc.link_expiry.as_ref().map(Timestamp::as_str),
            meeting_schedule: vkyc.meeting_schedule.as_ref().map(Timestamp::as_str),
            recording_link: Shown::text(&vkyc.recording_link, shows),
            user_id: Shown::text(&vkyc.user_id, shows),
            user_reference_id: Shown::of(vkyc.user_reference_id.map(|id| id.to_string()), shows),
            agent_remarks: Shown::text(&vkyc.agent_remarks, shows),
            auditor_remarks: Shown::text(&vkyc.auditor_remarks, shows),
            request_id,
            answer: shows.then_some(vkyc),
        }
    }

    /// Labels and values for people.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let text = |value: Option<&str>| short(value.filter(|text| !text.is_empty()).unwrap_or("none"));
        // What was asked for is whole: a link that is cut leads nowhere.
        let shown = |value: &Option<Shown>| value.as_ref().map_or("none", Shown::as_str).to_owned();
        vec![
            ("verification id", text(self.verification_id)),
            ("reference id", self.reference_id.map_or_else(|| text(None), |id| id.to_string())),
            ("status", text(Some(self.status))),
            ("sub-status", text(Some(self.sub_status))),
            ("phase", self.phase.to_owned()),
            ("final", if self.is_final { "yes" } else { "no" }.to_owned()),
            ("outcome", self.outcome.to_owned()),
            ("who acts next", self.actor.to_owned()),
            ("what to do", self.advice.to_owned()),
            ("link", shown(&self.vkyc_link)),
            ("link expiry", text(self.link_expiry)),
            ("meeting", text(self.meeting_schedule)),
            ("recording", shown(&self.recording_link)),
            ("agent's remarks", shown(&self.agent_remarks)),
            ("auditor's remarks", shown(&self.auditor_remarks)),
        ]
    }
}

/// A state on a line. Words that this version does not know are printed where they look like names.
pub(crate) fn state(vkyc: &VideoKyc) -> String {
    match vkyc.sub_status.as_str() {
        "" => vkyc.status.to_string(),
        _ => format!("{} / {}", vkyc.status, vkyc.sub_status),
    }
}

/// How a command about one verification ends: with what is over and not known to have passed, somebody should have a look.
pub(crate) fn exit_of(vkyc: &VideoKyc, rules: &OutcomeRules) -> Exit {
    let is_over = vkyc.lifecycle().is_final() || vkyc.lifecycle().phase() == Phase::Closed;
    if is_over && rules.outcome(vkyc) != cashfree_vkyc::Outcome::Passed { Exit::NotPassed } else { Exit::Done }
}
