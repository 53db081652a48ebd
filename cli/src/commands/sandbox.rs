//! `sandbox`: the library's offline simulation of Cashfree's API as a process, for programs in any language.
//!
//! ```text
//! stdout   export CASHFREE_ENVIRONMENT=…, the key pair and the process id, then closed: cashfree-vkyc sandbox >env.sh &
//! stderr   a line for each request and webhook, in a terminal or with -v
//! ```

use cashfree_vkyc::sandbox::{Journey, Sandbox, SandboxBuilder};
use cashfree_vkyc::{Credentials, Lifecycle, VideoKyc};

use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::{Output, to_stderr};
use crate::session::ENVIRONMENT;

/// The variable with the process to kill. The library has the other names.
const PROCESS: &str = "CASHFREE_SANDBOX_PID";

pub(crate) async fn run(args: &args::Sandbox, output: &Output) -> Result<Exit, Failure> {
    let named = |name: &String| Journey::ready_made().into_iter().find(|(known, _)| known == name);
    let journey = args.journey.as_ref().and_then(named).map(|(_, journey)| journey);
    let journey = journey.or_else(|| args.every.map(|_| Journey::completed()));
    let journey = journey.map(|journey| args.every.map_or(journey.clone(), |time| journey.every(time)));
    let mut builder = Sandbox::builder().port(args.port);
    if output.is_watched {
        builder = logging(builder, output.is_json);
    }
    if let Some(requests) = args.per_minute {
        builder = builder.rate_limit(requests);
    }
    let started = builder.start_blocking();
    let sandbox =
        started.map_err(|error| Failure::io(format!("the sandbox cannot start on port {}", args.port), &error))?;
    if let Some(url) = &args.webhooks_to {
        sandbox.webhooks_to(url);
    }
    fill(&sandbox, args.fill);
    let id = begin(&sandbox, journey)?;
    output.until_interrupted();
    print(&sandbox, output)?;
    output.note(&format!(
        "a sandbox at {}, until Ctrl-C or kill {}; it has the verification {id}",
        sandbox.url(),
        std::process::id()
    ));
    release_streams(!output.is_watched);
    std::future::pending().await
}

/// Prints a line for each request and webhook.
fn logging(builder: SandboxBuilder, json: bool) -> SandboxBuilder {
    let builder = builder.on_request(move |request| {
        let line = serde_json::json!({
            "at": request.at.to_string(), "method": request.method.as_str(), "operation": request.operation,
            "http_status": request.http_status.map(|status| status.as_u16()), "request_id": request.request_id, "faults": request.faults,
        });
        to_stderr(&if json { line.to_string() } else { request.to_string() });
    });
    builder.on_webhook(|webhook| to_stderr(&format!("webhook {webhook}")))
}

/// Adds the published sample: as it is, or at the beginning of the journey.
fn begin(sandbox: &Sandbox, journey: Option<Journey>) -> Result<String, Failure> {
    let sample = Sandbox::published_sample();
    let id = sample.verification_id.clone().unwrap_or_default();
    match journey {
        None => sandbox.put(sample),
        Some(journey) => {
            let begun = sandbox.set_journey(journey.clone()).and_then(|()| sandbox.begin(&id, journey));
            begun.map_err(|error| Failure::new(Exit::Failed, "the journey cannot begin").why(error))?;
        }
    }
    Ok(id)
}

/// Verifications in every state that the spec knows.
fn fill(sandbox: &Sandbox, count: u32) {
    let states: Vec<_> = Lifecycle::states().collect();
    for (number, (status, sub_status)) in (1..=count).zip(states.iter().cycle()) {
        let mut vkyc = VideoKyc::default();
        vkyc.verification_id = Some(format!("sandbox_{number}"));
        // Greater than the ids that the sandbox assigns.
        vkyc.reference_id = Some(900_000_000 + i64::from(number));
        (vkyc.status, vkyc.sub_status) = ((*status).clone(), sub_status.cloned().unwrap_or_default());
        sandbox.put(vkyc);
    }
}

/// Prints the lines that a shell evaluates. The process id is the last one, so a reader that finds it has all lines.
fn print(sandbox: &Sandbox, output: &Output) -> Result<(), Failure> {
    let (url, process) = (sandbox.url(), std::process::id().to_string());
    let variables = [
        (ENVIRONMENT, url.as_str()),
        (Credentials::ID_VARIABLE, sandbox.client_id()),
        (Credentials::SECRET_VARIABLE, sandbox.client_secret()),
        (PROCESS, process.as_str()),
    ];
    output.each(variables.into_iter(), |name, value| format!("export {name}={value}"))
}

/// Closes the standard output, so that a script that reads it to its end continues. If requests are not printed, also closes the
/// standard error. If this fails, the script waits for the end of the sandbox.
#[cfg(unix)]
fn release_streams(also_of_stderr: bool) {
    use std::io::IsTerminal as _;
    let Ok(nowhere) = std::fs::OpenOptions::new().write(true).open("/dev/null") else { return };
    if !std::io::stdout().is_terminal() {
        let _ = rustix::stdio::dup2_stdout(&nowhere);
    }
    if also_of_stderr && !std::io::stderr().is_terminal() {
        let _ = rustix::stdio::dup2_stderr(&nowhere);
    }
}

#[cfg(not(unix))]
fn release_streams(_: bool) {}
