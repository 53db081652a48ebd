//! Many watches and one endpoint: an event wakes only the watches of its verification, and ended watches take no memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::webhook::Event;
use cashfree_vkyc::{Client, EventType, ReferenceId, VerificationId, Watch, Watches};
use futures_util::StreamExt as _;

use crate::support;
use crate::support::keep_alive::{Answer, KeepAlive};

const LONG: Duration = Duration::from_secs(3600);

fn event(reference_id: Option<i64>, verification_id: Option<&str>) -> Event {
    let mut data = support::vkyc(0);
    (data.reference_id, data.verification_id) = (reference_id, verification_id.map(str::to_owned));
    Event::new(EventType::VkycUserCallStarted, "2025-05-22T03:51:14Z".into(), data)
}

/// A server that counts the requests for each verification.
async fn counting() -> (KeepAlive, Arc<Mutex<BTreeMap<String, usize>>>) {
    let asked: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let count = asked.clone();
    let server = KeepAlive::answering(move |head| {
        let id = head.split("_id=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        *count.lock().unwrap().entry(id).or_default() += 1;
        Answer::new(support::received(head))
    });
    (server.await, asked)
}

fn by_number(client: &Client, id: i64) -> Watch {
    client.watch(ReferenceId(id)).max_wait(LONG).interval(LONG)
}

#[tokio::test]
async fn an_event_wakes_only_the_watches_of_its_verification() {
    let (server, asked) = counting().await;
    let client = server.builder().build().unwrap();
    let watches = Watches::new();
    let mut running = Vec::new();
    for id in 1..=50 {
        running.push(tokio::spawn(watches.add(by_number(&client, id)).until_final()));
    }
    // The same verification by the merchant's id, and a second time by its reference id.
    let ours = client.watch(VerificationId::new("customer-7").unwrap()).max_wait(LONG).interval(LONG);
    running.push(tokio::spawn(watches.add(ours).until_final()));
    running.push(tokio::spawn(watches.add(by_number(&client, 7)).until_final()));
    assert_eq!(watches.len(), 52);
    while asked.lock().unwrap().values().sum::<usize>() < 52 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    assert_eq!(watches.feed(event(Some(51), None)), 0);
    assert_eq!(watches.feed(event(None, Some("not an id"))), 0);
    assert_eq!(watches.feed(event(Some(9), Some("customer-9"))), 1);
    assert_eq!(watches.feed(event(Some(7), Some("customer-7"))), 3);
    // Each woken watch polls again.
    for (id, count) in [("7", 4), ("9", 2), ("customer-7", 2)] {
        while asked.lock().unwrap()[id] < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let mut asked = asked.lock().unwrap().clone();
    asked.retain(|id, _| !["7", "9", "customer-7"].contains(&id.as_str()));
    assert_eq!((asked.len(), asked.values().sum::<usize>()), (48, 48), "{asked:?}");
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn watches_that_have_ended_are_not_kept() {
    let (server, _) = counting().await;
    let client = server.builder().build().unwrap();
    let (watches, others) = (Watches::new(), Watches::new());

    let watch = watches.add(by_number(&client, 1));
    let again = watches.add(watch.clone());
    assert_eq!(watches.len(), 1, "a clone is the same watch");
    drop(others.add(again));
    let future = watch.until_final();
    let mut changes = watch.changes();
    drop(watch);
    assert_eq!((watches.len(), others.len()), (1, 1), "its future and its stream are alive");
    assert!(changes.next().await.unwrap().is_ok());
    assert_eq!(watches.feed(event(Some(1), None)), 1);
    drop(changes);
    assert_eq!(others.feed(event(Some(1), None)), 1);
    drop(future);
    assert!(watches.is_empty() && others.is_empty());
    assert_eq!(watches.feed(event(Some(1), None)), 0);

    // A watch may outlive `Watches`, and its end does not end another watch of the same verification.
    let (first, second) = (watches.add(by_number(&client, 2)), watches.add(by_number(&client, 2)));
    drop(first);
    assert_eq!(watches.feed(event(Some(2), None)), 1);
    drop(watches);
    assert!(second.feed(event(Some(2), None)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watches_are_added_and_dropped_while_events_arrive() {
    let (server, _) = counting().await;
    let client = server.builder().build().unwrap();
    let watches = Watches::new();
    let tasks = (0..8).map(|task| {
        let (client, watches) = (client.clone(), watches.clone());
        tokio::spawn(async move {
            for n in 0..500 {
                let watch = watches.add(by_number(&client, n % 5));
                assert!(watches.feed(event(Some(n % 5), None)) >= 1, "{task}");
                let future = watch.until_final();
                drop(watch);
                tokio::task::yield_now().await;
                drop(future);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        tokio::time::timeout(Duration::from_secs(60), task).await.expect("a task hangs").unwrap();
    }
    assert!(watches.is_empty());
}
