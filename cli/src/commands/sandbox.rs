//! `sandbox`: the library's offline stand-in of Cashfree's API as a process, for programs in any language.
//!
//! ```text
//! stdout   export CASHFREE_ENVIRONMENT=…, the key pair and the process id, then let go of: cashfree-vkyc sandbox >env.sh &
//! stderr   a line a request and a webhook, for those who look on
//! ```

use cashfree_vkyc::sandbox::{Journey, Sandbox, SandboxBuilder};
use cashfree_vkyc::{Credentials, Lifecycle, VideoKyc};

use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::{Output, to_stderr};
use crate::variables::ENVIRONMENT;

/// The process to end; the other variables are named by the library.
const PROCESS: &str = "CASHFREE_SANDBOX_PID";

pub(crate) async fn run(args: &args::Sandbox, output: &Output) -> Result<Exit, Failure> {
    let journey = args.journey.clone().or_else(|| args.every.map(|_| Journey::completed()));
    let journey = journey.map(|journey| args.every.map_or(journey.clone(), |time| journey.every(time)));
    let mut builder = Sandbox::builder().port(args.port);
    if output.is_watched {
        builder = logging(builder, output.is_json);
    }
    if let Some(journey) = &journey {
        builder = builder.journey(journey.clone());
    }
    if let Some(url) = &args.webhooks_to {
        builder = builder.webhooks_to(url);
    }
    if let Some(requests) = args.per_minute {
        builder = builder.rate_limit(requests);
    }
    let started = builder.start_blocking();
    let sandbox =
        started.map_err(|error| Failure::io(format!("the sandbox cannot be started on port {}", args.port), &error))?;
    args.fault.iter().for_each(|fault| sandbox.inject(fault.clone()));
    fill(&sandbox, args.fill);
    let id = begin(&sandbox, journey)?;
    output.until_interrupted();
    print(&sandbox, output)?;
    output.note(&format!(
        "a sandbox at {}, until Ctrl-C or kill {}; it knows the verification {id}",
        sandbox.url(),
        std::process::id()
    ));
    release_streams(!output.is_watched);
    std::future::pending().await
}

/// A line of what comes and goes.
fn logging(builder: SandboxBuilder, json: bool) -> SandboxBuilder {
    let builder = builder.on_request(move |request| {
        let line = serde_json::json!({
            "at": request.at().to_string(), "method": request.method().as_str(), "operation": request.operation(),
            "http_status": request.http_status(), "request_id": request.request_id(), "faults": request.faults(),
        });
        to_stderr(&if json { line.to_string() } else { request.to_string() });
    });
    builder.on_webhook(|webhook| to_stderr(&format!("webhook {webhook}")))
}

/// Begins with the published sample: as it is, or on its journey.
fn begin(sandbox: &Sandbox, journey: Option<Journey>) -> Result<String, Failure> {
    let sample = Sandbox::published_sample();
    let id = sample.verification_id.clone().unwrap_or_default();
    match journey {
        None => sandbox.put(sample),
        Some(journey) => {
            let begun = sandbox.begin(&id, journey);
            begun.map_err(|error| Failure::new(Exit::Failed, "the journey cannot be begun").why(error))?;
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
        // Above those that the sandbox gives by itself.
        vkyc.reference_id = Some(900_000_000 + i64::from(number));
        (vkyc.status, vkyc.sub_status) = ((*status).clone(), sub_status.cloned().unwrap_or_default());
        sandbox.put(vkyc);
    }
}

/// The lines that a shell evaluates, the process last: who finds that has all of them.
fn print(sandbox: &Sandbox, output: &Output) -> Result<(), Failure> {
    let variables = [
        (ENVIRONMENT, sandbox.url()),
        (Credentials::ID_VARIABLE, sandbox.client_id().to_owned()),
        (Credentials::SECRET_VARIABLE, sandbox.client_secret().to_owned()),
        (PROCESS, std::process::id().to_string()),
    ];
    if output.is_json {
        output.json(&variables.into_iter().collect::<std::collections::BTreeMap<_, _>>())?;
    } else {
        for (name, value) in variables {
            output.line(&format!("export {name}={value}"))?;
        }
    }
    Ok(())
}

/// Nothing more comes on the standard output, so who waits for its end goes on; and who waits for the end of the standard error,
/// where nothing more comes either. Should it fail, they wait for the end of the sandbox, as they would elsewhere.
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
