//! The six calls, with the Rust client of openapi-generator.

use std::env::var;
use std::error::Error;

use reqwest::blocking::Client;
use reqwest::header::{HeaderMap, HeaderName};
use vkyc::apis::configuration::Configuration;
use vkyc::apis::default_api as api;
use vkyc::models::{
    AuthenticatedUser, AuthenticatedUserIdentifierValue, InitiateRequest, NewUser, Product, TokenMetadata,
    TokenMetadataVkycRequestId, TokenRequest, UserChanges,
};

const VERSION: &str = "2024-12-01";

fn main() -> Result<(), Box<dyn Error>> {
    // The generated client has one API key, and would send it in both headers.
    let mut keys = HeaderMap::new();
    for (name, variable) in [("x-client-id", "CASHFREE_CLIENT_ID"), ("x-client-secret", "CASHFREE_CLIENT_SECRET")] {
        keys.insert(HeaderName::from_static(name), var(variable)?.parse()?);
    }
    let client = Client::builder().default_headers(keys).build()?;
    let at = Configuration { base_path: var("STRANGERS_URL")?, client, ..Configuration::new() };
    let id = "rust".to_owned();

    let user = NewUser { user_id: Some(id.clone()), ..NewUser::new("9988776655".to_owned()) };
    let changes = UserChanges {
        user_id: Some(id.clone()),
        email: Some("nobody@example.com".to_owned()),
        ..UserChanges::new()
    };
    let initiate = InitiateRequest {
        user_id: Some(id.clone()),
        notification_types: Some(vec!["sms".to_owned()]),
        ..InitiateRequest::new(id.clone())
    };
    let created = api::vkyc_create_user(&at, VERSION, user, None)?.user_id.as_ref() == Some(&id);
    let got = api::vkyc_get_user(&at, VERSION, None, Some(&id), None)?.phone.as_deref() == Some("9988776655");
    let updated = api::vkyc_update_user(&at, VERSION, changes, None)?.email.as_deref() == Some("nobody@example.com");
    let begun = api::vkyc_initiate(&at, VERSION, initiate, None)?;
    let seen = api::vkyc_get_status(&at, VERSION, None, Some(&id), None)?;
    let request = TokenRequest::new(
        "app".to_owned(),
        Product::Vkyc,
        TokenMetadata::new(TokenMetadataVkycRequestId::Integer(begun.reference_id.unwrap_or_default())),
        AuthenticatedUser::new("userId".to_owned(), AuthenticatedUserIdentifierValue::String(id.clone())),
    );
    let token = api::vkyc_create_token(&at, VERSION, request, None)?.access_token.is_some();
    let is_begun = begun.status.as_deref() == Some("RECEIVED");
    let results = [created, got, updated, is_begun, seen.reference_id == begun.reference_id, token];
    println!("{} of 6 calls", results.iter().filter(|passed| **passed).count());
    Ok(())
}
