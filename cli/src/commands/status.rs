//! `status`: one verification, as it is now.

use crate::args::Status;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::view::{Account, exit_of};

pub(crate) async fn run(args: &Status, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let reference = args.which.reference().ok_or_else(|| Failure::usage("name a verification"))?;
    let call = client.status(reference).await;
    let vkyc = call.map_err(|error| Failure::call("the status could not be had", &error))?;
    let rules = args.rules.rules();
    let account = Account::new(&vkyc, &rules, vkyc.request_id(), output.shows_sensitive());
    if output.is_json() {
        output.json(&account)?;
    } else {
        output.pairs("Video KYC", &account.rows())?;
    }
    Ok(exit_of(&vkyc, &rules))
}
