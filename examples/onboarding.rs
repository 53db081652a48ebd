//! The whole flow, offline: a customer becomes a user, a verification is started, the link handed over, and webhooks and a watch
//! see it to its end. It prints a timeline.
//!
//! ```text
//! cargo run --example onboarding
//! ```
//!
//! ```text
//! create_or_get_user ─▶ initiate ─▶ sdk_token, link ─▶ the customer, an agent, an auditor (here: the sandbox) ─▶ closed
//!                          └─ never twice                       └─ each step: webhook ─▶ verified ─▶ watch
//! ```

use std::io::IsTerminal as _;
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::{Router, routing::post};
use cashfree_vkyc::sandbox::{Journey, Sandbox};
use cashfree_vkyc::webhook::{VerifiedEvent, Verifier};
use cashfree_vkyc::{
    AuthenticatedUser, Client, IdentifierType, Initiate, NewUser, NotificationType, TokenMetadata, TokenRequest,
    UserId, VerificationId, VideoKyc, Watches,
};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result {
    onboarding().await
}

async fn onboarding() -> Result {
    // In production: `Client::builder()` with your credentials, and the endpoint that you gave Cashfree.
    let sandbox = Sandbox::start().await?;
    let (client, watches) = (sandbox.client()?, Watches::new());
    sandbox.webhooks_to(serve_webhooks(sandbox.verifier()?, watches.clone()).await?);
    sandbox.set_journey(Journey::completed())?;

    let vkyc = start(&client).await?;
    let id = VerificationId::new(vkyc.verification_id.as_deref().ok_or("a response without our id")?)?;
    let link = vkyc.vkyc_link.as_ref().ok_or("a response without a link")?;
    // Whoever has the link can open the session, so it goes to the customer and into no log.
    say("link", &format!("{} characters, to be sent to the customer", link.expose().len()));

    let watch = watches.add(client.watch(&id).max_wait(Duration::from_secs(3600)));
    let closed = tokio::spawn(watch.until_closed());
    // The part of the customer, the agent and the auditor.
    sandbox.verification(id.as_str()).ok_or("the sandbox does not know it")?.finish().await?;

    let vkyc = closed.await??;
    say("closed", &account_of(&vkyc));
    if let Some(recording) = vkyc.recording() {
        let receipt = recording.download(&client, tokio::io::sink()).await?;
        say("recording", &format!("{} bytes; its receipt goes to the compliance file", receipt.bytes()));
    }
    sandbox.assert_no_problems();
    Ok(())
}

/// What a service does when a customer signs up.
async fn start(client: &Client) -> Result<VideoKyc> {
    // The id is yours, and the key: sent again, it makes no second user.
    let user_id = UserId::new("customer-7")?;
    let user = client.create_or_get_user(NewUser::new("9988776655").user_id(user_id.clone())).await?;
    say("user", if user.user_reference_id.is_some() { "known to Cashfree" } else { "made" });

    // The same holds here, where a second verification would cost money and confuse the customer.
    let initiate =
        Initiate::new(VerificationId::new("onboarding-7")?, &user_id).notification_types([NotificationType::Sms]);
    let vkyc = client.initiate(initiate).await?.into_inner();
    say("started", &account_of(&vkyc));

    let who = AuthenticatedUser::new(IdentifierType::UserId, user_id.as_str());
    let request = vkyc.reference_id.ok_or("a response without a reference id")?;
    let token = client.sdk_token(TokenRequest::new("your-app-id", TokenMetadata::new(request), who)).await?;
    say(
        "token",
        &format!("for the web or mobile SDK, until {}", token.lapses().map_or("?".into(), ToString::to_string)),
    );
    Ok(vkyc)
}

#[derive(Clone)]
struct Endpoint {
    verifier: Verifier,
    watches: Watches,
}

impl FromRef<Endpoint> for Verifier {
    fn from_ref(endpoint: &Endpoint) -> Self {
        endpoint.verifier.clone()
    }
}

async fn serve_webhooks(verifier: Verifier, watches: Watches) -> Result<String> {
    async fn receive(State(endpoint): State<Endpoint>, VerifiedEvent(event): VerifiedEvent) {
        say("webhook", &format!("{}: {}", event.event_type, account_of(&event.data)));
        endpoint.watches.feed(&event);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhooks", listener.local_addr()?);
    let router = Router::new().route("/webhooks", post(receive)).with_state(Endpoint { verifier, watches });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

fn account_of(vkyc: &VideoKyc) -> String {
    let (lifecycle, sub_status) = (vkyc.lifecycle(), vkyc.sub_status.as_str());
    let slash = if sub_status.is_empty() { "" } else { " / " };
    format!("{}{slash}{} ({}; next: {})", vkyc.status, vkyc.sub_status, lifecycle.phase(), lifecycle.actor())
}

/// A line of the timeline.
fn say(what: &str, words: &str) {
    let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("{bold}{what:>10}{plain}  {words}");
}
