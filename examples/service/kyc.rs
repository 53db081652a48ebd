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
    Client, Delivery, Error, Initiate, NewUser, Outcome, OutcomeRules, Phase, Receipt, Sensitive, Status, UserId,
    VerificationId, VideoKyc, Watches,
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
    customers: Arc<Mutex<HashMap<String, Customer>>>,
}

impl Kyc {
    pub fn new(client: Client, recordings: impl Into<PathBuf>) -> Self {
        // An example: ask Cashfree for the final states of your account, and whether the remarks matter.
        let rules = OutcomeRules::default().rule("COMPLETED", "", Outcome::Passed);
        let (watches, customers) = (Watches::new(), Arc::default());
        Self { client, watches, rules, recordings: recordings.into(), pause: Duration::from_secs(30), customers }
    }

    /// Verifies a customer, from the beginning or from where an earlier process stopped.
    pub async fn verify(self, number: String) {
        let outcome = self.steps(&number).await;
        if let Err(error) = outcome {
            self.update(&number, |customer| customer.error = Some(error.to_string()));
        }
    }

    async fn steps(&self, number: &str) -> Result {
        let customer = self.customer(number).ok_or("there is no such customer")?;
        let vkyc = self.start(&customer).await?;
        self.update(number, |customer| customer.vkyc = vkyc);

        let (kyc, row) = (self.clone(), number.to_owned());
        let store = move |vkyc: &VideoKyc| kyc.update(&row, |customer| customer.vkyc = vkyc.clone());
        let watch = self.client.watch(&customer.verification).max_wait(MAX_WAIT).on_change(store);
        let vkyc = self.watches.add(watch).until_closed().await?.into_inner();

        let receipt = self.keep_recording(&customer.verification, vkyc).await?;
        self.update(number, |customer| customer.receipt = receipt);
        Ok(())
    }

    /// Creates the user, so that the caller learns at once of a phone that does not fit. An error that may pass is for `verify`.
    pub async fn register(&self, customer: &Customer) -> Result<(), Error> {
        let user = NewUser::new(customer.phone.expose()).user_id(customer.user.clone());
        match self.client.create_or_get_user(user).timeout(Duration::from_secs(5)).await {
            Err(error) if !may_pass(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Starts the verification, and tries again until the outcome is known.
    async fn start(&self, customer: &Customer) -> Result<VideoKyc, Error> {
        loop {
            match self.try_start(customer).await {
                // `initiate_or_get` asks first, so a repetition never starts a second verification.
                Err(error) if may_pass(&error) => {
                    tokio::time::sleep(error.retry_after().unwrap_or(self.pause)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_start(&self, customer: &Customer) -> Result<VideoKyc, Error> {
        let user = NewUser::new(customer.phone.expose()).user_id(customer.user.clone());
        self.client.create_or_get_user(user).await?;
        let initiate = Initiate::new(customer.verification.clone(), customer.user.clone());
        Ok(self.client.initiate_or_get(initiate).await?.into_inner())
    }

    /// Downloads the recording into a file, and writes its receipt beside it. Cashfree does not document how soon the link appears, so
    /// the status is asked for again for a while.
    async fn keep_recording(&self, id: &VerificationId, mut vkyc: VideoKyc) -> Result<Option<Receipt>> {
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

    /// The customers whose verification goes on after a restart.
    pub fn open(&self) -> Vec<String> {
        let is_open = |customer: &Customer| {
            customer.error.is_none()
                && (customer.vkyc.lifecycle().phase() != Phase::Closed || customer.receipt.is_none())
        };
        self.lock().iter().filter(|(_, customer)| is_open(customer)).map(|(number, _)| number.clone()).collect()
    }

    fn update(&self, number: &str, change: impl FnOnce(&mut Customer)) {
        self.lock().get_mut(number).map(change);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Customer>> {
        self.customers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same call may succeed later, or may have succeeded already.
fn may_pass(error: &Error) -> bool {
    error.is_retryable() || error.is_pending() || error.delivery() == Delivery::Unknown
}
