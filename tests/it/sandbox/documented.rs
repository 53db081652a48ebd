//! Every documented error of every operation: the sandbox sends it on request, and the caller sees its meaning.

use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Sandbox};
use cashfree_vkyc::{Client, Delivery, Error, ErrorKind, RetryPolicy, UserChanges, UserId, VerificationId};
use serde_json::Value;

use crate::support;
use crate::support::example::{initiate, new_user};

/// A documented error: its HTTP status, its code, and its meaning if the spec has one.
struct Documented {
    status: u16,
    code: String,
    means: Option<String>,
}

/// The errors that an operation documents.
fn errors_of(spec: &cashfree_vkyc_codegen::Spec, operation: &Value) -> Vec<Documented> {
    let mut found = Vec::new();
    for (status, response) in operation["responses"].as_object().unwrap() {
        let examples = spec.resolve(response)["content"]["application/json"]["examples"].as_object();
        let examples = examples.unwrap_or_else(|| panic!("the response {status} of the spec needs an example"));
        for example in examples.values().filter(|example| example["value"]["code"].is_string()) {
            found.push(Documented {
                status: status.parse().unwrap(),
                code: example["value"]["code"].as_str().unwrap().to_owned(),
                means: example["x-means"].as_str().map(str::to_owned),
            });
        }
    }
    found
}

/// Calls an operation once.
async fn call(client: &Client, operation: &str) -> Result<(), Error> {
    let user = UserId::new("user_7").unwrap();
    let (once, time) = (RetryPolicy::none(), Duration::from_secs(20));
    macro_rules! made {
        ($call:expr) => {
            $call.retry(once).timeout(time).await.map(drop)
        };
    }
    match operation {
        // The methods of these operations do more than send a request.
        "vkycGetStatus" => made!(client.status(VerificationId::new("vkyc_42").unwrap())),
        "vkycInitiate" => made!(client.initiate(initiate("vkyc_42", "user_7"))),
        "vkycCreateUser" => made!(client.create_user(new_user("9988776655").user_id(user))),
        "vkycGetUser" => made!(client.user(user)),
        "vkycUpdateUser" => made!(client.update_user(user, UserChanges::new().name("A"))),
        other => crate::call!(client, other, made),
    }
}

#[tokio::test(start_paused = true)]
async fn every_documented_error_reaches_the_caller_with_its_meaning() {
    let spec = support::spec();
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let mut seen = 0;
    for operation in spec.operations() {
        let name = operation.node["operationId"].as_str().unwrap();
        for documented in errors_of(&spec, operation.node) {
            let Documented { status, code, means } = documented;
            sandbox.reset();
            sandbox.inject(Fault::status(status).code(code.as_str()).on(name).times(1));
            let error = call(&client, name).await.unwrap_err();
            let what = format!("{name}: {status} {code}: {error}");
            assert_eq!(error.http_status().map(|status| status.as_u16()), Some(status), "{what}");
            assert_eq!(error.code().map(cashfree_vkyc::ErrorCode::as_str), Some(code.as_str()), "{what}");
            let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::Api };
            assert_eq!(error.kind(), kind, "{what}");
            let told = [
                (error.is_not_found(), "not_found"),
                (error.is_authentication(), "authentication"),
                (error.is_conflict(), "conflict"),
                (error.is_pending(), "pending"),
                (error.is_insufficient_balance(), "insufficient_balance"),
            ];
            let told: Vec<_> = told.into_iter().filter(|(is_it, _)| *is_it).map(|(_, word)| word).collect();
            // An unknown outcome has no other meaning.
            let is_ambiguous = error.delivery() == Delivery::Unknown;
            let expected = means.as_deref().filter(|_| !is_ambiguous);
            assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{what}");
            seen += 1;
        }
    }
    assert!(seen > 200, "only {seen}");
}
