//! `user`: customers, whose data is redacted unless it was asked for.

use cashfree_vkyc::{Client, NewUser, Response, UserChanges, UserId};
use serde::Serialize;

use crate::args::{Customer, Details, User};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::session::Session;
use crate::view::Shown;

/// A customer. Its fields are those of the JSON that we print.
#[derive(Serialize)]
struct Card<'a> {
    user_id: Option<Shown>,
    user_reference_id: Option<Shown>,
    phone: Option<Shown>,
    name: Option<Shown>,
    email: Option<Shown>,
    address: Option<Shown>,
    request_id: Option<&'a str>,
}

pub(crate) async fn run(args: &User, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let failed = |what: &'static str| move |error: cashfree_vkyc::Error| Failure::call(what, &error);
    let user = match args {
        User::Create { phone, user, details, .. } => {
            let new = match phone {
                Some(phone) => new(phone, user.as_ref(), details),
                None => input::json("the customer as a JSON object", output).await?,
            };
            client.create_user(new).await.map_err(failed("the user was not created"))?
        }
        User::Show { which } => client.user(reference(which)?).await.map_err(failed("the user could not be had"))?,
        User::Update { which, details } => {
            update(&client, which, details, output).await?.map_err(failed("the user was not changed"))?
        }
    };
    show(&user, output)?;
    Ok(Exit::Done)
}

fn reference(which: &Customer) -> Result<cashfree_vkyc::UserRef, Failure> {
    which.reference().ok_or_else(|| Failure::usage("name a user"))
}

/// What comes of a change; the failure is one of what was asked for.
async fn update(
    client: &Client,
    which: &Customer,
    details: &Details,
    output: &Output,
) -> Result<Result<Response<cashfree_vkyc::User>, cashfree_vkyc::Error>, Failure> {
    let nothing = |next: &str| Failure::usage("nothing is to be changed").next(next);
    if !which.is_stdin() {
        let changes = changes(details).ok_or_else(|| nothing("pass --name, --email or --address"))?;
        return Ok(client.update_user(reference(which)?, changes).await);
    }
    if !details.is_empty() {
        return Err(Failure::usage("with - all comes from the standard input").next("leave out the options"));
    }
    let changes: UserChanges = input::json("the changes as a JSON object", output).await?;
    // One field of it says who is meant, which the library sees to.
    if serde_json::to_value(&changes).is_ok_and(|body| body.as_object().is_some_and(|body| body.len() == 1)) {
        return Err(nothing("write what is to be changed beside the id"));
    }
    Ok(client.operations().vkyc_update_user().body(changes).send().await)
}

fn new(phone: &str, user: Option<&UserId>, details: &Details) -> NewUser {
    let mut new = NewUser::new(phone);
    if let Some(id) = user {
        new = new.user_id(id.clone());
    }
    if let Some(name) = &details.name {
        new = new.name(name.clone());
    }
    if let Some(email) = &details.email {
        new = new.email(email.clone());
    }
    if let Some(address) = &details.address {
        new = new.address(address.clone());
    }
    new
}

/// `None` where there are none.
fn changes(details: &Details) -> Option<UserChanges> {
    let mut changes = UserChanges::new();
    if let Some(name) = &details.name {
        changes = changes.name(name.clone());
    }
    if let Some(email) = &details.email {
        changes = changes.email(email.clone());
    }
    if let Some(address) = &details.address {
        changes = changes.address(address.clone());
    }
    (!details.is_empty()).then_some(changes)
}

fn show(user: &Response<cashfree_vkyc::User>, output: &Output) -> Result<(), Failure> {
    let shows = output.shows_sensitive();
    let card = Card {
        user_id: Shown::text(&user.user_id, shows),
        user_reference_id: Shown::of(user.user_reference_id.map(|id| id.to_string()), shows),
        phone: Shown::text(&user.phone, shows),
        name: Shown::text(&user.name, shows),
        email: Shown::text(&user.email, shows),
        address: Shown::text(&user.address, shows),
        request_id: user.request_id(),
    };
    if output.is_json() {
        return output.json(&card);
    }
    let shown = |value: &Option<Shown>| value.as_ref().map_or("none", Shown::as_str).to_owned();
    output.pairs(
        "User",
        &[
            ("user id", shown(&card.user_id)),
            ("user reference id", shown(&card.user_reference_id)),
            ("phone", shown(&card.phone)),
            ("name", shown(&card.name)),
            ("email", shown(&card.email)),
            ("address", shown(&card.address)),
        ],
    )
}
