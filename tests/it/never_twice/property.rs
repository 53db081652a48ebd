//! Random servers over real sockets, checked with the oracle of the pure state machine: no call executes a write twice, and none
//! reports a certain error about a verification that exists.

use std::time::Duration;

use cashfree_vkyc::Delivery;
use proptest::collection::vec;
use proptest::prelude::*;

use super::initiate;
use super::merchant::{Fate, Merchant};
use crate::support::example;

#[path = "../../../src/client/decision/oracle.rs"]
mod oracle;

use oracle::{Existing, Told, broken_promise};

const EXISTS: &str = r#"{"type":"validation_error","code":"verification_id_already_exists"}"#;
const PENDING: &str = r#"{"type":"validation_error","code":"verification_pending"}"#;
const REFUSED: &str = r#"{"type":"authentication_error","code":"ip_validation_failed"}"#;
const GENERIC: &str = r#"{"status":"ERROR","subCode":"422","message":"User not found"}"#;

/// A request without a response is executed within the time of an attempt, or never. An accepted one may take longer.
fn fate() -> impl Strategy<Value = Fate> {
    let soon = (0..9_900_u64).prop_map(Duration::from_millis);
    let whenever = (0..60_000_u64).prop_map(Duration::from_millis);
    let gateway = (prop::sample::select(vec![303, 400, 403, 404, 421, 429, 499, 504]), any::<bool>());
    prop_oneof![
        Just(Fate::Fine),
        Just(Fate::Throttle),
        Just(Fate::NoBalance { as_state: false }),
        Just(Fate::Say { carried_out: false, status: 403, body: REFUSED }),
        (1..400_usize).prop_map(Fate::CutRequest),
        (any::<bool>(), 0..200_usize).prop_map(|(carried_out, bytes)| Fate::CutAnswer { carried_out, bytes }),
        any::<bool>().prop_map(|carried_out| Fate::Hang { carried_out }),
        gateway.prop_map(|(status, carried_out)| Fate::Refuse { carried_out, status }),
        soon.clone().prop_map(Fate::Late),
        soon.clone().prop_map(Fate::Lag),
        soon.prop_map(|after| Fate::SayLate { after, status: 502, body: "<html>" }),
        (
            whenever,
            prop::sample::select(vec![(202, ""), (202, PENDING), (409, PENDING), (409, EXISTS), (200, GENERIC)])
        )
            .prop_map(|(after, (status, body))| Fate::SayLate { after, status, body }),
    ]
}

/// Runs one call, and waits until the server has carried out its late writes.
async fn run(
    fates: &[Fate],
    questions: &[u16],
    existing: Existing,
    timeout: u64,
    asks_first: bool,
) -> Option<&'static str> {
    let mut all = fates.to_vec();
    if existing != Existing::Nothing {
        // The server knows the id, and refuses every write.
        all = vec![Fate::Fine];
        all.resize(9, Fate::Say { carried_out: false, status: 409, body: EXISTS });
    }
    let merchant = Merchant::with(&all).await;
    let others = example::initiate("vkyc_42", "user_8");
    match existing {
        Existing::Nothing => {}
        Existing::Ours => drop(merchant.client().initiate(initiate()).await.unwrap()),
        Existing::Others => drop(merchant.client().initiate(others).await.unwrap()),
    }
    let before = merchant.posts();
    merchant.made.lock().unwrap().questions = questions.to_vec();
    let client = merchant.client();
    let call = if asks_first { client.initiate_or_get(initiate()) } else { client.initiate(initiate()) };
    let start = tokio::time::Instant::now();
    let outcome = call.timeout(Duration::from_secs(timeout)).await;
    assert!(start.elapsed() <= Duration::from_millis(timeout * 1000 + 100), "{:?}", start.elapsed());
    let told = match &outcome {
        Ok(_) => Told::Success,
        Err(error) if error.delivery() == Delivery::Unknown => Told::Unknown,
        // A failed query is not about a write that was never sent.
        Err(error) if merchant.posts() == before && !error.is_conflict() => Told::Unknown,
        Err(_) => Told::CertainError,
    };
    tokio::time::sleep(Duration::from_secs(120)).await;
    let made = merchant.made().iter().sum::<usize>() - usize::from(existing != Existing::Nothing);
    broken_promise(told, existing, made, merchant.posts() - before, false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_servers_cause_no_second_write_and_no_false_error(
        fates in vec(fate(), 1..4),
        questions in vec(prop::sample::select(vec![0_u16, 404, 429, 500, 504]), 0..4),
        existing in prop::sample::select(vec![Existing::Nothing, Existing::Nothing, Existing::Ours, Existing::Others]),
        timeout in 1..60_u64,
        asks_first: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let broken = runtime.block_on(run(&fates, &questions, existing, timeout, asks_first));
        prop_assert_eq!(broken, None);
    }
}
