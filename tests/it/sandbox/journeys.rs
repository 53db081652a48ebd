//! A verification follows its journey, however it is advanced, and a journey follows the lifecycle.

use std::collections::BTreeSet;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Journey, Sandbox, SandboxError, Step};
use cashfree_vkyc::{Lifecycle, Phase, Status, SubStatus, VerificationId, VideoKyc};

use crate::support;

fn state(vkyc: &VideoKyc) -> (String, String) {
    (vkyc.status.as_str().to_owned(), vkyc.sub_status.as_str().to_owned())
}

/// A journey to each row of the lifecycle.
fn to_every_state() -> impl Iterator<Item = Journey> {
    Lifecycle::states().map(|(status, sub_status)| Journey::to(status.clone(), sub_status.cloned().unwrap_or_default()))
}

/// Runs a journey, and returns each state that a client sees.
async fn walk(sandbox: &Sandbox, id: &str, journey: Journey) -> Vec<(String, String)> {
    let steps = journey.steps().len();
    let vkyc = sandbox.begin(id, journey).unwrap();
    let (client, id) = (sandbox.client().unwrap(), vkyc.id().clone());
    let mut states = vec![state(&client.status(&id).await.unwrap())];
    for _ in 1..steps {
        let told = vkyc.advance().await.unwrap();
        let seen = client.status(&id).await.unwrap();
        assert_eq!(state(&told), state(&seen));
        states.push(state(&seen));
    }
    assert!(matches!(vkyc.advance().await, Err(SandboxError::Over { .. })));
    states
}

#[tokio::test]
async fn every_row_of_the_lifecycle_is_reached_by_a_journey() {
    let sandbox = Sandbox::start().await.unwrap();
    let ready_made = Journey::ready_made().into_iter().map(|(_, journey)| journey);
    let mut reached = BTreeSet::new();
    for (n, journey) in ready_made.chain(to_every_state()).enumerate() {
        reached.extend(walk(&sandbox, &format!("vkyc_{n}"), journey).await);
    }
    let spec = support::spec();
    let rows = spec.root()["x-lifecycle"]["rows"].as_array().unwrap();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows: BTreeSet<_> = rows.iter().map(|row| (text(row, "status"), text(row, "sub_status"))).collect();
    assert!(rows.len() > 30);
    assert_eq!(rows.difference(&reached).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    sandbox.assert_no_problems();
}

#[tokio::test]
async fn each_ready_made_journey_ends_in_the_state_of_its_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut ends = Vec::new();
    for (name, journey) in Journey::ready_made() {
        let vkyc = sandbox.begin(name, journey).unwrap();
        let end = vkyc.finish().await.unwrap();
        assert_eq!(end, vkyc.finish().await.unwrap(), "there is no further step");
        ends.push((name, format!("{} / {}", end.status, end.sub_status), end.lifecycle().is_final()));
        assert_eq!(end.recording().is_some(), end.agent_remarks.is_some(), "{name}");
    }
    let at = |name| ends.iter().find(|end| end.0 == name).map(|end| (end.1.as_str(), end.2)).unwrap();
    assert_eq!(at("completed"), ("COMPLETED / ", true));
    assert_eq!(at("auditor_reviewed"), ("AUDITOR_REVIEWED / ", true));
    assert_eq!(at("rejected_by_agent"), ("REJECTED / ", true));
    assert_eq!(at("link_expired"), ("EXPIRED / VKYC_EXPIRED", true));
    assert_eq!(at("rejected_no_balance"), ("REJECTED / INSUFFICIENT_BALANCE", true));
    assert_eq!(at("stuck_in_queue"), ("PRE_VIDEO_CALL / USER_QUEUED", false));
    assert_eq!(at("failed"), ("FAILED / ", true));
    let unknown = sandbox.verification("unknown_status").unwrap().state().unwrap();
    assert!(!unknown.status.is_known() && !unknown.sub_status.is_known() && !unknown.lifecycle().is_final());
    assert!(sandbox.verification("rejected_no_balance").unwrap().state().unwrap().vkyc_link.is_none());
}

#[tokio::test]
async fn a_journey_against_the_lifecycle_is_an_error_with_its_step() {
    let sandbox = Sandbox::start().await.unwrap();
    let step = |status: &str, sub_status: &str| Step::new(status, sub_status);
    for (steps, at, problem) in [
        (vec![], 0, "is missing"),
        (vec![step("COMPLETED", ""), step("VIDEO_CALL", "")], 1, "follows a state that ends the verification"),
        (vec![step("VIDEO_CALL", ""), step("NEW", ""), step("RECEIVED", "")], 2, "returns to a phase"),
        (vec![step("AGENT_REVIEWED", ""), step("PRE_VIDEO_CALL", "USER_QUEUED")], 1, "returns to a phase"),
        (vec![step("RECEIVED", ""), step("COMPLETED", "USER_QUEUED")], 1, "does not combine"),
    ] {
        let error = sandbox.begin("vkyc", Journey::custom(steps)).unwrap_err();
        assert!(matches!(error, SandboxError::Journey { step, .. } if step == at), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    let error = sandbox.set_journey(Journey::custom([])).unwrap_err();
    assert!(error.to_string().contains("step 0"), "{error}");
    // Back and forth between checks, queue and call, and through unknown states.
    let allowed =
        [step("VIDEO_CALL", ""), step("PRE_VIDEO_CALL", "USER_QUEUED"), step("N", "M"), step("VIDEO_CALL", "X")];
    assert!(sandbox.begin("vkyc", Journey::custom(allowed)).is_ok());
}

#[tokio::test]
async fn a_journey_to_a_state_enters_its_phase_last() {
    for journey in to_every_state() {
        journey.check().unwrap();
        let phases: Vec<Phase> =
            journey.steps().iter().map(|step| Lifecycle::of(step.status(), step.sub_status()).phase()).collect();
        let (last, before) = phases.split_last().unwrap();
        assert!(!before.contains(last) || *last == Phase::Closed, "{journey:?}");
    }
    assert!(Journey::to("BRAND_NEW", "").steps().len() > 5);
}

#[tokio::test]
async fn each_status_call_except_the_first_advances_the_journey() {
    let sandbox = Sandbox::start().await.unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::link_expired().on_each_status()).unwrap();
    let client = sandbox.client().unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(client.status(vkyc.id()).await.unwrap().status.clone());
    }
    assert_eq!(seen, [Status::Received, Status::Expired, Status::Expired]);

    sandbox.set_journey(Journey::link_expired().on_each_status()).unwrap();
    sandbox.begin("other", Journey::completed().on_each_status()).unwrap();
    let other = || client.status(VerificationId::new("other").unwrap()).into_future();
    assert_eq!(other().await.unwrap().sub_status, SubStatus::LinkGenerated);
    assert_eq!(other().await.unwrap().sub_status, SubStatus::AadhaarVerificationSuccess);
}

#[tokio::test]
async fn a_handle_of_a_replaced_or_reset_verification_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::completed()).unwrap();
    assert!(matches!(sandbox.begin("vkyc", Journey::completed()), Err(SandboxError::Taken)));
    assert!(matches!(sandbox.begin("a b", Journey::completed()), Err(SandboxError::Id(_))));
    let mut replaced = Sandbox::published_sample();
    replaced.verification_id = Some("vkyc".to_owned());
    sandbox.put(replaced);
    assert!(matches!(vkyc.advance().await, Err(SandboxError::Gone)));
    assert!(sandbox.verification("vkyc").is_none());

    sandbox.reset();
    let again = sandbox.begin("vkyc", Journey::completed()).unwrap();
    assert!(matches!(vkyc.state(), Err(SandboxError::Gone)), "it is another verification");
    drop(sandbox);
    tokio::time::timeout(Duration::from_secs(30), async {
        while !matches!(again.state(), Err(SandboxError::Stopped)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_step_sets_the_fields_that_it_names() {
    let sandbox = Sandbox::start().await.unwrap();
    let hour = Duration::from_secs(3600);
    let journey = Journey::custom([
        Step::new("RECEIVED", "LINK_GENERATED"),
        Step::new("PRE_VIDEO_CALL", "USER_MEETING_SCHEDULED").meeting_in(hour),
        Step::new("AGENT_REVIEWED", "")
            .with(|vkyc| vkyc.agent_remarks = Some("a".into()))
            .recording("film")
            .with(|vkyc| vkyc.user_id = Some("u".into())),
        Step::new("COMPLETED", "").with(|vkyc| vkyc.auditor_remarks = Some("b".into())),
    ]);
    let vkyc = sandbox.begin("vkyc", journey).unwrap();
    assert!(vkyc.state().unwrap().meeting_schedule.is_none() && vkyc.state().unwrap().recording_link.is_none());
    let booked = vkyc.advance().await.unwrap().meeting_schedule.unwrap().timestamp().unwrap();
    assert!(booked > jiff::Timestamp::now() + jiff::SignedDuration::from_mins(59), "{booked}");
    let end = vkyc.finish().await.unwrap();
    assert_eq!(end.agent_remarks.unwrap().expose(), "a");
    assert_eq!((end.auditor_remarks.unwrap().expose().as_str(), end.user_id.unwrap().expose().as_str()), ("b", "u"));
    assert!(end.meeting_schedule.is_some() && end.recording_link.is_some());
}
