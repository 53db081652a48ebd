//! The verification of a customer, from the phone number to the recording.
//!
//! ```text
//! create_or_get_user ─▶ initiate_or_get ─▶ until_closed ─▶ download_to
//!        customer             link          ▲  polls          recording, receipt
//!                                           └─ webhooks
//! ```

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cashfree_vkyc::{
    Client, DownloadError, Error, Initiate, NewUser, Outcome, OutcomeRules, Receipt, Sensitive, Status, UserId,
    VerificationId, VideoKyc, WatchError, Watches,
};

use super::Result;

/// The time limit for a customer, a bit more than the lifetime of a link.
const MAX_WAIT: Duration = Duration::from_secs(40 * 86_400);
/// The number of polls for the recording of a closed verification.
const RECORDING_POLLS: u32 = 100;

/// A customer and what is known of the verification: a row of your database.
#[derive(Clone, Debug)]
pub struct Customer {
    pub phone: Sensitive<String>,
    pub user: UserId,
    pub verification: VerificationId,
    pub vkyc: VideoKyc,
    pub receipt: Option<Receipt>,
    /// Why the verification cannot go on.
    pub error: Option<String>,
}

impl Customer {
    /// Derives both ids from the customer's number, so that the same customer is never verified twice.
    pub fn new(number: &str, phone: String) -> Result<Self, Error> {
        let user = UserId::new(format!("customer-{number}"))?;
        let verification = VerificationId::new(format!("kyc-{number}"))?;
        let (vkyc, receipt, error) = Default::default();
        Ok(Self { phone: phone.into(), user, verification, vkyc, receipt, error })
    }
}

/// Verifies customers. Clones share everything.
#[derive(Clone, Debug)]
pub struct Kyc {
    pub client: Client,
    /// The running waits. Webhooks wake them.
    pub watches: Watches,
    /// The meaning of your account's final states.
    pub rules: OutcomeRules,
    pub recordings: PathBuf,
    /// The time between two tries after an error that may pass.
    pub pause: Duration,
    /// In memory: your service keeps them in its database.
    customers: Arc<Mutex<HashMap<String, Customer>>>,
}

impl Kyc {
    pub fn new(client: Client, recordings: impl Into<PathBuf>) -> Self {
        // An example: ask Cashfree for the final states of your account, and whether the remarks matter.
        let rules =
            OutcomeRules::default().rule("COMPLETED", "", Outcome::Passed).rule("REJECTED", "", Outcome::Rejected);
        let (watches, customers) = (Watches::new(), Arc::default());
        Self { client, watches, rules, recordings: recordings.into(), pause: Duration::from_secs(30), customers }
    }

    /// Verifies a customer, from the beginning or from where an earlier process stopped. A repeated step finds its earlier result.
    pub async fn verify(self, number: String) {
        while let Err(failure) = self.steps(&number).await {
            if !failure.may_pass {
                return self.update(&number, |customer| customer.error = Some(failure.message));
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    async fn steps(&self, number: &str) -> Result<(), Failure> {
        let Some(customer) = self.customer(number) else { return Ok(()) };
        let vkyc = self.start(&customer).await?;
        self.store(number, &vkyc);

        let (kyc, row) = (self.clone(), number.to_owned());
        let watch = self.client.watch(&customer.verification).max_wait(MAX_WAIT);
        let watch = self.watches.add(watch.on_change(move |vkyc| kyc.store(&row, vkyc)));
        let vkyc = watch.until_closed().await?.into_inner();

        let receipt = self.keep_recording(&customer.verification, vkyc).await?;
        self.update(number, |customer| customer.receipt = receipt);
        Ok(())
    }

    /// Creates the user and starts the verification. `initiate_or_get` asks first, so a repetition never starts a second one.
    async fn start(&self, customer: &Customer) -> Result<VideoKyc, Error> {
        let user = NewUser::new(customer.phone.expose()).user_id(customer.user.clone());
        self.client.create_or_get_user(user).await?;
        let initiate = Initiate::new(customer.verification.clone(), customer.user.clone());
        Ok(self.client.initiate_or_get(initiate).await?.into_inner())
    }

    /// Creates the user, so that the caller learns at once if the phone does not fit. An error that may pass is for `verify`.
    pub async fn register(&self, customer: &Customer) -> Result<(), Error> {
        let user = NewUser::new(customer.phone.expose()).user_id(customer.user.clone());
        match self.client.create_or_get_user(user).timeout(Duration::from_secs(5)).await {
            Err(error) if !error.may_pass() => Err(error),
            _ => Ok(()),
        }
    }

    /// Downloads the recording into a file, and writes its receipt beside it. Cashfree does not document how soon the link appears, so
    /// the status is asked for again for a while.
    async fn keep_recording(&self, id: &VerificationId, mut vkyc: VideoKyc) -> Result<Option<Receipt>, Failure> {
        for _ in 0..RECORDING_POLLS {
            if let Some(recording) = vkyc.recording() {
                let path = self.recordings.join(format!("{id}.mp4"));
                let receipt = path.with_extension("receipt.json");
                // A process that ended before it stored the receipt left the file.
                let download = recording.download_to(&self.client, path).replace(true);
                let write = move |it: &Receipt| std::fs::write(receipt, serde_json::to_vec(it)?);
                return Ok(Some(download.on_complete(write).await?));
            }
            if vkyc.status == Status::Expired {
                return Ok(None);
            }
            tokio::time::sleep(self.pause).await;
            vkyc = self.client.status(id).await?.into_inner();
        }
        Ok(None)
    }

    /// Adds a customer. Returns false if the number is taken.
    pub fn add(&self, number: &str, customer: Customer) -> bool {
        let mut customers = self.lock();
        let is_new = !customers.contains_key(number);
        customers.entry(number.to_owned()).or_insert(customer);
        is_new
    }

    pub fn customer(&self, number: &str) -> Option<Customer> {
        self.lock().get(number).cloned()
    }

    /// The customers whose verification continues after a restart.
    pub fn open(&self) -> Vec<String> {
        let is_open = |customer: &Customer| {
            customer.error.is_none() && (!customer.vkyc.lifecycle().is_closed() || customer.receipt.is_none())
        };
        self.lock().iter().filter(|(_, customer)| is_open(customer)).map(|(number, _)| number.clone()).collect()
    }

    /// Removes a customer whom Cashfree did not accept.
    pub fn remove(&self, number: &str) {
        self.lock().remove(number);
    }

    /// Stores a state. The link to a recording is valid for an hour, so it is not kept.
    fn store(&self, number: &str, vkyc: &VideoKyc) {
        let mut vkyc = vkyc.clone();
        vkyc.recording_link = None;
        self.update(number, |customer| customer.vkyc = vkyc);
    }

    fn update(&self, number: &str, change: impl FnOnce(&mut Customer)) {
        self.lock().get_mut(number).map(change);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Customer>> {
        self.customers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that failed.
struct Failure {
    message: String,
    may_pass: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), may_pass: error.may_pass() }
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        Self { message: error.to_string(), may_pass: error.may_pass() }
    }
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        Self { message: error.to_string(), may_pass: error.may_pass() }
    }
}
