//! `start`: begins a verification, once. It costs money and writes to a customer, so it asks.

use cashfree_vkyc::{Delivery, Initiate, OutcomeRules, Phase};

use crate::args::Start;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::session::Session;
use crate::view::{Account, exit_of};

pub(crate) async fn run(args: &Start, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let user = args.user.reference().ok_or_else(|| Failure::usage("name a user"))?;
    let mut initiate = Initiate::new(args.id.clone(), user);
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
        let costs = format!(
            "This starts the verification {} at {}: it is paid for from the account's wallet, and the customer may be written to. \
             Go on?",
            args.id,
            if session.is_here() { "a sandbox" } else { "Cashfree" }
        );
        input::confirm(output, &costs).await?;
    }
    output
        .when_interrupted("it may have been started: ask for it with `cashfree-vkyc status` before you start another");
    let vkyc = client.initiate(initiate).await.map_err(|error| {
        let failure = Failure::call("the verification was not started", &error);
        if error.is_insufficient_balance() {
            failure.next("top up the wallet, then start it again with another id")
        } else if error.delivery() == Delivery::Unknown {
            failure.next(format!("ask for it with `cashfree-vkyc status {}` before you start another", args.id))
        } else {
            failure
        }
    })?;
    let rules = OutcomeRules::default();
    let account = Account::new(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive());
    if output.is_json() {
        output.json(&account)?;
    } else {
        output.pairs("Video KYC, started", &account.rows())?;
        // The response of the library is the same for one that was there; only one that has gone on tells by its state.
        if vkyc.lifecycle().phase() != Phase::Invited {
            output.note("if it was started before, this is that one: a new one would wait for the customer");
        }
    }
    Ok(exit_of(&vkyc, &rules))
}
