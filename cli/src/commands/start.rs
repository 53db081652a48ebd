//! `start`: begins a verification, once. It costs money and may write to a customer, so it asks first.

use cashfree_vkyc::{Initiate, OutcomeRules, Phase};

use crate::args::Start;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::session::Session;
use crate::view::{exit_of, verification};

pub(crate) async fn run(args: &Start, session: &Session, output: &Output) -> Result<Exit, Failure> {
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
            "This starts the verification {} at {server}: it is paid for from the account's wallet, and the customer may be written \
             to. Go on?",
            args.id
        );
        input::confirm(output, &question).await?;
    }
    output
        .when_interrupted("it may have been started: ask for it with `cashfree-vkyc status` before you start another");
    let vkyc = client.initiate_or_get(initiate).await.map_err(|error| {
        let ask = format!("ask for it with `cashfree-vkyc status {}` before you start another", args.id);
        let may_have = "the verification may have been started, or may start still";
        let failure = Failure::write("the verification was not started", may_have, ask, &error);
        if error.is_insufficient_balance() {
            failure.next("top up the wallet, then start it again with another id")
        } else {
            failure
        }
    })?;
    let rules = OutcomeRules::default();
    let record = verification(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive);
    output.record("Video KYC, started", &record)?;
    // The response is the same for one that existed before. Only a later state shows that it did.
    if !output.is_json && vkyc.lifecycle().phase() != Phase::Invited {
        output.note("if it was started before, this is that one: a new one would wait for the customer");
    }
    Ok(exit_of(&vkyc, &rules))
}
