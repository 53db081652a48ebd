//! Asks for the state of a Video KYC verification and says what it means.
//!
//! ```text
//! cargo run --example quickstart                               against the embedded sandbox
//! cargo run --example quickstart -- --show-links               the same, with the links in clear
//!
//! export CASHFREE_CLIENT_ID=… CASHFREE_CLIENT_SECRET=…         against Cashfree's sandbox
//! cargo run --example quickstart -- <verification id> [<reference id>]
//! CASHFREE_ENVIRONMENT=production cargo run --example quickstart -- <verification id>
//! ```

use std::env;
use std::io::IsTerminal;
use std::process::ExitCode;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{
    Client, Credentials, Environment, Error, ErrorCode, ReferenceId, Sensitive, VerificationId, VerificationRef,
    VideoKyc,
};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match quickstart().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn quickstart() -> Result {
    let (options, ids): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let show_links = options.iter().any(|option| option == "--show-links");
    if let Some(unknown) = options.iter().find(|option| *option != "--show-links") {
        return Err(format!("unknown option {unknown}; there is --show-links").into());
    }

    let live = ["CASHFREE_CLIENT_ID", "CASHFREE_CLIENT_SECRET"].iter().any(|name| env::var_os(name).is_some());
    if live {
        let client = live_client()?;
        let refs = refs_from(&ids)?;
        if refs.is_empty() {
            println!("Pass a verification id (and a reference id) of your account to see its state.\n");
        }
        run(&client, &refs, show_links).await
    } else {
        println!("CASHFREE_CLIENT_ID and CASHFREE_CLIENT_SECRET are not set: using the embedded sandbox.\n");
        let sandbox = Sandbox::start().await?;
        sandbox.put(Sandbox::published_sample());
        let refs = [VerificationId::new("vkyc_verification_id")?.into(), ReferenceId(1358).into()];
        run(&sandbox.client()?, &refs, show_links).await
    }
}

fn live_client() -> Result<Client> {
    let environment = match env::var("CASHFREE_ENVIRONMENT").as_deref() {
        Ok("production") => Environment::Production,
        Ok("sandbox") | Err(_) => Environment::Sandbox,
        Ok(_) => return Err("CASHFREE_ENVIRONMENT is neither `sandbox` nor `production`".into()),
    };
    Ok(Client::builder().environment(environment).credentials(Credentials::from_env()?).build()?)
}

fn refs_from(ids: &[String]) -> Result<Vec<VerificationRef>> {
    let mut refs = Vec::new();
    if let Some(id) = ids.first() {
        refs.push(VerificationId::new(id)?.into());
    }
    if let Some(id) = ids.get(1) {
        let id: ReferenceId = id.parse().map_err(|_| "the second argument, the reference id, is not a number")?;
        refs.push(id.into());
    }
    Ok(refs)
}

async fn run(client: &Client, refs: &[VerificationRef], show_links: bool) -> Result {
    for reference in refs {
        let how = match reference {
            VerificationRef::VerificationId(id) => format!("by verification id {id}"),
            VerificationRef::ReferenceId(id) => format!("by reference id {id}"),
        };
        match client.status(reference.clone()).await {
            Ok(vkyc) => print_account(&how, &vkyc, show_links),
            Err(error) => println!("{how}: {}\n", explain(error)?),
        }
    }

    let nobody = VerificationId::new("quickstart-no-such-verification")?;
    match client.status(&nobody).await {
        Ok(_) => println!("{nobody} exists, of all ids."),
        Err(error) => println!("by verification id {nobody}: {}", explain(error)?),
    }
    Ok(())
}

/// What a program does with an error: what it expects, it handles; the rest goes up.
fn explain(error: Error) -> Result<String> {
    match error.code() {
        // The status 404 alone would not do: a wrong path, or a product that is not enabled, is a 404 too.
        Some(code @ (ErrorCode::VerificationIdNotFound | ErrorCode::ReferenceIdNotFound)) => {
            Ok(format!("there is no such verification ({code}), so it has yet to be initiated"))
        }
        _ => Err(error.into()),
    }
}

fn print_account(how: &str, vkyc: &VideoKyc, show_links: bool) {
    let lifecycle = vkyc.lifecycle();
    let link = |link: &Option<Sensitive<String>>| match link {
        Some(link) if show_links => link.expose().clone(),
        Some(link) => format!("{link:?}"),
        None => "none".into(),
    };
    let time = |time: &Option<cashfree_vkyc::Timestamp>| time.as_ref().map_or("none".into(), ToString::to_string);
    let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("{bold}Video KYC {how}{plain}");
    for (label, value) in [
        ("status", vkyc.status.to_string()),
        ("sub-status", vkyc.sub_status.to_string()),
        ("phase", lifecycle.phase().to_string()),
        ("final", if lifecycle.is_final() { "yes" } else { "no" }.into()),
        ("who acts next", lifecycle.actor().to_string()),
        ("what to do", lifecycle.advice().into()),
        ("link", link(&vkyc.vkyc_link)),
        ("link expiry", time(&vkyc.link_expiry)),
        ("meeting", time(&vkyc.meeting_schedule)),
        ("recording", link(&vkyc.recording_link)),
    ] {
        println!("  {bold}{label:<14}{plain} {value}");
    }
    println!();
}
