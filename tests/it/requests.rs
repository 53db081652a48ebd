//! Requests are checked before they are sent: the bytes of each write, all problems of a body at once, and no value in any printed
//! text.

use cashfree_vkyc::{
    AadhaarAddress, AadhaarDetails, AuthenticatedUser, Client, Delivery, ErrorKind, Gender, Initiate, NotificationType,
    Problem, ProblemKind, SecurityQuestion, TokenRequest, UserChanges, UserId, UserReferenceId, VideoKyc,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::example::{self, body};
use crate::support::log::logged;
use crate::support::{self, Server};

/// A server that stores the received bodies, and always sends the same response.
async fn keeping(answer: &'static str) -> (Server, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let bodies = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&bodies);
    let server = Server::scripted_by_head(move |head, mut stream| {
        let kept = std::sync::Arc::clone(&kept);
        async move {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            stream.read_exact(&mut body).await.unwrap();
            kept.lock().unwrap().push(String::from_utf8(body).unwrap());
            let _ = stream.write_all(&support::json(200, answer)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    (server, bodies)
}

fn initiate() -> Initiate {
    example::initiate("vkyc_42", "user_7")
}

fn details() -> AadhaarDetails {
    let address = AadhaarAddress::new()
        .house("canary-house")
        .street("canary-street")
        .vtc("canary-town")
        .dist("canary-district")
        .state("canary-state")
        .pincode(581_115)
        .country("India");
    AadhaarDetails::new()
        .name("canary-name")
        .gender(Gender::Male)
        .dob("02-02-1995")
        .care_of("canary-care-of")
        .photo_link("https://canary.example/photo")
        .last_verified_at("2025-05-07T15:04:05Z")
        .split_address(address)
        .year_of_birth(1995)
}

fn question(order: i64, question: impl Into<String>, answer: impl Into<String>) -> SecurityQuestion {
    SecurityQuestion::new().order(order).question(question.into()).answer(answer.into())
}

#[tokio::test]
async fn each_write_sends_exactly_the_fields_of_the_spec() {
    let (server, bodies) =
        keeping(r#"{"verification_id":"vkyc_42","user_id":"user_7","user_reference_id":1358,"access_token":"t","status":"RECEIVED"}"#).await;
    let client = server.client();
    let user = || UserId::new("user_7").unwrap();
    let questions = [question(1, "canary-question", "canary-answer")];
    let full = initiate()
        .user_template("vkyc_user_template_v1")
        .notification_types([NotificationType::Sms, "WHATSAPP".into()])
        .aadhaar_details(details())
        .security_questions(questions);
    client.initiate(initiate()).await.unwrap();
    client.initiate(full).await.unwrap();
    client.create_user(example::new_user("9988776655").user_id(user()).email("a@example.com")).await.unwrap();
    client.user(user()).await.unwrap();
    client.update_user(UserReferenceId(1358), UserChanges::new().name("A")).await.unwrap();
    let token = example::typed::<TokenRequest>("TokenRequest", json!({ "metadata": { "vkyc_request_id": 249_749 } }));
    client.sdk_token(token).await.unwrap();

    let lines: Vec<_> = server.requests().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "POST /verification/vkyc HTTP/1.1",
            "POST /verification/vkyc HTTP/1.1",
            "POST /verification/user HTTP/1.1",
            "GET /verification/user?user_id=user_7 HTTP/1.1",
            "PATCH /verification/user HTTP/1.1",
            "POST /verification/oauth/token HTTP/1.1",
        ]
    );
    for head in server.requests().iter().filter(|head| !head.starts_with("GET")) {
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    }
    let address = json!({"country": "India", "dist": "canary-district", "house": "canary-house", "pincode": 581_115,
                         "state": "canary-state", "street": "canary-street", "vtc": "canary-town"});
    let bodies: Vec<Value> = bodies
        .lock()
        .unwrap()
        .iter()
        .filter(|body| !body.is_empty())
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            body("InitiateRequest", json!({"verification_id": "vkyc_42", "user_id": "user_7"})),
            body(
                "InitiateRequest",
                json!({
                    "verification_id": "vkyc_42", "user_id": "user_7", "user_template": "vkyc_user_template_v1",
                    "notification_types": ["sms", "WHATSAPP"],
                    "aadhaar_details": {
                        "last_verified_at": "2025-05-07T15:04:05Z", "care_of": "canary-care-of", "dob": "02-02-1995", "gender": "M",
                        "name": "canary-name", "photo_link": "https://canary.example/photo", "year_of_birth": 1995,
                        "split_address": address,
                    },
                    "security_questions": [{"order": 1, "question": "canary-question", "answer": "canary-answer"}],
                })
            ),
            body("NewUser", json!({"phone": "9988776655", "user_id": "user_7", "email": "a@example.com"})),
            body("UserChanges", json!({"user_reference_id": 1358, "name": "A"})),
            body("TokenRequest", json!({"metadata": {"vkyc_request_id": 249_749}})),
        ]
    );
}

#[tokio::test]
async fn all_problems_of_a_body_are_reported_together_and_nothing_is_sent() {
    let (server, _) = keeping("{}").await;
    let mut wrong = details();
    wrong.dob = Some("1995-02-02 canary".into());
    wrong.gender = Some("canary".into());
    wrong.name = None;
    wrong.extra.insert("brand_new".into(), json!("canary"));
    let questions = [question(1, "canary", "canary"), question(3, "canary", "")];
    let body = initiate()
        .user_template("")
        .notification_types([NotificationType::Sms; 0])
        .aadhaar_details(wrong)
        .security_questions(questions);
    let error = server.client().initiate(body).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidRequest, Delivery::NotSent));
    let problems: Vec<_> = error.problems().iter().map(|problem| (problem.field(), problem.rule())).collect();
    assert_eq!(
        problems,
        [
            ("aadhaar_details.dob", "must be a date as DD-MM-YYYY"),
            ("aadhaar_details.gender", "must be one of M, F, O"),
            ("aadhaar_details.name", "is missing"),
            ("aadhaar_details.brand_new", "is not a field of this request"),
            ("notification_types", "is empty"),
            ("security_questions[1].answer", "is empty"),
            ("security_questions", "must be numbered by `order`: 1, 2, 3 and so on"),
            ("user_template", "is empty"),
        ]
    );
    let kinds: Vec<_> = error.problems().iter().map(Problem::kind).collect();
    use ProblemKind::{Empty, Format, Missing, NotAllowed, Numbering, Unexpected};
    assert_eq!(kinds, [Format, NotAllowed, Missing, Unexpected, Empty, Empty, Numbering, Empty]);
    let text = support::all_texts(&error);
    assert!(text.contains("aadhaar_details.name is missing; ") && !text.contains("canary"), "{text}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn missing_required_fields_are_named_and_nothing_is_sent() {
    let (server, _) = keeping("{}").await;
    let body = initiate()
        .aadhaar_details(details().split_address(AadhaarAddress::new().house("1").pincode(581_115)))
        .security_questions([SecurityQuestion::new().order(1).answer("a")]);
    let error = server.client().initiate(body).await.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    let missing = ["country", "dist", "state", "street"].map(|name| format!("aadhaar_details.split_address.{name}"));
    let missing = missing.iter().map(String::as_str).chain(["security_questions[0].question"]);
    assert_eq!(problems, missing.map(|field| format!("{field} is missing")).collect::<Vec<_>>());
    assert!(server.requests().is_empty());
}

/// A value from a response may be sent, without the fields that only responses have.
#[tokio::test]
async fn a_decoded_value_is_checked_like_a_built_one() {
    let echoed = json!({"name": "A", "pincode": "x", "address_details": {"pincode": "581115"}});
    let mut read: AadhaarDetails = serde_json::from_value(echoed).unwrap();
    assert_eq!(read.address_details.as_ref().unwrap().pincode.as_ref().unwrap().expose().as_str(), "581115");
    read.extra.clear();
    let (server, _) = keeping("{}").await;
    let error = server.client().initiate(initiate().aadhaar_details(read)).await.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert!(
        problems.contains(&"aadhaar_details.address_details is not a field of this request".to_owned()),
        "{problems:?}"
    );
    assert!(problems.contains(&"aadhaar_details.dob is missing".to_owned()), "{problems:?}");
}

/// A write that was carried out is a success, even if its response lacks fields that a request requires.
#[tokio::test]
async fn a_write_accepts_a_201_and_a_response_without_required_fields() {
    let body = r#"{"verification_id":"vkyc_42","user_id":"user_7","status":"RECEIVED","aadhaar_details":{"name":"A","gender":"X",
        "split_address":{"pincode":"581 115","new":1}},"security_questions":[{"question":"q"}]}"#;
    let server = Server::answering(support::http(201, "application/json", body)).await;
    let vkyc: VideoKyc = server.client().initiate(initiate()).await.unwrap().into_inner();
    let details = vkyc.aadhaar_details.unwrap();
    assert_eq!((details.gender.unwrap().as_str(), details.dob), ("X", None));
    assert_eq!(details.split_address.unwrap().pincode.unwrap().expose().as_str(), "581 115");
    assert_eq!(vkyc.security_questions.unwrap()[0].order, None);
}

#[tokio::test]
async fn a_write_refuses_a_response_about_another_customer() {
    let (server, _) = keeping(r#"{"user_id":"somebody-else","user_reference_id":9}"#).await;
    let error =
        server.client().update_user(UserId::new("user_7").unwrap(), UserChanges::new().name("A")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(!support::all_texts(&error).contains("somebody-else"));
}

#[tokio::test]
async fn the_values_of_a_request_are_neither_printed_nor_logged() {
    let canary = |text: &str| format!("canary-{text}");
    let id = UserId::new("canary-user").unwrap();
    let user = example::new_user("canary-phone")
        .user_id(id.clone())
        .email(canary("mail"))
        .name(canary("name"))
        .address(canary("home"));
    let changes = UserChanges::new().email(canary("mail")).name(canary("name")).address(canary("home")).user_ref(&id);
    let body = initiate().aadhaar_details(details()).security_questions([question(1, canary("q"), canary("a"))]);
    let who: AuthenticatedUser = example::typed("AuthenticatedUser", json!({ "identifier_value": "canary-value" }));
    let who_is = serde_json::to_value(&who).unwrap();
    let token: TokenRequest = example::typed("TokenRequest", json!({ "authenticated_user": who_is }));
    let (server, _) =
        keeping(r#"{"verification_id":"vkyc_42","user_id":"canary-user","access_token":"canary-token"}"#).await;
    let client: Client = server.client();
    let mut printed = format!("{user:?}{changes:?}{body:?}{who:?}{token:?}{:?}{id:?}", details());
    printed.push_str(&format!("{:?}", client.operations().vkyc_initiate().body(body.clone())));
    let (calls, log) = logged(FmtSpan::FULL, async move {
        let changes = UserChanges::new().name("canary-name");
        let mut calls = format!("{:?}{:?}", client.create_user(user).await, client.user(&id).await);
        calls.push_str(&format!("{:?}{:?}", client.update_user(&id, changes).await, client.initiate(body).await));
        calls.push_str(&format!("{:?}", client.sdk_token(token).await));
        calls
    })
    .await;
    printed.push_str(&calls);
    printed.push_str(&log);
    assert!(printed.contains("vkyc_42"), "an id of a verification prints");
    // Digits within a longer number are a time or a port of the log.
    let is_digit = |at: Option<usize>| at.and_then(|at| printed.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
    for secret in ["canary", "1995", "581115", "581_115"] {
        let mut found = printed.match_indices(secret);
        let leak = found.find(|(at, _)| !is_digit(at.checked_sub(1)) && !is_digit(Some(at + secret.len())));
        assert_eq!(leak, None, "in {printed}");
    }
}
