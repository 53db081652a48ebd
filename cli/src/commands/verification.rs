//! `status`, `watch`, `start` and `token`: one verification.

use std::time::Duration;

use cashfree_vkyc::{
    AuthenticatedUser, IdentifierType, Initiate, NumberOrText, OutcomeRules, Phase, Response, Sensitive, Timestamp,
    TokenMetadata, TokenRequest, VideoKyc,
};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::args::{STDIN, Start, Status, Token, Until, Watch};
use crate::failure::{Exit, Failure};
use crate::output::{Output, Paint, waiting_bar};
use crate::record::{Record, end, is_over, state, verification};
use crate::session::Session;
use crate::{escape, input};

/// The current state of one verification.
pub(crate) async fn status(args: &Status, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let call = session.client()?.status(args.which.reference()?).await;
    let vkyc = call.map_err(|error| Failure::call("the status could not be fetched", &error))?;
    let rules = args.rules.rules();
    output.record("Video KYC", &verification(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive, None))?;
    end(&vkyc, &rules)
}

/// The interval for a local server, which has no rate limit.
const LOCAL: Duration = Duration::from_secs(1);

/// Prints each change of one verification until it is over. In a terminal, a live line shows who acts and for how long.
///
/// ```text
/// stdout   time  STATUS / SUB_STATUS  phase  what to do          a line per change, usable as a log
/// stderr   ⠋ queue, agent acts, for 2m
/// ```
pub(crate) async fn watch(args: &Watch, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let mut watch = session.client()?.watch(args.which.reference()?).max_wait(args.max_wait);
    if let Some(interval) = args.interval.or(session.is_local().then_some(LOCAL)) {
        watch = watch.interval(interval);
    }
    let (rules, bar) = (args.rules.rules(), waiting_bar());
    bar.set_message("asking");
    output.when_interrupted("run the same command again: nothing is lost");
    let (mut changes, mut ended) = (watch.changes(), Ok(Exit::Failed));
    while let Some(change) = changes.next().await {
        let vkyc = change.map_err(|error| Failure::watch(&error))?;
        // The live line is hidden while the change is printed.
        bar.suspend(|| print(&vkyc, &rules, output))?;
        ended = end(&vkyc, &rules);
        let lifecycle = vkyc.lifecycle();
        if lifecycle.is_final() || (args.until == Until::Closed && is_over(&vkyc)) {
            break;
        }
        bar.set_message(format!("{}, {} acts, for", lifecycle.phase(), lifecycle.actor()));
        bar.reset_elapsed();
    }
    ended
}

fn print(vkyc: &Response<VideoKyc>, rules: &OutcomeRules, output: &Output) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    if output.is_json {
        let record = verification(vkyc, rules, vkyc.request_id(), output.shows_sensitive, None);
        return output.json(&Record::default().with("at", "", now.to_string()).with_all(record));
    }
    let lifecycle = vkyc.lifecycle();
    let paint = if lifecycle.is_final() { Paint::Green } else { Paint::Bold };
    let (state, phase) = (output.paint(paint, &state(vkyc)), lifecycle.phase());
    output.line(&format!("{now:.0}  {state}  {phase}, {} acts: {}", lifecycle.actor(), lifecycle.advice()))
}

/// Starts a verification once, and shows its link. It costs money and may send a message to a customer, so it asks first.
pub(crate) async fn start(args: &Start, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let mut initiate = Initiate::new(args.id.clone(), args.user.reference()?);
    if !args.notify.is_empty() {
        initiate = initiate.notification_types(args.notify.iter().map(String::as_str));
    }
    if let Some(template) = &args.user_template {
        initiate = initiate.user_template(template);
    }
    if let Some(template) = &args.agent_template {
        initiate = initiate.agent_template(template);
    }
    if !args.yes {
        let server = if session.is_local() { "a sandbox" } else { "Cashfree" };
        let question = format!(
            "This starts the verification {} at {server}: it is charged to the account's wallet, and the customer may get a message. \
             Continue?",
            args.id
        );
        input::confirm(&question).await?;
    }
    output.when_interrupted("it may have been started: check with `cashfree-vkyc status` before you start another");
    let vkyc = client.initiate_or_get(initiate).await.map_err(|error| {
        let ask = format!("check with `cashfree-vkyc status {}` before you start another", args.id);
        let may_have = "the verification may have been started, or may still start";
        let failure = Failure::write("the verification was not started", may_have, ask, &error);
        if error.is_insufficient_balance() {
            failure.next("top up the wallet, then start it again with another id")
        } else {
            failure
        }
    })?;
    let (rules, link) = (args.rules.rules(), vkyc.vkyc_link.as_ref().map(|link| link.expose().as_str()));
    let record = verification(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive, link);
    output.record("Video KYC, started", &record)?;
    // The response is the same for an existing verification. Only a later state shows that it existed.
    if !output.is_json && vkyc.lifecycle().phase() != Phase::Invited {
        output.note("this verification was probably started before: a new one would wait for the customer");
    }
    end(&vkyc, &rules)
}

/// Creates a token for the web and mobile SDKs. It is the output, so it is not redacted.
pub(crate) async fn token(args: &Token, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let value = match args.identifier_value.as_str() {
        STDIN => input::text("the value of the identifier").await?,
        value => value.to_owned(),
    };
    let value = Sensitive::new(NumberOrText::from(value));
    let user = AuthenticatedUser::new(IdentifierType::from(args.identifier_type.as_str()), value);
    let request = TokenRequest::new(&args.app_id, TokenMetadata::new(args.reference_id.to_string()), user);
    let call = client.sdk_token(request).await;
    let token = call.map_err(|error| Failure::call("no token was created", &error))?;
    let text = token.access_token.as_ref().map(|text| text.expose().as_str());
    let text = text.ok_or_else(|| Failure::new(Exit::Failed, "the response has no token"))?;
    let lapses = token.lapses().map(Timestamp::as_str);
    if output.is_json {
        output.json(&json!({ "access_token": text, "lapses": lapses, "request_id": token.request_id() }))?;
    } else {
        output.line(&escape::line(text))?;
        output.note(&format!("expires: {}", lapses.unwrap_or("the response does not say")));
    }
    Ok(Exit::Done)
}
