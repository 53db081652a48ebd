//! `status`: the current state of one verification.

use crate::args::Status;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::view::{exit_of, verification};

pub(crate) async fn run(args: &Status, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let call = session.client()?.status(args.which.reference()?).await;
    let vkyc = call.map_err(|error| Failure::call("the status could not be had", &error))?;
    let rules = args.rules.rules();
    output.record("Video KYC", &verification(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive))?;
    Ok(exit_of(&vkyc, &rules))
}
