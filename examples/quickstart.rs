//! The main flow: start a verification, wait for its end, keep the recording. With credentials: show the state of one verification.
//!
//! ```text
//! cargo run --example quickstart                               the main flow, against the embedded sandbox
//!
//! export CASHFREE_CLIENT_ID=… CASHFREE_CLIENT_SECRET=…         against Cashfree's sandbox
//! cargo run --example quickstart -- <verification id>
//! CASHFREE_ENVIRONMENT=production cargo run --example quickstart -- <verification id>
//! ```

use std::env;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Journey, Sandbox};
use cashfree_vkyc::{Client, Credentials, Environment, Error, Initiate, NewUser, UserId, VerificationId, VideoKyc};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let is_set = |name| env::var_os(name).is_some();
    let is_live = is_set(Credentials::ID_VARIABLE) || is_set(Credentials::SECRET_VARIABLE);
    let outcome = if is_live { ask_cashfree(env::args().nth(1)).await } else { whole_flow().await };
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        return std::process::ExitCode::FAILURE;
    }
    std::process::ExitCode::SUCCESS
}

async fn ask_cashfree(id: Option<String>) -> Result {
    let id = id.ok_or("pass the id of a verification: cargo run --example quickstart -- <verification id>")?;
    let environment = match env::var("CASHFREE_ENVIRONMENT").as_deref() {
        Ok("production") => Environment::Production,
        Ok("sandbox") | Err(_) => Environment::Sandbox,
        Ok(_) => return Err("CASHFREE_ENVIRONMENT is neither `sandbox` nor `production`".into()),
    };
    let client = Client::builder().environment(environment).credentials(Credentials::from_env()?).build()?;
    match client.status(VerificationId::new(&id)?).await {
        Ok(vkyc) => say("status", &in_words(&vkyc)),
        Err(error) if error.is_not_found() => say("status", "there is no such verification"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn whole_flow() -> Result {
    println!("CASHFREE_CLIENT_ID and CASHFREE_CLIENT_SECRET are not set: this is the embedded sandbox.\n");
    let sandbox = Sandbox::start().await?;
    sandbox.set_journey(Journey::completed())?;
    let client = sandbox.client()?; // in production: `Client::builder()`, as above

    let id = VerificationId::new("kyc-7")?;
    let vkyc = start(&client, &id).await?;
    say("started", &in_words(&vkyc));
    let link = vkyc.vkyc_link.as_ref().ok_or("a response without a link")?;
    say("link", &format!("{} characters, for the customer only", link.expose().len()));

    let watch = client.watch(&id).interval(Duration::from_secs(1)).max_wait(Duration::from_secs(60));
    let closed = tokio::spawn(watch.until_closed());
    // The customer, the agent and the auditor act.
    let customer = sandbox.verification(id.as_str()).ok_or("the verification was not started")?;
    for _ in 1..Journey::completed().steps().len() {
        tokio::time::sleep(Duration::from_millis(250)).await;
        say("now", &in_words(&customer.advance().await?));
    }

    let vkyc = closed.await??;
    say("closed", &in_words(&vkyc));
    let recording = vkyc.recording().ok_or("a completed verification without a recording")?;
    let receipt = recording.download(&client, tokio::io::sink()).await?;
    say("receipt", &serde_json::to_string(&receipt)?);
    sandbox.assert_no_problems();
    println!("\nNext, a whole service with webhooks:   cargo run --example service");
    Ok(())
}

/// Creates the user, and starts the verification.
async fn start(client: &Client, id: &VerificationId) -> Result<VideoKyc, Error> {
    let user = UserId::new("customer-7")?; // your own ids: choose them once, and store them
    client.create_or_get_user(NewUser::new("9988776655").user_id(user.clone())).await?;
    Ok(client.initiate_or_get(Initiate::new(id.clone(), user)).await?.into_inner())
}

fn in_words(vkyc: &VideoKyc) -> String {
    let state = if vkyc.sub_status.is_empty() {
        vkyc.status.to_string()
    } else {
        format!("{} / {}", vkyc.status, vkyc.sub_status)
    };
    format!("{state:<52} {}", vkyc.lifecycle().advice())
}

/// One line of the timeline.
fn say(step: &str, words: &str) {
    println!("{step:>8}  {words}");
}
