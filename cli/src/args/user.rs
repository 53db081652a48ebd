//! What names a customer, and what may be said of one.

use cashfree_vkyc::{UserId, UserRef, UserReferenceId};
use clap::{Args, Subcommand};

/// Which customer.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichUser {
    /// Your id of the customer
    #[arg(long, value_name = "ID", value_parser = user_id)]
    user: Option<UserId>,
    /// Cashfree's number of the customer
    #[arg(long, value_name = "N")]
    user_reference_id: Option<i64>,
}

impl WhichUser {
    pub(crate) fn reference(&self) -> Option<UserRef> {
        let by_number = self.user_reference_id.map(|id| UserRef::from(UserReferenceId(id)));
        self.user.clone().map(UserRef::from).or(by_number)
    }
}

/// Which customer, for commands that name nothing else.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Customer {
    /// Your id of the customer
    #[arg(value_name = "ID", value_parser = user_id)]
    id: Option<UserId>,
    /// The same, as an option
    #[arg(long, value_name = "ID", value_parser = user_id)]
    user: Option<UserId>,
    /// Cashfree's number of the customer
    #[arg(long, value_name = "N")]
    user_reference_id: Option<i64>,
}

impl Customer {
    pub(crate) fn reference(&self) -> Option<UserRef> {
        let by_number = self.user_reference_id.map(|id| UserRef::from(UserReferenceId(id)));
        self.id.clone().or_else(|| self.user.clone()).map(UserRef::from).or(by_number)
    }

    /// Whether the standard input says which. A customer whose id is `-` is named by the option.
    pub(crate) fn is_stdin(&self) -> bool {
        self.id.as_ref().is_some_and(|id| id.as_str() == STDIN)
    }
}

/// In place of a file or of arguments.
const STDIN: &str = "-";

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Create a customer
    ///
    /// Other users of a machine see arguments. With - all comes from the standard input, as the JSON object that the API takes:
    /// {"user_id": "u-1", "phone": "…", "name": "…", "email": "…", "address": "…"}, of which phone is required.
    Create {
        /// Read the customer as a JSON object from the standard input, where nobody else sees it
        #[arg(value_name = STDIN, value_parser = [STDIN], hide_possible_values = true)]
        #[arg(conflicts_with_all = ["phone", "user", "name", "email", "address"])]
        stdin: Option<String>,
        /// The phone number, which cannot be changed later
        #[arg(long, required_unless_present = "stdin")]
        phone: Option<String>,
        /// Your id of the customer; Cashfree makes one up when it is left out
        #[arg(long, value_name = "ID", value_parser = user_id)]
        user: Option<UserId>,
        #[command(flatten)]
        details: Details,
    },
    /// Show a customer
    Show {
        #[command(flatten)]
        which: Customer,
    },
    /// Change a customer
    ///
    /// Other users of a machine see arguments. With - as the id all comes from the standard input, as the JSON object that the API
    /// takes: {"user_id": "u-1", "name": "…", "email": "…", "address": "…"}, with user_reference_id for Cashfree's number.
    Update {
        #[command(flatten)]
        which: Customer,
        #[command(flatten)]
        details: Details,
    },
}

/// What is said of a customer, and may be changed.
#[derive(Debug, Args)]
pub(crate) struct Details {
    /// The name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The e-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The address
    #[arg(long)]
    pub(crate) address: Option<String>,
}

impl Details {
    pub(crate) const fn is_empty(&self) -> bool {
        self.name.is_none() && self.email.is_none() && self.address.is_none()
    }
}

fn user_id(text: &str) -> Result<UserId, cashfree_vkyc::IdError> {
    UserId::new(text)
}
