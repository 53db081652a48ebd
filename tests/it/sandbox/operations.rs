//! Every operation of the spec is checked and carried out. An invalid request is refused with field and rule.

use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox};
use cashfree_vkyc::{
    Client, ErrorCode, ReferenceId, Status, SubStatus, TokenRequest, User, UserChanges, UserId, VerificationId,
};
use cashfree_vkyc_codegen::openapi::reference_name;
use serde_json::json;

use crate::support::{self, example};

fn vkyc(id: &str) -> VerificationId {
    VerificationId::new(id).unwrap()
}

async fn with_user(sandbox: &Sandbox) -> (Client, User) {
    let client = sandbox.client().unwrap();
    let user = example::new_user("9988776655").user_id(UserId::new("user_7").unwrap()).name("Asha");
    let user = client.create_user(user).await.unwrap().into_inner();
    (client, user)
}

fn user_id() -> UserId {
    UserId::new("user_7").unwrap()
}

/// A request as a service in another language may send it.
async fn send(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http
        .request(method.parse().unwrap(), format!("{}{path}", sandbox.url()))
        .header("x-client-id", sandbox.client_id())
        .header("x-client-secret", sandbox.client_secret())
        .header("x-api-version", support::api_version())
        .header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn a_user_is_created_found_by_either_id_and_updated() {
    let sandbox = Sandbox::start().await.unwrap();
    let (client, made) = with_user(&sandbox).await;
    let reference = made.user_reference_id.unwrap();
    assert_eq!(client.user(user_id()).await.unwrap().into_inner(), made);
    assert_eq!(client.user(cashfree_vkyc::UserReferenceId(reference)).await.unwrap().into_inner(), made);

    let changed = client.update_user(user_id(), UserChanges::new().email("a@example.com")).await.unwrap();
    assert_eq!((changed.email.as_ref().unwrap().expose().as_str(), &changed.name), ("a@example.com", &made.name));
    assert_eq!(client.user(user_id()).await.unwrap().into_inner(), changed.into_inner());

    let again = client.create_user(example::new_user("9988776655").user_id(user_id())).await.unwrap_err();
    assert_eq!(again.code(), Some(&ErrorCode::UserIdAlreadyExists));
    let without_id = client.create_user(example::new_user("9988776656")).await.unwrap();
    assert!(without_id.user_id.is_some() && without_id.user_reference_id != Some(reference));
    let nobody = client.user(UserId::new("nobody").unwrap()).await.unwrap_err();
    assert_eq!((nobody.http_status().unwrap().as_u16(), nobody.is_not_found()), (404, true));
    assert!(client.update_user(UserId::new("nobody").unwrap(), UserChanges::new().email("a@b.c")).await.is_err());
    sandbox.assert_no_problems();
}

#[tokio::test]
async fn a_verification_is_begun_only_for_an_existing_user() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.set_journey(Journey::link_expired()).unwrap();
    let (client, user) = with_user(&sandbox).await;
    let begun = client.initiate(example::initiate("vkyc_1", "user_7")).await.unwrap();
    assert_eq!((&begun.status, &begun.sub_status), (&Status::Received, &SubStatus::LinkGenerated));
    assert_eq!((&begun.user_id, begun.user_reference_id), (&user.user_id, user.user_reference_id));
    assert!(begun.vkyc_link.is_some() && begun.link_expiry.is_some());
    let found = client.status(ReferenceId(begun.reference_id.unwrap())).await.unwrap();
    assert_eq!(found.into_inner(), begun.into_inner());

    let moved = sandbox.verification("vkyc_1").unwrap().finish().await.unwrap();
    assert_eq!((moved.status, moved.user_id), (Status::Expired, user.user_id));

    let nobody = example::initiate("vkyc_2", "nobody");
    assert_eq!(client.initiate(nobody).await.unwrap_err().code(), Some(&ErrorCode::UserIdNotFound));
    let taken =
        example::body("InitiateRequest", json!({ "verification_id": "vkyc_1", "user_id": "user_7" })).to_string();
    let (status, body) = send(&sandbox, "POST", "/vkyc", &taken).await;
    assert_eq!((status, &body["code"]), (409, &json!("verification_id_already_exists")));
}

#[tokio::test]
async fn security_questions_are_echoed_only_in_the_first_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let (client, _) = with_user(&sandbox).await;
    let questions = [cashfree_vkyc::SecurityQuestion::new().order(1).question("Mother's name?").answer("Usha")];
    let initiate = example::initiate("vkyc_1", "user_7").security_questions(questions);
    let begun = client.initiate(initiate).await.unwrap();
    assert_eq!(begun.security_questions.as_ref().unwrap().len(), 1);
    assert!(client.status(vkyc("vkyc_1")).await.unwrap().security_questions.is_none());
    assert!(!format!("{:?}", sandbox.requests()).contains("Usha"));
}

#[tokio::test]
async fn insufficient_balance_is_sent_as_an_error_or_as_a_state() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::status(422).code(ErrorCode::InsufficientBalance).on("vkycInitiate").times(1));
    let (client, _) = with_user(&sandbox).await;
    let initiate = || client.initiate(example::initiate("vkyc_1", "user_7")).into_future();
    let error = initiate().await.unwrap_err();
    assert_eq!((error.http_status().unwrap().as_u16(), error.is_insufficient_balance()), (422, true));
    assert!(sandbox.verification("vkyc_1").is_none());

    sandbox.set_journey(Journey::rejected_no_balance()).unwrap();
    let error = initiate().await.unwrap_err();
    assert_eq!((error.http_status().unwrap().as_u16(), error.is_insufficient_balance()), (200, true));
    assert_eq!(sandbox.verification("vkyc_1").unwrap().state().unwrap().status, Status::Rejected);
    sandbox.set_journey(Journey::completed()).unwrap();
    assert!(client.initiate(example::initiate("vkyc_2", "user_7")).await.is_ok());
}

#[tokio::test]
async fn each_token_is_new_and_expires_in_the_future() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let request = example::typed::<TokenRequest>("TokenRequest", json!({}));
    let token = client.sdk_token(request.clone()).await.unwrap();
    assert!(token.lapses().unwrap().timestamp().unwrap() > jiff::Timestamp::now());
    let other = client.sdk_token(request).await.unwrap();
    assert_ne!(token.access_token, other.access_token);
}

#[tokio::test]
async fn an_invalid_request_is_refused_with_field_and_rule() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = |schema: &str, fields| example::body(schema, fields).to_string();
    let initiate = |fields| body("InitiateRequest", fields);
    for (method, path, body, code, problems) in [
        (
            "POST",
            "/user",
            body("NewUser", json!({ "user_id": "a b", "phone": null })),
            "Bad request, please check API documentation",
            vec!["phone is missing", "user_id may only have the characters A-Z a-z 0-9 . _ -"],
        ),
        (
            "POST",
            "/user",
            "not JSON".to_owned(),
            "Bad request, please check API documentation",
            vec!["the body must be JSON"],
        ),
        (
            "POST",
            "/vkyc",
            initiate(json!({ "verification_id": "a".repeat(51), "user_id": "user_7" })),
            "verification_id_length_exceeded",
            vec!["verification_id must have at most 50 characters"],
        ),
        (
            "POST",
            "/vkyc",
            initiate(json!({ "user_id": null })),
            "invalid_request",
            vec!["the body must name exactly one of user_id, user_reference_id"],
        ),
        (
            "PATCH",
            "/user",
            body("UserChanges", json!({ "user_id": "a", "phone": "1" })),
            "Bad request, please check API documentation",
            vec!["phone is not a field of this request"],
        ),
        (
            "GET",
            "/user",
            String::new(),
            "invalid_request",
            vec!["the query must name exactly one of user_id, user_reference_id"],
        ),
        (
            "GET",
            "/vkyc?verification_id=a&verificationId=b",
            String::new(),
            "Bad request, please check API documentation",
            vec!["verificationId is not a field of this request"],
        ),
    ] {
        let (status, answer) = send(&sandbox, method, path, &body).await;
        assert_eq!((status, answer["code"].as_str()), (400, Some(code)), "{method} {path} {body}");
        let request = sandbox.requests().pop().unwrap();
        let found: Vec<_> = request.problems.iter().map(ToString::to_string).collect();
        let mut due = problems;
        due.sort_unstable();
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, due, "{method} {path} {body}");
    }
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sandbox.assert_no_problems()));
    let words = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(words.starts_with("7 of 7 requests break the spec:\n  POST vkycCreateUser: 400, "), "{words}");
}

#[tokio::test]
async fn every_operation_of_the_spec_gets_a_documented_response() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let user = example::new_user("9988776655").user_id(UserId::new("vkyc_user_id1").unwrap());
    sandbox.client().unwrap().create_user(user).await.unwrap();
    let mut answered = 0;
    for operation in example::SPEC.operations() {
        let node = operation.node;
        let method = operation.method.to_uppercase();
        let (fields, query) = match (method.as_str(), operation.path) {
            ("GET", "/vkyc") => (json!({}), "?verification_id=vkyc_verification_id"),
            ("POST", "/vkyc") => (json!({ "verification_id": "new", "user_id": "vkyc_user_id1" }), ""),
            ("GET", "/user") => (json!({}), "?user_id=vkyc_user_id1"),
            ("PATCH", "/user") => (json!({ "user_id": "vkyc_user_id1" }), ""),
            _ => (json!({}), ""),
        };
        let schema = node.pointer("/requestBody/content/application~1json/schema").and_then(reference_name);
        let body = schema.map(|schema| example::body(schema, fields).to_string()).unwrap_or_default();
        let target = format!("{}{query}", example::target(&operation));
        let (status, answer) = send(&sandbox, &method, &target, &body).await;
        assert!(node["responses"].get(status.to_string()).is_some() && status < 300, "{} {answer}", operation.path);
        answered += 1;
    }
    assert!(answered >= 6);
    sandbox.assert_no_problems();
}
