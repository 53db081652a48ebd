//! The client, and its calls.
//!
//! A [`Client`] is cheap to clone. Separately built clients share no state, so the credentials of two tenants never mix.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWrite;

use super::download::Downloads;
use super::part_file::hex;
use super::reconcile::Reconciliation;
use super::{Call, Download, Operations, RecordingFile};
use crate::model::{
    Initiate, IntoUserRef, IntoVerificationRef, NewUser, RecordingLink, SdkToken, TokenRequest, User, UserChanges,
    VideoKyc,
};
use crate::transport::{ConfigError, Credentials, Settings, Transport, TwoFactorKey};

/// A client of Cashfree's Video KYC API. Create one and keep it: clones share its connections.
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
    /// Requests to storages, without credentials.
    pub(super) downloads: Downloads,
    pub(super) watches: Running,
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
    /// Fails as [`ErrorKind`](crate::ErrorKind) lists. An unknown status, and extra or missing fields, are not errors.
    pub fn status(&self, verification: impl IntoVerificationRef) -> Call<VideoKyc> {
        self.operations.vkyc_get_status().verification_ref(verification.into_ref()).send()
    }

    /// Starts a verification of a customer, under an id that was never sent before. It is never executed twice.
    ///
    /// The operation costs money and sends a message to the customer, and the verification id is its only idempotency key.
    /// Without a usable response, the call asks for the verification by its id. It sends the same id again only after Cashfree
    /// has responded "not found" for the default attempt timeout of 10 seconds. If the verification already exists for the same
    /// customer, its current state is returned, so check its status. The library never invents an id: another verification of a
    /// customer needs another id.
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
    /// [`is_insufficient_balance`](crate::Error::is_insufficient_balance) if the wallet is empty;
    /// [`is_conflict`](crate::Error::is_conflict) if the id belongs to another customer. If the outcome cannot be determined in
    /// time, the error has [`Delivery::Unknown`](crate::Delivery::Unknown) and names the id: ask for its status before you send
    /// another.
    pub fn initiate(&self, initiate: Initiate) -> Call<VideoKyc> {
        self.begin(initiate, false)
    }

    /// Returns the verification with this id, or starts it if it does not exist. Use it whenever the id may have been sent
    /// before: in retries and job queues, after a crash, for double clicks. It costs one request more than
    /// [`initiate`](Self::initiate).
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
            ask: self.status(&initiate.verification_id).prepared,
            must_be_new: false,
            asks_first,
            is_same: Box::new(is_same),
            whom: format!("the status of {}", initiate.verification_id),
            conflict: "the verification id belongs to another customer; choose another one",
            refusal: VideoKyc::refusal,
        };
        self.operations.vkyc_initiate().body(initiate).send().reconcile_with(reconciliation)
    }

    /// Creates a user: a customer who can be verified. With a `user_id` it is never executed twice, as for
    /// [`initiate`](Self::initiate). Without one it is sent once, because its result could not be found.
    ///
    /// # Errors
    /// [`is_conflict`](crate::Error::is_conflict) if a user with that id exists; see
    /// [`create_or_get_user`](Self::create_or_get_user). A user with that id and another phone is never taken for the new one.
    pub fn create_user(&self, user: NewUser) -> Call<User> {
        self.make_user(user, true)
    }

    /// Creates a user, or returns the existing one with the same `user_id` and phone, unchanged.
    ///
    /// # Errors
    /// As [`create_user`](Self::create_user). [`is_conflict`](crate::Error::is_conflict) if the user with this id has another
    /// phone. Phones are compared by their last ten digits.
    pub fn create_or_get_user(&self, user: NewUser) -> Call<User> {
        self.make_user(user, false)
    }

    fn make_user(&self, user: NewUser, must_be_new: bool) -> Call<User> {
        let (id, phone) = (user.user_id.clone(), user.phone.clone());
        let call = self.operations.vkyc_create_user().body(user).send();
        let Some(id) = id else { return call };
        call.reconcile_with(Reconciliation {
            ask: self.user(id).prepared,
            must_be_new,
            asks_first: false,
            // A response may omit the country code of a phone.
            is_same: Box::new(move |user: &User| {
                user.phone.as_ref().map(|theirs| last_digits(theirs.expose()).eq(last_digits(phone.expose())))
            }),
            whom: "the user by the user_id that was sent".into(),
            conflict: "the user with this user_id has another phone, which cannot be changed; choose another user_id",
            refusal: |_| None,
        })
    }

    /// Asks for a user, by either of its ids.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the user does not exist.
    pub fn user(&self, user: impl IntoUserRef) -> Call<User> {
        self.operations.vkyc_get_user().user_ref(user.into_ref()).send()
    }

    /// Changes the fields of a user, except the phone. It is sent once: sent again after a lost response, it could overwrite
    /// another caller's change.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) if the user does not exist. [`Delivery::Unknown`](crate::Delivery::Unknown)
    /// if the response was lost: ask for the [`user`](Self::user), then decide.
    pub fn update_user(&self, user: impl IntoUserRef, changes: UserChanges) -> Call<User> {
        self.operations.vkyc_update_user().body(changes.user_ref(user.into_ref())).send()
    }

    /// Creates a token with which Cashfree's web or mobile SDK opens a verification.
    ///
    /// # Errors
    /// Fails as [`ErrorKind`](crate::ErrorKind) lists.
    pub fn sdk_token(&self, request: TokenRequest) -> Call<SdkToken> {
        self.operations.vkyc_create_token().body(request).send()
    }

    /// Returns a client for another account with the same settings, which shares this one's connections, TLS configuration and
    /// `max_connections`. Many accounts then need only one connection pool.
    ///
    /// The data of an account is not shared. The new client counts its own rate limit, unless the limit is a
    /// [`RateLimit::shared`](crate::RateLimit::shared), and no request has another account's credentials. The second factor stays
    /// the same: if the account has another key, or none, call [`with_two_factor`](Self::with_two_factor) too.
    ///
    /// ```
    /// use cashfree_vkyc::{Client, Credentials, Environment};
    ///
    /// # fn main() -> Result<(), cashfree_vkyc::ConfigError> {
    /// let first = Client::builder()
    ///     .environment(Environment::Sandbox)
    ///     .credentials(Credentials::new("id-of-a", "secret-of-a")?)
    ///     .build()?;
    /// let second = first.with_credentials(Credentials::new("id-of-b", "secret-of-b")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the client id cannot be signed with the two-factor key.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, ConfigError> {
        self.for_account(|settings| settings.credentials = credentials)
    }

    /// Returns the same client with another second factor: an account has its own public key, or none if its method is an IP
    /// allow-list. It counts its own rate limit, as for [`with_credentials`](Self::with_credentials).
    ///
    /// ```
    /// # use cashfree_vkyc::{Client, ConfigError, Credentials};
    /// # fn example(client: Client, credentials: Credentials) -> Result<Client, ConfigError> {
    /// client.with_credentials(credentials)?.with_two_factor(None)
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the client id is too long for the key.
    pub fn with_two_factor(&self, key: impl Into<Option<TwoFactorKey>>) -> Result<Self, ConfigError> {
        self.for_account(|settings| settings.two_factor = key.into())
    }

    fn for_account(&self, change: impl FnOnce(&mut Settings)) -> Result<Self, ConfigError> {
        let transport = self.transport().for_account(change)?;
        let (downloads, watches) = (self.downloads.clone(), Running::default());
        Ok(Self { operations: Operations(transport), downloads, watches })
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.operations.0
    }

    /// Identifies the account and the environment in a file, without showing the client id. For the command line.
    #[doc(hidden)]
    #[must_use]
    pub fn account(&self) -> String {
        hex(&self.transport().account())
    }

    /// Returns every operation of the spec, including those without a method here.
    #[must_use]
    pub const fn operations(&self) -> &Operations {
        &self.operations
    }
}

/// Returns the digits of a phone number without country code, in reverse order.
fn last_digits(phone: &str) -> impl Iterator<Item = char> {
    phone.chars().rev().filter(char::is_ascii_digit).take(10)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.operations.0).finish_non_exhaustive()
    }
}

impl RecordingLink {
    /// Downloads the recording into `writer`. Await it, or set its options first. It returns a [`Receipt`](crate::Receipt).
    ///
    /// The storage gets no credentials, and no headers or certificates of [`ClientBuilder::http`](crate::ClientBuilder::http);
    /// [`ClientBuilder::download_http`](crate::ClientBuilder::download_http) sets a proxy. Redirects are not followed. If the
    /// link has expired, or the storage refuses it, the client gets a fresh one from the status.
    ///
    /// Only `https` to a public host is requested. A link to this machine, a private network or a cloud's metadata is rejected,
    /// and so is a name that resolves to one. [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts) restricts
    /// the hosts further. A client of a loopback environment may use loopback.
    ///
    /// Success means the whole file, byte for byte. A response that is encoded, empty, or whose end cannot be distinguished from
    /// a broken connection, is an error.
    ///
    /// ```no_run
    /// # async fn example(client: cashfree_vkyc::Client, vkyc: cashfree_vkyc::VideoKyc) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(recording) = vkyc.recording() {
    ///     let mut file: Vec<u8> = Vec::new(); // or a writer of an object store; for a file: download_to
    ///     let receipt = recording
    ///         .download(&client, &mut file)
    ///         .max_bytes(500_000_000)
    ///         .progress(|at| println!("{} of {:?}", at.bytes, at.total))
    ///         .await?;
    ///     println!("{} bytes, SHA-256 {}", receipt.bytes(), receipt.sha256());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails as [`DownloadError`](crate::DownloadError) lists.
    pub fn download<'a, W: AsyncWrite + Unpin + Send + 'a>(&self, client: &Client, writer: W) -> Download<'a, W> {
        Download::new(self.clone(), client.operations.clone(), client.downloads.clone(), writer)
    }

    /// Downloads the recording into the file `path`, which exists only when the recording is complete. It works as
    /// [`download`](Self::download), and:
    ///
    /// - Until then the bytes are in `path` with `.part` added. The next download of the same verification to the same path
    ///   continues there, also in another process, if the storage still has the same version. It verifies the part first, and
    ///   drops bytes that a crash or a power cut damaged. A part of another account, environment or verification is an error.
    /// - It is an error if another download uses the part; the message names the process. So is a link, a file that belongs to
    ///   another user or is readable by others, and an existing `path`, unless [`replace`](Download::replace) is set.
    /// - The file has mode 0600, because a recording shows a customer's face. The file and its folder are synced.
    ///
    /// ```no_run
    /// # async fn example(client: cashfree_vkyc::Client, vkyc: cashfree_vkyc::VideoKyc) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(recording) = vkyc.recording() {
    ///     let download = recording.download_to(&client, "vkyc_42.mp4");
    ///     // The receipt exists before the recording.
    ///     let receipt = download.on_complete(|receipt| std::fs::write("vkyc_42.json", serde_json::to_vec(receipt)?)).await?;
    ///     println!("{} bytes, SHA-256 {}", receipt.bytes(), receipt.sha256());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails as [`DownloadError`](crate::DownloadError) lists, with [`File`](crate::DownloadError::File) for errors of the file.
    pub fn download_to(&self, client: &Client, path: impl Into<PathBuf>) -> Download<'static, RecordingFile> {
        let file = RecordingFile::new(client.account(), path.into(), self.verification());
        Download::new(self.clone(), client.operations.clone(), client.downloads.clone(), file)
    }
}

/// Counts the watches in progress. Clones share the count.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Token>);

/// A token; each watch holds a clone.
#[derive(Default)]
struct Token(Arc<()>);

impl Running {
    /// Counts a watch while the returned value lives.
    pub(super) fn join(&self) -> Arc<()> {
        Arc::clone(&self.0.0)
    }

    /// Returns the shortest time between two polls of one watch, so that all watches together leave a fifth of the rate limit to
    /// calls.
    pub(super) fn least_interval(&self, per_minute: Option<u32>) -> Duration {
        let Some(per_minute) = per_minute.filter(|per_minute| *per_minute > 0) else { return Duration::ZERO };
        let watches = u32::try_from(Arc::strong_count(&self.0.0) - 1).unwrap_or(u32::MAX);
        Duration::from_secs(75).saturating_mul(watches) / per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_share_four_fifths_of_the_limit_while_they_live() {
        let running = Running::default();
        let watches: Vec<_> = (0..80).map(|_| running.clone().join()).collect();
        assert_eq!(running.least_interval(Some(100)), Duration::from_secs(60));
        drop(watches);
        let _watch = running.join();
        assert_eq!(running.least_interval(Some(100)), Duration::from_millis(750));
        assert_eq!([None, Some(0)].map(|limit| running.least_interval(limit)), [Duration::ZERO; 2]);
    }
}
