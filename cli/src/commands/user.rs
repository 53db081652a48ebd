//! `user`: customers, whose data is redacted unless it was asked for.

use cashfree_vkyc::{NewUser, Response, UserChanges, UserId};
use serde::Serialize;

use crate::account::Shown;
use crate::args::{Details, User, WhichUser};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

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
        User::Create { phone, user, details } => {
            client.create_user(new(phone, user.as_ref(), details)).await.map_err(failed("the user was not created"))?
        }
        User::Show { which } => client.user(reference(which)?).await.map_err(failed("the user could not be had"))?,
        User::Update { which, details } => {
            let changes = changes(details)?;
            client.update_user(reference(which)?, changes).await.map_err(failed("the user was not changed"))?
        }
    };
    show(&user, output)?;
    Ok(Exit::Done)
}

fn reference(which: &WhichUser) -> Result<cashfree_vkyc::UserRef, Failure> {
    which.reference().ok_or_else(|| Failure::usage("name a user"))
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

fn changes(details: &Details) -> Result<UserChanges, Failure> {
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
    if details.name.is_none() && details.email.is_none() && details.address.is_none() {
        return Err(Failure::usage("nothing is to be changed").next("pass --name, --email or --address"));
    }
    Ok(changes)
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
