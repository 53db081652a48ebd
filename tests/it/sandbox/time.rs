//! Real time in a separate thread, paused time, and a fixed clock.

use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox};
use cashfree_vkyc::webhook::Verifier;
use cashfree_vkyc::{RetryPolicy, Status, SubStatus, VerificationId};

use super::endpoint::Endpoint;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_journey_of_days_runs_at_once_in_paused_time() {
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    let began = std::time::Instant::now();
    let vkyc = sandbox.begin("vkyc", Journey::completed().every(24 * HOUR)).unwrap();
    tokio::time::sleep(36 * HOUR).await;
    assert_eq!(vkyc.state().unwrap().sub_status, SubStatus::AadhaarVerificationSuccess, "one step");
    tokio::time::sleep(30 * 24 * HOUR).await;
    sandbox.wait_for_webhooks().await;
    assert_eq!(sandbox.client().unwrap().status(vkyc.id()).await.unwrap().status, Status::Completed);
    assert!(began.elapsed() < HOUR);

    // The sandbox's clock follows paused time: events are a day apart.
    let times: Vec<_> =
        endpoint.events().iter().map(|event| event.event_time.as_ref().unwrap().timestamp().unwrap()).collect();
    assert!(times.len() > 4);
    assert!(
        times.windows(2).all(|pair| pair[1].duration_since(pair[0]) >= jiff::SignedDuration::from_hours(23)),
        "{times:?}"
    );
    sandbox.assert_webhooks_accepted();
}

#[tokio::test(start_paused = true)]
async fn calls_and_faults_follow_paused_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::link_expired()).unwrap();
    let client = sandbox.client().unwrap();
    for _ in 0..20 {
        assert_eq!(client.status(vkyc.id()).await.unwrap().status, Status::Received);
    }
    sandbox.inject(Fault::delay(20 * HOUR).times(1));
    let slow = client.status(vkyc.id()).timeout(30 * HOUR).attempt_timeout(30 * HOUR).await;
    assert_eq!(slow.unwrap().status, Status::Received);
    sandbox.inject(Fault::delay(20 * HOUR).times(1));
    let error = client.status(vkyc.id()).retry(RetryPolicy::none()).await.unwrap_err();
    assert_eq!(error.kind(), cashfree_vkyc::ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn the_rate_limit_follows_paused_time() {
    let sandbox = Sandbox::builder().rate_limit(2).start().await.unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::link_expired()).unwrap();
    let client = sandbox.client().unwrap();
    for _ in 0..5 {
        // Two of the calls get a 429, and wait for the next minute.
        client.status(vkyc.id()).timeout(HOUR).await.unwrap();
    }
    let statuses: Vec<_> = sandbox.requests().iter().filter_map(|request| request.http_status).collect();
    assert_eq!(statuses, [200, 200, 429, 200, 200, 429, 200]);
}

#[tokio::test]
async fn a_journey_advances_in_real_time_in_its_own_thread() {
    let sandbox = Sandbox::start().await.unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::completed().every(Duration::from_millis(1))).unwrap();
    tokio::time::timeout(Duration::from_secs(30), async {
        while vkyc.state().unwrap().status != Status::Completed {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_fixed_clock_makes_every_run_identical() {
    let instant: jiff::Timestamp = "2025-07-09T08:48:09Z".parse().unwrap();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let endpoint = Endpoint::start().await;
        let sandbox = Sandbox::builder().at(instant).start().await.unwrap();
        sandbox.webhooks_to(&endpoint.url);
        let vkyc = sandbox.begin("vkyc", Journey::rescheduled()).unwrap();
        let mut end = vkyc.finish().await.unwrap();
        let recording = end.recording().unwrap();
        assert_eq!(recording.expires_at().unwrap().to_string(), "2025-07-09T09:48:09Z");
        // The link has the port, and a signature with the secret of this sandbox.
        end.recording_link = None;
        let events: Vec<_> = endpoint
            .events()
            .into_iter()
            .map(|mut event| {
                event.data.recording_link = None;
                serde_json::to_value(event).unwrap()
            })
            .collect();
        runs.push((serde_json::to_value(end).unwrap(), events));
    }
    assert_eq!(runs[0], runs[1]);
    let (end, events) = &runs[0];
    assert_eq!(end["link_expiry"], "2025-08-08T00:00:00.000Z");
    assert_eq!(end["meeting_schedule"], "2025-07-10T10:48:09.000Z");
    assert_eq!(
        (&events[0]["event_time"], &events[1]["event_time"]),
        (&"2025-07-09T08:48:09Z".into(), &"2025-07-09T08:48:10Z".into())
    );
}

#[tokio::test]
async fn a_verifier_with_the_clock_of_the_sandbox_accepts_its_webhooks() {
    let instant: jiff::Timestamp = "2025-07-09T08:48:09Z".parse().unwrap();
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::builder().at(instant).two_factor(true).start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    let vkyc = sandbox.begin("vkyc", Journey::link_expired()).unwrap();
    vkyc.finish().await.unwrap();
    let (headers, body) = endpoint.got().remove(0);
    assert!(sandbox.verifier().unwrap().verify(&headers, &body).is_ok());
    let own = Verifier::new(sandbox.client_secret()).unwrap();
    assert!(own.verify(&headers, &body).is_err(), "it is years old by the machine's clock");
    assert!(own.clone().clock(sandbox.clock()).verify(&headers, &body).is_ok());

    let id = VerificationId::new("vkyc").unwrap();
    let client = sandbox.client().unwrap();
    assert!(client.status(&id).await.is_ok());
    sandbox.advance_clock(HOUR);
    assert!(client.status(&id).await.is_ok(), "its signatures use the sandbox's clock");
    assert!(own.clock(sandbox.clock()).verify(&headers, &body).is_err(), "an hour old");
}
