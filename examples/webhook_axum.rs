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
use cashfree_vkyc::sandbox::{Journey, Sandbox, WebhookFault};
use cashfree_vkyc::webhook::{Dedupe, Event, Handled, MemoryDedupe, VerifiedEvent, Verifier, handle_once};
use cashfree_vkyc::{EventType, VideoKyc, Watch};
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
            if handled == Handled::Duplicate {
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // One event comes twice, although it was accepted.
    let twice = WebhookFault::doubled().only(EventType::VkycUserAadhaarVerified);
    let sandbox = Sandbox::builder().webhook_fault(twice).start().await?;
    let vkyc = sandbox.begin("vkyc_42", Journey::dropped_off())?;
    let stored = Stored(Arc::new(Mutex::new(vkyc.state()?)));

    // The watcher: polls by phase, and looks at once when a webhook is fed to it.
    let watch = sandbox.client()?.watch(vkyc.id()).max_wait(Duration::from_secs(60));
    let (mut changes, truth) = (watch.changes(), stored.clone());
    let watcher = tokio::spawn(async move {
        while let Some(vkyc) = changes.next().await {
            let vkyc = vkyc?;
            truth.put(&vkyc)?;
            let lifecycle = vkyc.lifecycle();
            say("watcher", &format!("{} / {}: {}", vkyc.status, vkyc.sub_status, lifecycle.advice()));
            if lifecycle.is_final() {
                say("watcher", "final");
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

    // Cashfree's side: the customer goes through the checks, drops out of the call and comes back.
    sandbox.webhooks_to(&*url);
    for _ in 1..Journey::dropped_off().steps().len() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        vkyc.advance().await?;
    }
    sandbox.assert_webhooks_accepted();
    watcher.await??;
    if stored.0.lock().map_err(|_| "the store is broken")?.status != vkyc.state()?.status {
        return Err("the store does not hold the last state".into());
    }

    // Somebody else, without the secret.
    let forged =
        Verifier::new("guessed")?.sign(r#"{"event_type":"VKYC_USER_CALL_COMPLETED","data":{"reference_id":1358}}"#);
    let request = reqwest::Client::new().post(&url).headers(forged.headers()).body(forged.body().to_vec());
    say("forger", &format!("gets {}", request.send().await?.status()));
    Ok(())
}

/// One line, with who says it.
fn say(who: &str, words: &str) {
    let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("{bold}{who:<8}{plain} {words}");
}
