//! `user`: customers. Their data is redacted by default.

use cashfree_vkyc::{NewUser, UserChanges};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::{Details, User};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::record::Record;
use crate::session::Session;

pub(crate) async fn run(args: &User, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let (call, what) = match args {
        User::Create { stdin, new } => {
            let new: NewUser = match stdin {
                Some(_) => input::json("the customer as a JSON object", output).await?,
                None => body(new)?,
            };
            (client.create_user(new), "the user was not created")
        }
        User::Show { which } => (client.user(which.reference()?), "the user could not be fetched"),
        User::Update { which, details } => {
            let call = match which.is_stdin() {
                true => client.operations().vkyc_update_user().body(changes(details, output).await?).send(),
                false if details.is_empty() => return Err(nothing("pass --name, --email or --address")),
                false => client.update_user(which.reference()?, body(details)?),
            };
            (call, "the user was not changed")
        }
    };
    let user = call.await.map_err(|error| match args {
        User::Create { .. } => {
            let ask = "check with `cashfree-vkyc user show` before you create another";
            Failure::write(what, "the user may have been created, or may still be created", ask, &error)
        }
        _ => Failure::call(what, &error),
    })?;
    // Only this id leads to the customer if Cashfree assigned it.
    let id = user.user_id.as_ref().map(|id| id.expose().clone());
    let id = id.or_else(|| user.user_reference_id.map(|number| number.to_string()));
    let created = id.as_deref().filter(|_| matches!(args, User::Create { .. }));
    let fields = cashfree_vkyc::User::FIELDS;
    let record = Record::default().with_created(fields, &*user, output.shows_sensitive, created);
    output.record("User", &record.with("request_id", "", user.request_id()))?;
    Ok(Exit::Done)
}

/// The changes from the standard input, which also identify the customer.
async fn changes(options: &Details, output: &Output) -> Result<UserChanges, Failure> {
    if !options.is_empty() {
        return Err(Failure::usage("with -, the standard input has all the data").next("remove the other options"));
    }
    let changes: UserChanges = input::json("the changes as a JSON object", output).await?;
    // One field is the id. The library checks that it is there.
    if serde_json::to_value(&changes).is_ok_and(|body| body.as_object().is_some_and(|body| body.len() == 1)) {
        return Err(nothing("add the fields to change to the JSON object"));
    }
    Ok(changes)
}

fn nothing(next: &str) -> Failure {
    Failure::usage("there is nothing to change").next(next)
}

/// The body of a request, from options with the names of its fields.
fn body<T: DeserializeOwned>(options: &impl Serialize) -> Result<T, Failure> {
    let body = serde_json::to_value(options).and_then(serde_json::from_value);
    body.map_err(|error| Failure::usage("the options cannot be used").why(error))
}
