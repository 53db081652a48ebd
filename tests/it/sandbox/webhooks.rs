//! Each step sends its webhook, signed like Cashfree's, until it is accepted, and with injected faults.

use std::time::Duration;

use cashfree_vkyc::EventType;
use cashfree_vkyc::sandbox::{Journey, Sandbox, Step, WebhookFault};
use cashfree_vkyc::webhook::{Verifier, WebhookError};

use super::endpoint::Endpoint;

const ZERO: Duration = Duration::ZERO;

async fn sandbox(endpoint: &Endpoint, trouble: impl IntoIterator<Item = WebhookFault>) -> Sandbox {
    let sandbox = Sandbox::builder().webhook_schedule([ZERO; 3]).start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    trouble.into_iter().for_each(|trouble| sandbox.inject_webhook_fault(trouble));
    sandbox
}

/// Three steps, each with an event.
fn short() -> Journey {
    Journey::custom([
        Step::new("RECEIVED", "LINK_GENERATED"),
        Step::new("PRE_VIDEO_CALL", "USER_QUEUED"),
        Step::new("VIDEO_CALL", "").silent(),
        Step::new("EXPIRED", "VKYC_EXPIRED"),
    ])
}

const SHORT: [EventType; 3] =
    [EventType::VkycUserLinkGenerated, EventType::VkycUserCallQueued, EventType::VkycUserLinkExpired];

fn types(endpoint: &Endpoint) -> Vec<EventType> {
    endpoint.events().into_iter().map(|event| event.event_type).collect()
}

#[tokio::test]
async fn a_step_ends_with_the_response_to_its_webhook() {
    let endpoint = Endpoint::start().await;
    let sandbox = sandbox(&endpoint, []).await;
    let vkyc = sandbox.begin("vkyc", short()).unwrap();
    for (sent, step) in [(2, "USER_QUEUED"), (2, ""), (3, "VKYC_EXPIRED")] {
        let state = vkyc.advance().await.unwrap();
        assert_eq!((endpoint.got().len(), state.sub_status.as_str()), (sent, step));
    }
    assert_eq!(types(&endpoint), SHORT);
    sandbox.assert_webhooks_accepted();
    let verifier = sandbox.verifier().unwrap();
    for (headers, body) in endpoint.got() {
        let event = verifier.verify(&headers, &body).unwrap();
        assert_eq!(event.data.verification_id.as_deref(), Some("vkyc"));
        assert_eq!((headers["x-webhook-version"].to_str().unwrap(), event.version), ("2025-01-01", None));
    }
    let last = endpoint.events().pop().unwrap();
    assert_eq!(last.data, vkyc.state().unwrap(), "an event has the state of a status call");
}

#[tokio::test]
async fn events_of_a_verification_have_different_keys() {
    let endpoint = Endpoint::start().await;
    let instant = "2025-07-09T08:48:09Z".parse().unwrap();
    let sandbox = Sandbox::builder().at(instant).start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    sandbox.begin("vkyc", Journey::rescheduled()).unwrap().finish().await.unwrap();
    let mut keys: Vec<_> = endpoint.events().iter().map(cashfree_vkyc::webhook::Event::key).collect();
    let sent = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), sent);
    assert_eq!(types(&endpoint).iter().filter(|sent| **sent == EventType::VkycUserCallScheduled).count(), 2);
}

#[tokio::test]
async fn a_webhook_is_sent_again_until_it_is_accepted() {
    let endpoint = Endpoint::answering(|n| [500, 302, 201, 200, 200, 200][n]).await;
    let sandbox = sandbox(&endpoint, []).await;
    let vkyc = sandbox.begin("vkyc", Journey::to("RECEIVED", "LINK_GENERATED")).unwrap();
    sandbox.wait_for_webhooks().await;
    let attempts: Vec<_> = endpoint.attempts().into_iter().map(|(_, attempt)| attempt).collect();
    assert_eq!(attempts, ["1", "2", "3", "4"]);
    let answers: Vec<_> = sandbox
        .webhooks()
        .into_iter()
        .map(|webhook| (webhook.attempt, webhook.result.map(|status| status.as_u16())))
        .collect();
    assert_eq!(answers, [(1, Ok(500)), (2, Ok(302)), (3, Ok(201)), (4, Ok(200))]);
    sandbox.assert_webhooks_accepted();
    assert_eq!(endpoint.events()[0], endpoint.events()[3], "the same event");
    drop(vkyc);
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_is_never_accepted_is_reported_after_the_schedule() {
    let endpoint = Endpoint::answering(|_| 503).await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    let began = tokio::time::Instant::now();
    sandbox.begin("vkyc", Journey::to("RECEIVED", "LINK_GENERATED")).unwrap();
    sandbox.wait_for_webhooks().await;
    assert_eq!(endpoint.got().len(), 4);
    assert_eq!(began.elapsed().as_secs() / 60, 2 + 10 + 30);
    let times: Vec<_> = sandbox.webhooks().iter().map(|webhook| webhook.at).collect();
    assert!(times[1].duration_since(times[0]) >= jiff::SignedDuration::from_mins(2), "{times:?}");
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sandbox.assert_webhooks_accepted()));
    let words = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(words.starts_with("webhooks that were never accepted:\n  VKYC_USER_LINK_GENERATED (RECEIVED / LINK_GENERATED), delivery 1: 503"), "{words}");
}

#[tokio::test]
async fn a_webhook_without_a_listener_is_recorded_as_an_error() {
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhooks_to("http://127.0.0.1:1/");
    let vkyc = sandbox.begin("vkyc", Journey::link_expired()).unwrap();
    vkyc.finish().await.unwrap();
    let [first, second] = &*sandbox.webhooks() else { panic!() };
    let nobody = Err("no server listens there".to_owned());
    assert_eq!((&first.result, &second.result), (&nobody, &nobody));
    sandbox.reset();
    sandbox.webhooks_to(&endpoint.url);
    sandbox.begin("vkyc", Journey::link_expired()).unwrap().finish().await.unwrap();
    assert_eq!(endpoint.got().len(), 2);
}

#[tokio::test]
async fn faults_double_and_reorder_deliveries() {
    let endpoint = Endpoint::start().await;
    let sandbox = sandbox(&endpoint, [WebhookFault::doubled()]).await;
    sandbox.begin("vkyc", short()).unwrap().finish().await.unwrap();
    let attempts = endpoint.attempts();
    assert_eq!(attempts.len(), 6);
    assert_eq!((&*attempts[0].0, &*attempts[0].1), (SHORT[0].as_str(), "1"));
    assert_eq!((&*attempts[1].0, &*attempts[1].1), (SHORT[0].as_str(), "2"));
    assert_eq!(types(&endpoint), [0, 0, 1, 1, 2, 2].map(|n| SHORT[n].clone()));

    let endpoint = Endpoint::start().await;
    let sandbox = super::webhooks::sandbox(&endpoint, [WebhookFault::reordered()]).await;
    let vkyc = sandbox.begin("vkyc", short()).unwrap();
    assert!(sandbox.webhooks().is_empty());
    vkyc.finish().await.unwrap();
    assert_eq!(types(&endpoint), [SHORT[1].clone(), SHORT[0].clone(), SHORT[2].clone()]);

    let endpoint = Endpoint::start().await;
    let both = [WebhookFault::doubled(), WebhookFault::reordered()];
    super::webhooks::sandbox(&endpoint, both).await.begin("vkyc", short()).unwrap().finish().await.unwrap();
    let order = [1, 1, 0, 0, 2, 2].map(|n| SHORT[n].clone());
    assert_eq!(types(&endpoint), order);
}

#[tokio::test]
async fn a_fault_is_limited_to_an_event_type_or_a_number_of_events() {
    let endpoint = Endpoint::start().await;
    let sandbox = sandbox(&endpoint, [WebhookFault::dropped().only(SHORT[1].clone())]).await;
    sandbox.inject_webhook_fault(WebhookFault::doubled().times(1));
    sandbox.begin("vkyc", short()).unwrap().finish().await.unwrap();
    assert_eq!(types(&endpoint), [SHORT[0].clone(), SHORT[0].clone(), SHORT[2].clone()]);
    let dropped: Vec<_> = sandbox.webhooks().into_iter().filter(|webhook| webhook.result.is_err()).collect();
    assert_eq!(dropped.len(), 1);
    assert_eq!(dropped[0].result, Err("dropped by an injected fault".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_late_delivery_does_not_delay_the_others() {
    let endpoint = Endpoint::start().await;
    let late = WebhookFault::delayed(Duration::from_secs(3600)).only(SHORT[0].clone());
    let sandbox = sandbox(&endpoint, [late]).await;
    sandbox.begin("vkyc", short()).unwrap().finish().await.unwrap();
    assert_eq!(types(&endpoint), SHORT[1..]);
    sandbox.wait_for_webhooks().await;
    assert_eq!(types(&endpoint)[2], SHORT[0]);
}

#[tokio::test]
async fn a_webhook_signed_with_another_secret_is_refused() {
    for (trouble, rotated) in [(WebhookFault::newer_secret(), true), (WebhookFault::wrong_secret(), false)] {
        let endpoint = Endpoint::start().await;
        let sandbox = sandbox(&endpoint, [trouble]).await;
        sandbox.begin("vkyc", short()).unwrap().finish().await.unwrap();
        let both = Verifier::new([sandbox.client_secret(), sandbox.newer_secret()]).unwrap();
        let (headers, body) = endpoint.got().remove(0);
        assert_eq!(sandbox.verifier().unwrap().verify(&headers, &body).unwrap_err(), WebhookError::BadSignature);
        assert_eq!(both.verify(&headers, &body).is_ok(), rotated);
    }
}

/// The steps of docs/webhooks.md under each possible signing rule. Each delivery is also repeated a step later.
#[tokio::test]
async fn a_secret_rotation_by_the_guide_loses_no_event() {
    let mut requests = Vec::new();
    for faults in [vec![], vec![WebhookFault::newer_secret()]] {
        let endpoint = Endpoint::start().await;
        let sandbox = sandbox(&endpoint, faults).await;
        sandbox.begin("vkyc", short()).unwrap();
        sandbox.wait_for_webhooks().await;
        let secrets = [sandbox.client_secret().to_owned(), sandbox.newer_secret().to_owned()];
        requests.push((endpoint.got().remove(0), secrets));
    }
    let [old, new] = [0, 1];
    // The active key pairs and the secrets of the verifier, before and after each step.
    let steps = [
        (vec![old], vec![old]),
        (vec![old, new], vec![old]),
        (vec![old, new], vec![old, new]),
        (vec![new], vec![old, new]),
        (vec![new], vec![new]),
    ];
    // The secret that signs an event, by the step of its creation and the step of its delivery.
    let oldest_active = |_sent: usize, delivered: usize| *steps[delivered].0.first().unwrap();
    let active_when_sent = |sent: usize, _delivered: usize| *steps[sent].0.first().unwrap();
    let newest_when_sent = |sent: usize, _delivered: usize| *steps[sent].0.last().unwrap();
    let rules: [&dyn Fn(usize, usize) -> usize; 3] = [&oldest_active, &active_when_sent, &newest_when_sent];
    for (rule, signer) in rules.iter().enumerate() {
        for sent in 0..steps.len() {
            let accepts = |delivered: usize| {
                let ((headers, body), secrets) = &requests[signer(sent, delivered)];
                let held = steps[delivered].1.iter().map(|secret| secrets[*secret].clone());
                Verifier::new(held.collect::<Vec<_>>()).unwrap().verify(headers, body).is_ok()
            };
            let repeated = (sent + 1).min(steps.len() - 1);
            assert!(accepts(sent) || accepts(repeated), "rule {rule}, sent after step {sent}");
            // A first delivery fails only if a new secret signs before the verifier has it.
            assert!(accepts(sent) || (rule, sent) == (2, 1), "rule {rule}, sent after step {sent}");
        }
    }
}
