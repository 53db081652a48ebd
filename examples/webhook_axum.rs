//! A verification from its link to its end, learned from signed webhooks and from a watcher, all against the sandbox:
//!
//! ```text
//! cargo run --example webhook_axum
//! ```
//!
//! ```text
//! Sandbox ──POST, signed──▶ axum: VerifiedEvent ─▶ handle_once ─▶ supersedes? ─▶ store
//!    ▲                                                     └─▶ Watch::feed ─▶ looks at once
//!    └────────────────────────── GET ──────────────────────────────┘
//! ```

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::{Router, routing::post};
use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{Dedupe, Event, EventType, Handled, MemoryDedupe, VerifiedEvent, Verifier, handle_once};
use cashfree_vkyc::{Status, VerificationId, VideoKyc, Watch};
use futures_util::StreamExt as _;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What the handler needs. The extractor finds its verifier here.
#[derive(Clone)]
struct App {
    verifier: Verifier,
    seen: Arc<dyn Dedupe>,
    stored: Stored,
    watch: Watch,
}

/// What a database would hold: the newest state that is known. A real one has a row for each verification.
#[derive(Clone)]
struct Stored(Arc<Mutex<VideoKyc>>);

impl Stored {
    /// Takes an event's state over if that is surely newer; tells whether.
    fn take_over(&self, event: &Event) -> Result<bool> {
        let mut stored = self.0.lock().map_err(|_| "the store is broken")?;
        let newer = event.supersedes(&stored);
        if newer {
            stored.clone_from(&event.data);
        }
        Ok(newer)
    }

    /// Takes over what Cashfree answered, which is the truth.
    fn put(&self, vkyc: &VideoKyc) -> Result<()> {
        self.0.lock().map_err(|_| "the store is broken")?.clone_from(vkyc);
        Ok(())
    }
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// Gets only what Cashfree signed; the extractor answers for the rest. What it answers decides whether Cashfree sends the
/// event again.
async fn receive(State(app): State<App>, VerifiedEvent(event): VerifiedEvent) -> StatusCode {
    match handle_once(&app.seen, &event, |event| handle(&app, event)).await {
        Ok(handled) => {
            if handled == Handled::Before {
                say("webhook", &format!("{}: had it already", event.event_type));
            }
            handled.http_status()
        }
        Err(error) => {
            say("webhook", &format!("{}: {error}", event.event_type));
            error.http_status()
        }
    }
}

async fn handle(app: &App, event: &Event) -> Result<()> {
    let newer = if app.stored.take_over(event)? { "stored" } else { "not surely newer, so the watcher asks" };
    say("webhook", &format!("{}: {} / {}: {newer}", event.event_type, event.data.status, event.data.sub_status));
    app.watch.feed(event);
    Ok(())
}

/// What happens to a customer: (event, status, sub-status).
const STORY: [(EventType, Status, &str); 7] = [
    (EventType::VkycUserAadhaarVerified, Status::PreVideoCall, "AADHAAR_VERIFICATION_SUCCESS"),
    (EventType::VkycUserPrecheckFailed, Status::PreVideoCall, "USER_AUDIO_CHECK_FAILED"),
    (EventType::VkycUserCallQueued, Status::PreVideoCall, "USER_QUEUED"),
    (EventType::VkycUserCallStarted, Status::VideoCall, ""),
    (EventType::VkycUserDropoffFromCall, Status::PreVideoCall, "USER_QUEUED"),
    (EventType::VkycUserCallCompleted, Status::AgentReviewed, ""),
    (EventType::VkycAuditorReviewCompleted, Status::AuditorReviewed, ""),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    let mut vkyc = Sandbox::published_sample();
    sandbox.put(vkyc.clone());
    let id = VerificationId::new(vkyc.verification_id.as_deref().unwrap_or_default())?;

    let stored = Stored(Arc::new(Mutex::new(vkyc.clone())));

    // The watcher: polls by phase, and looks at once when a webhook is fed to it.
    let watch = sandbox.client()?.watch(id).max_wait(Duration::from_secs(60));
    let (mut changes, truth) = (watch.changes(), stored.clone());
    let watcher = tokio::spawn(async move {
        while let Some(vkyc) = changes.next().await {
            let vkyc = vkyc?;
            truth.put(&vkyc)?;
            let lifecycle = vkyc.lifecycle();
            say("watcher", &format!("{} / {}: {}", vkyc.status, vkyc.sub_status, lifecycle.advice()));
            if lifecycle.is_settled() {
                say("watcher", "settled");
            }
        }
        Result::Ok(())
    });

    // The endpoint.
    let app =
        App { verifier: sandbox.verifier()?, seen: Arc::new(MemoryDedupe::default()), stored: stored.clone(), watch };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhooks", listener.local_addr()?);
    let router = Router::new().route("/webhooks", post(receive)).with_state(app);
    tokio::spawn(async move { axum::serve(listener, router).await });

    // Cashfree's side.
    for (minute, (event_type, status, sub_status)) in STORY.into_iter().enumerate() {
        tokio::time::sleep(Duration::from_millis(700)).await;
        (vkyc.status, vkyc.sub_status) = (status, sub_status.into());
        sandbox.put(vkyc.clone());
        let time = format!("2025-07-09T14:{minute:02}:00Z");
        let event = Event::new(event_type, time.as_str().into(), vkyc.clone());
        deliver(&sandbox, &url, &event).await?;
        if minute == 1 {
            deliver(&sandbox, &url, &event).await?;
        }
    }
    watcher.await??;
    if stored.0.lock().map_err(|_| "the store is broken")?.status != vkyc.status {
        return Err("the store does not hold the last state".into());
    }

    // Somebody else, without the secret.
    let forged =
        Verifier::new("guessed")?.sign(r#"{"event_type":"VKYC_USER_CALL_COMPLETED","data":{"reference_id":1358}}"#);
    let request = reqwest::Client::new().post(&url).headers(forged.headers()).body(forged.body().to_vec());
    say("forger", &format!("gets {}", request.send().await?.status()));
    Ok(())
}

async fn deliver(sandbox: &Sandbox, url: &str, event: &Event) -> Result<()> {
    let status = sandbox.deliver(url, event).await?;
    if status == StatusCode::OK { Ok(()) } else { Err(format!("the endpoint answered {status}").into()) }
}

/// One line, with who says it.
fn say(who: &str, words: &str) {
    let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("{bold}{who:<8}{plain} {words}");
}
