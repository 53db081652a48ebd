//! Options that identify a customer, and the data of a customer.

use cashfree_vkyc::{UserId, UserRef, UserReferenceId};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::failure::Failure;

/// Identifies a customer.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichUser {
    /// Your id of the customer
    #[arg(long, value_name = "ID")]
    user: Option<UserId>,
    /// Cashfree's number of the customer
    #[arg(long, value_name = "N")]
    user_reference_id: Option<UserReferenceId>,
}

impl WhichUser {
    /// # Errors
    /// When there is no id, which clap rejects before.
    pub(crate) fn reference(&self) -> Result<UserRef, Failure> {
        let id = self.user.clone().map(UserRef::from);
        id.or(self.user_reference_id.map(UserRef::from)).ok_or_else(|| Failure::usage("name a user"))
    }
}

/// Identifies a customer in commands that take no other id: this one needs no option.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Customer {
    /// Your id of the customer
    #[arg(value_name = "ID", group = "WhichUser")]
    id: Option<UserId>,
    #[command(flatten)]
    which: WhichUser,
}

impl Customer {
    /// # Errors
    /// When there is no id, which clap rejects before.
    pub(crate) fn reference(&self) -> Result<UserRef, Failure> {
        self.id.clone().map_or_else(|| self.which.reference(), |id| Ok(id.into()))
    }

    /// Whether the standard input identifies the customer. For a customer with the id `-`, use `--user`.
    pub(crate) fn is_stdin(&self) -> bool {
        self.id.as_ref().is_some_and(|id| id.as_str() == STDIN)
    }
}

/// The argument that means the standard input.
pub(crate) const STDIN: &str = "-";

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Create a customer
    ///
    /// Other users of the machine can see arguments. With - the customer is read from the standard input, as the JSON object of the API:
    /// {"user_id": "u-1", "phone": "…", "name": "…", "email": "…", "address": "…"}. Only phone is required. The output shows the id of
    /// the customer, which Cashfree assigns unless you choose one.
    #[command(after_help = "Example: cashfree-vkyc user create - < customer.json")]
    Create {
        /// Read the customer as a JSON object from the standard input, which no other user can see
        #[arg(value_name = STDIN, value_parser = [STDIN], hide_possible_values = true)]
        #[arg(conflicts_with_all = ["phone", "user", "name", "email", "address"])]
        stdin: Option<String>,
        #[command(flatten)]
        new: New,
    },
    /// Show a customer
    #[command(after_help = "Example: cashfree-vkyc user show u-1 --show-sensitive")]
    Show {
        #[command(flatten)]
        which: Customer,
    },
    /// Change a customer
    ///
    /// Other users of the machine can see arguments. With - as the id, the changes are read from the standard input, as the JSON object
    /// of the API: {"user_id": "u-1", "name": "…", "email": "…", "address": "…"}, or user_reference_id with Cashfree's number.
    #[command(after_help = "Example: cashfree-vkyc user update - < changes.json")]
    Update {
        #[command(flatten)]
        which: Customer,
        #[command(flatten)]
        details: Details,
    },
}

/// A new customer, as the JSON object of the API.
#[derive(Debug, Args, Serialize)]
#[group(skip)]
pub(crate) struct New {
    /// The phone number, which cannot be changed later
    #[arg(long, required_unless_present = "stdin")]
    phone: Option<String>,
    /// Your id of the customer; by default Cashfree assigns one
    #[arg(long, value_name = "ID")]
    #[serde(rename = "user_id", skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    #[command(flatten)]
    #[serde(flatten)]
    details: Details,
}

/// The data of a customer that can be changed, as the JSON object of the API.
#[derive(Debug, Args, Serialize)]
#[group(skip)]
pub(crate) struct Details {
    /// The name
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The e-mail address
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The address
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl Details {
    pub(crate) const fn is_empty(&self) -> bool {
        self.name.is_none() && self.email.is_none() && self.address.is_none()
    }
}
