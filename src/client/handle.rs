//! The client that users hold, and the calls that have a method of their own.
//!
//! A [`Client`] is cheap to clone and holds no state that two of them could share by accident: two clients with two
//! tenants' credentials never mix.

use std::fmt;

use super::call::Call;
use super::download::Downloads;
use super::operations::Operations;
use super::reconcile::Reconciliation;
use crate::model::{
    Initiate, IntoUserRef, IntoVerificationRef, NewUser, SdkToken, TokenRequest, User, UserChanges, VideoKyc,
};
use crate::transport::Transport;

/// A client of Cashfree's Video KYC API. Make one and keep it: clones share its connections.
///
/// ```no_run
/// use cashfree_vkyc::{Client, Credentials, Environment, VerificationId};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .environment(Environment::Sandbox)
///     .credentials(Credentials::from_env()?)
///     .build()?;
/// let vkyc = client.status(VerificationId::new("vkyc_42")?).await?;
/// println!("{} / {}: {}", vkyc.status, vkyc.sub_status, vkyc.lifecycle().advice());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) operations: Operations,
    /// For recordings: what has nothing of ours to give away.
    pub(super) downloads: Downloads,
}

impl Client {
    /// Asks for the state of one verification, by either of its ids. Await the [`Call`] to send it.
    ///
    /// ```
    /// # use cashfree_vkyc::{ReferenceId, VerificationId, sandbox::Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.put(Sandbox::published_sample());
    /// let client = sandbox.client()?;
    ///
    /// let by_ours = client.status(VerificationId::new("vkyc_verification_id")?).await?;
    /// let by_theirs = client.status(ReferenceId(1358)).await?;
    /// assert_eq!(by_ours.status, by_theirs.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Awaiting it fails as [`ErrorKind`](crate::ErrorKind) lists. An unknown status, extra or missing fields are no
    /// errors.
    pub fn status(&self, verification: impl IntoVerificationRef) -> Call<VideoKyc> {
        self.operations.vkyc_get_status().verification_ref(verification.into_ref()).send()
    }

    /// Starts a verification of a customer, under an id that was never sent before. It is never executed twice.
    ///
    /// The operation costs money and sends a message to the customer, and the verification id is its only idempotency key. If no usable
    /// response comes, the call asks for the verification by its id, and sends the same id again only after Cashfree has answered "not
    /// found" for the default attempt timeout of 10 seconds. A verification that exists already for the same customer is returned as it
    /// is now, so look at its status. An id is never made up: another verification of a customer needs another id.
    ///
    /// For a retry, a job queue, or a call after a crash use [`initiate_or_get`](Self::initiate_or_get), which asks first.
    ///
    /// ```
    /// # use cashfree_vkyc::sandbox::Sandbox;
    /// use cashfree_vkyc::{Initiate, NewUser, NotificationType, UserId, VerificationId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # let client = sandbox.client()?;
    /// let user = UserId::new("user_7")?;
    /// client.create_user(NewUser::new("9988776655").user_id(user.clone())).await?;
    ///
    /// let initiate = Initiate::new(VerificationId::new("vkyc_42")?, user).notification_types([NotificationType::Sms]);
    /// let vkyc = client.initiate(initiate).await?;
    /// assert!(vkyc.vkyc_link.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`is_insufficient_balance`](crate::Error::is_insufficient_balance) when the wallet is empty, however Cashfree says it;
    /// [`is_conflict`](crate::Error::is_conflict) when the id belongs to another customer. If the outcome cannot be determined in time,
    /// the error has [`Delivery::Unknown`](crate::Delivery::Unknown) and names the id: ask for its status before you send another.
    pub fn initiate(&self, initiate: Initiate) -> Call<VideoKyc> {
        self.begin(initiate, false)
    }

    /// Returns the verification with this id, and starts it if there is none. Use it whenever the id may have been sent before: in retries
    /// and job queues, after a crash, for double clicks. It costs one request more than [`initiate`](Self::initiate).
    ///
    /// # Errors
    /// As [`initiate`](Self::initiate).
    pub fn initiate_or_get(&self, initiate: Initiate) -> Call<VideoKyc> {
        self.begin(initiate, true)
    }

    fn begin(&self, initiate: Initiate, asks_first: bool) -> Call<VideoKyc> {
        let (user_id, number) = (initiate.user_id.clone(), initiate.user_reference_id);
        let is_same = move |vkyc: &VideoKyc| match &user_id {
            Some(id) => vkyc.user_id.as_ref().map(|user_id| user_id.expose() == id.as_str()),
            None => number.zip(vkyc.user_reference_id).map(|(ours, theirs)| ours.0 == theirs),
        };
        let reconciliation = Reconciliation {
            ask: self.status(&initiate.verification_id).into_prepared(),
            must_be_new: false,
            asks_first,
            is_same: Box::new(is_same),
            whom: format!("the status of {}", initiate.verification_id),
            refusal: VideoKyc::refusal,
        };
        self.operations.vkyc_initiate().body(initiate).send().reconcile_with(reconciliation)
    }

    /// Makes a user: a customer who can be verified. With a `user_id` it is never carried out twice, as for
    /// [`initiate`](Self::initiate); without one it is sent once, since nobody could ask for the user.
    ///
    /// # Errors
    /// [`is_conflict`](crate::Error::is_conflict) when there is a user with that id; see
    /// [`create_or_get_user`](Self::create_or_get_user). A user with that id and another phone is never taken for the one that was
    /// to be made.
    pub fn create_user(&self, user: NewUser) -> Call<User> {
        self.make_user(user, true)
    }

    /// The same, and a user who has the `user_id` already, and the same phone, is the response. What is known of that user is not changed.
    ///
    /// # Errors
    /// As [`create_user`](Self::create_user); the conflict is left where the phone is another one.
    pub fn create_or_get_user(&self, user: NewUser) -> Call<User> {
        self.make_user(user, false)
    }

    fn make_user(&self, user: NewUser, must_be_new: bool) -> Call<User> {
        let phone = user.phone.clone();
        let reconciliation = user.user_id.as_ref().map(|id| Reconciliation {
            ask: self.user(id).into_prepared(),
            must_be_new,
            asks_first: false,
            // A phone comes back with or without the code of its country.
            is_same: Box::new(move |user: &User| {
                user.phone.as_ref().map(|theirs| last_digits(theirs.expose()).eq(last_digits(phone.expose())))
            }),
            whom: "the user by the user_id that was sent".into(),
            refusal: |_| None,
        });
        let call = self.operations.vkyc_create_user().body(user).send();
        match reconciliation {
            Some(reconciliation) => call.reconcile_with(reconciliation),
            None => call,
        }
    }

    /// Asks for a user, by either of the ids.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) when there is none.
    pub fn user(&self, user: impl IntoUserRef) -> Call<User> {
        self.operations.vkyc_get_user().user_ref(user.into_ref()).send()
    }

    /// Changes what is known of a user. The phone cannot be changed.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) when there is none.
    pub fn update_user(&self, user: impl IntoUserRef, changes: UserChanges) -> Call<User> {
        self.operations.vkyc_update_user().body(changes.user_ref(user.into_ref())).send()
    }

    /// Makes a token with which Cashfree's web or mobile SDK opens a verification.
    ///
    /// # Errors
    /// Awaiting it fails as [`ErrorKind`](crate::ErrorKind) lists.
    pub fn sdk_token(&self, request: TokenRequest) -> Call<SdkToken> {
        self.operations.vkyc_create_token().body(request).send()
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.operations.0
    }

    /// Every operation of the spec, also those that have no method here yet.
    #[must_use]
    pub const fn operations(&self) -> &Operations {
        &self.operations
    }
}

/// The digits of a phone number without the code of a country, from the last one.
fn last_digits(phone: &str) -> impl Iterator<Item = char> {
    phone.chars().rev().filter(char::is_ascii_digit).take(10)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.operations.0).finish_non_exhaustive()
    }
}
