//! The calls of a report. Those that create or change something are made only if the user allows it.
//!
//! | always | with `--allow-charges` |
//! |---|---|
//! | the verifications and the customer that the arguments name | a new customer, twice with the same id |
//! | a verification and a customer that do not exist | a change of the customer |
//! | a call without keys, and one with invalid keys | a new verification, twice with the same id |
//! | another version of the API, and another path | a token |
//! | if the account has a second factor: a call with another key | |
//!
//! Writes use `Client::operations`, because `Client::initiate` never sends the same id twice.

use std::time::{Duration, SystemTime};

use cashfree_vkyc::http::HeaderMap;
use cashfree_vkyc::reqwest;
use cashfree_vkyc::{
    AuthenticatedUser, Call, Client, Credentials, Environment, IdentifierType, Initiate, NewUser, NumberOrText,
    Response, RetryPolicy, Sensitive, TokenMetadata, TokenRequest, TwoFactorKey, User, UserChanges, UserId, UserRef,
    VerificationId, VideoKyc,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::observation::observe;
use crate::args::{Doctor, STDIN};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::report::{Case, Observation, Report, Server, VERSION};
use crate::session::{Session, USER_AGENT};

/// An id that does not exist.
pub(super) const NOBODY: &str = "cashfree-vkyc-doctor";
/// A version of the API that never existed, and an e-mail address that has no owner.
const OTHER_VERSION: &str = "2001-01-01";
const EMAIL: &str = "nobody@example.com";
/// A public key of no account. Its private key was deleted.
const OTHER_KEY: &str = include_str!("other_key.pem");
/// Keys that do not exist.
const STRANGER: &str = "cashfree-vkyc-stranger";
/// The limits of the request without keys, which is sent without the library.
const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_BYTES: usize = 1024 * 1024;

/// Makes the calls, and reports those that had a response.
///
/// # Errors
/// When there was no response, or an argument cannot be used.
pub(super) async fn report(args: &Doctor, session: &Session) -> Result<Report, Failure> {
    let mut recorder = Recorder::default();
    let client = session.client()?;
    recorder.reads(args, &client).await?;
    recorder.others(session, &client).await?;
    if let (true, Some(phone)) = (args.allow_charges, &args.phone) {
        let phone = if phone == STDIN { input::text("the phone").await? } else { phone.clone() };
        recorder.flow(&client, phone, args.app_id.as_deref()).await?;
    }
    let Recorder(observations) = recorder;
    if observations.is_empty() {
        return Err(Failure::new(Exit::Failed, "there was no response, so there is nothing to report"));
    }
    let server = match session.environment()? {
        Environment::Sandbox => Server::Sandbox,
        Environment::Production => Server::Production,
        _ => Server::Custom,
    };
    Ok(Report { version: VERSION, program: env!("CARGO_PKG_VERSION").to_owned(), server, observations })
}

#[derive(Default)]
struct Recorder(Vec<Observation>);

impl Recorder {
    async fn reads(&mut self, args: &Doctor, client: &Client) -> Result<(), Failure> {
        for id in &args.verifications {
            self.call(Case::Known, id, client.status(id)).await;
        }
        if let Some(id) = &args.user {
            self.call(Case::Known, id, client.user(id)).await;
        }
        let user = UserId::new(NOBODY).map_err(|error| Failure::usage(error.to_string()))?;
        self.call(Case::UnknownId, &(), client.status(nobody()?)).await;
        self.call(Case::UnknownId, &(), client.user(user)).await;
        Ok(())
    }

    /// Wrong requests, each for a verification that does not exist.
    async fn others(&mut self, session: &Session, client: &Client) -> Result<(), Failure> {
        let stranger = client.with_credentials(Credentials::new(STRANGER, STRANGER)?)?;
        self.call(Case::OtherKeys, &(), stranger.status(nobody()?)).await;
        let other_version = session.builder()?.api_version(OTHER_VERSION).build()?;
        self.call(Case::OtherVersion, &(), other_version.status(nobody()?)).await;
        let environment = session.environment()?;
        let other_path = Environment::custom(format!("{}/{NOBODY}", environment.base_url()))?;
        let other_path = session.builder()?.environment(other_path).build()?;
        self.call(Case::OtherPath, &(), other_path.status(nobody()?)).await;
        if session.variables.two_factor()?.is_some() {
            let other_key = session.builder()?.two_factor(TwoFactorKey::from_pem(OTHER_KEY)?).build()?;
            self.call(Case::OtherSignature, &(), other_key.status(nobody()?)).await;
        }
        let (operation, path) = client.status(nobody()?).operation();
        if let Ok((http_status, headers, body)) = plain(&format!("{}{path}", environment.base_url())).await {
            self.0.push(observe(Case::NoKeys, operation, &Value::Null, http_status, &headers, None, &body));
        }
        Ok(())
    }

    /// Creates a customer and a verification with new ids.
    async fn flow(&mut self, client: &Client, phone: String, app_id: Option<&str>) -> Result<(), Failure> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let id = format!("{NOBODY}-{now}");
        let refused = |error: cashfree_vkyc::IdError| Failure::usage(error.to_string());
        let user = UserId::new(&*id).map_err(refused)?;
        let new = NewUser::new(phone).user_id(user.clone());
        let operations = client.operations();
        for case in [Case::New, Case::UsedId] {
            self.call::<User>(case, &new, operations.vkyc_create_user().body(new.clone()).send()).await;
        }
        let changes = UserChanges::new().email(EMAIL).user_ref(UserRef::from(user.clone()));
        self.call::<User>(Case::Known, &changes, operations.vkyc_update_user().body(changes.clone()).send()).await;
        self.call(Case::Known, &user, client.user(&user)).await;
        let verification = VerificationId::new(&*id).map_err(refused)?;
        let initiate = Initiate::new(verification.clone(), user);
        let mut begun = None;
        for case in [Case::New, Case::UsedId] {
            let call = operations.vkyc_initiate().body(initiate.clone()).send();
            begun = begun.or(self.call::<VideoKyc>(case, &initiate, call).await);
        }
        self.call(Case::Known, &verification, client.status(&verification)).await;
        let number = begun.and_then(|vkyc| vkyc.reference_id);
        if let (Some(app_id), Some(number)) = (app_id, number) {
            let value = Sensitive::new(NumberOrText::from(id));
            let subject = AuthenticatedUser::new(IdentifierType::UserId, value);
            let request = TokenRequest::new(app_id, TokenMetadata::new(number.to_string()), subject);
            self.call(Case::New, &request, client.sdk_token(request.clone())).await;
        }
        Ok(())
    }

    /// Makes a call and returns its response. `sent` is the request.
    async fn call<T>(&mut self, case: Case, sent: &impl Serialize, call: Call<T>) -> Option<Response<T>>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (operation, _) = call.operation();
        let sent = serde_json::to_value(sent).unwrap_or_default();
        // A retry would hide an error.
        let result = call.retry(RetryPolicy::none()).await;
        let limit = result.as_ref().ok().and_then(|response| response.rate_limit()?.limit);
        let (http_status, headers, body) = match &result {
            Ok(response) => (Some(response.http_status()), Some(response.headers()), Some(response.raw_body())),
            Err(error) => (error.http_status(), error.headers(), error.raw_body()),
        };
        if let (Some(http_status), Some(headers), Some(body)) = (http_status, headers, body) {
            self.0.push(observe(case, operation, &sent, http_status.as_u16(), headers, limit, body));
        }
        result.ok()
    }
}

fn nobody() -> Result<VerificationId, Failure> {
    VerificationId::new(NOBODY).map_err(|error| Failure::usage(error.to_string()))
}

/// A request without keys: status, headers, and the beginning of the body.
async fn plain(url: &str) -> reqwest::Result<(u16, HeaderMap, Vec<u8>)> {
    let http = reqwest::Client::builder().user_agent(USER_AGENT).timeout(TIMEOUT);
    let http = http.redirect(reqwest::redirect::Policy::none()).build()?;
    let mut response = http.get(url).send().await?;
    let (http_status, headers, mut body) = (response.status().as_u16(), response.headers().clone(), Vec::new());
    while let Some(part) = response.chunk().await?.filter(|_| body.len() < MOST_BYTES) {
        body.extend_from_slice(&part);
    }
    Ok((http_status, headers, body))
}
