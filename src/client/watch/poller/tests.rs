//! The policy of watching, in paused time, with a script of outcomes instead of a server.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode};

use super::*;
use crate::model::DocumentedError;
use crate::model::Phase;
use crate::transport::{Delivery, ErrorKind, Exchange, SOME_OPERATION};

const SECOND: Duration = Duration::from_secs(1);

/// The outcome of each poll; the last one is repeated. Records the time of each poll.
#[derive(Clone)]
struct Script(Arc<Mutex<(VecDeque<Outcome>, Vec<Instant>)>>, Duration);

#[derive(Clone)]
enum Outcome {
    State(Box<VideoKyc>),
    Error(ErrorKind, Option<Duration>),
    /// A page of a gateway, with status 200.
    Page,
    /// A documented error.
    Says(&'static str),
    Slow(Duration),
}

impl Poll for Script {
    fn least_interval(&self) -> Duration {
        self.1
    }

    async fn poll(&self, _: Instant, end: Instant) -> Result<Response<VideoKyc>, Error> {
        let outcome = {
            let mut script = self.0.lock().unwrap();
            script.1.push(Instant::now());
            if script.0.len() > 1 { script.0.pop_front() } else { script.0.front().cloned() }
        };
        match outcome.unwrap() {
            Outcome::State(vkyc) => {
                let exchange = Exchange { http_status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() };
                Ok(Response::new(*vkyc, exchange, 1))
            }
            Outcome::Error(kind, asked) => {
                Err(Error::without_response(&SOME_OPERATION, kind, Delivery::Unknown, "").with_retry_after(asked))
            }
            Outcome::Page => {
                let page = Error::without_response(&SOME_OPERATION, ErrorKind::Decode, Delivery::Answered, "");
                let body = Bytes::from_static(b"<html>");
                Err(page.with_exchange(Exchange { http_status: StatusCode::OK, headers: HeaderMap::new(), body }))
            }
            Outcome::Says(code) => {
                let exchange = Exchange { http_status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() };
                let response = Response::new(VideoKyc::default(), exchange, 1);
                Err(Error::refused(&SOME_OPERATION, response, DocumentedError::named(code).unwrap()))
            }
            Outcome::Slow(time) => {
                tokio::time::sleep_until((Instant::now() + time).min(end)).await;
                Err(Error::without_response(&SOME_OPERATION, ErrorKind::Timeout, Delivery::Unknown, ""))
            }
        }
    }
}

impl Script {
    fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        Self(Arc::new(Mutex::new((outcomes.into_iter().collect(), Vec::new()))), Duration::ZERO)
    }

    fn states(states: &[(&str, &str)]) -> Self {
        Self::new(states.iter().map(|(status, sub_status)| state(status, sub_status)))
    }

    /// The seconds between the polls.
    fn gaps(&self) -> Vec<f64> {
        let times = &self.0.lock().unwrap().1;
        times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
    }

    fn poller(&self, max_wait: Duration) -> Poller<Self> {
        self.fed(max_wait).0
    }

    fn fed(&self, max_wait: Duration) -> (Poller<Self>, Arc<Wake>) {
        let wake = Arc::<Wake>::default();
        (Poller::new(self.clone(), Intervals::default(), max_wait, Arc::clone(&wake)), wake)
    }
}

fn vkyc(status: &str, sub_status: &str) -> VideoKyc {
    VideoKyc { reference_id: Some(1), status: status.into(), sub_status: sub_status.into(), ..VideoKyc::default() }
}

fn state(status: &str, sub_status: &str) -> Outcome {
    Outcome::State(Box::new(vkyc(status, sub_status)))
}

fn is_final(vkyc: &VideoKyc) -> bool {
    vkyc.lifecycle().is_final()
}

const START: (&str, &str) = ("RECEIVED", "LINK_GENERATED");
const QUEUED: (&str, &str) = ("PRE_VIDEO_CALL", "USER_QUEUED");
const END: (&str, &str) = ("EXPIRED", "VKYC_EXPIRED");

#[tokio::test(start_paused = true)]
async fn each_change_is_reported_once_including_the_first_and_the_last() {
    let script = Script::states(&[START, START, QUEUED, QUEUED, END]);
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let record = Arc::clone(&seen);
    let on_change = OnChange(Some(Arc::new(move |vkyc| record.lock().unwrap().push(vkyc.status.to_string()))));
    script.poller(3600 * SECOND).on_change(on_change).until(is_final).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [START.0, QUEUED.0, END.0]);
}

#[tokio::test(start_paused = true)]
async fn each_phase_has_its_interval() {
    let script = Script::states(&[START, START, QUEUED, ("VIDEO_CALL", ""), ("NEW", ""), END]);
    script.poller(3600 * SECOND).until(is_final).await.unwrap();
    let gaps = script.gaps();
    for (gap, interval) in gaps.iter().zip([60.0, 60.0, 10.0, 5.0, 30.0]) {
        assert!((interval * 0.8..=interval * 1.2 + 0.01).contains(gap), "{gap} for {interval}");
    }
    assert_eq!(gaps.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn changes_are_the_first_state_and_each_new_one_until_a_final_state() {
    let script = Script::states(&[START, START, QUEUED, QUEUED, QUEUED, ("VIDEO_CALL", ""), END, START]);
    let states: Vec<_> =
        script.poller(3600 * SECOND).changes().map(|state| state.unwrap().status.to_string()).collect().await;
    assert_eq!(states, ["RECEIVED", "PRE_VIDEO_CALL", "VIDEO_CALL", "EXPIRED"]);
    assert_eq!(script.gaps().len(), 6);
}

#[test]
fn a_new_link_or_meeting_is_a_change_and_a_new_signature_is_not() {
    let old = VideoKyc {
        vkyc_link: Some("https://l/1".into()),
        recording_link: Some("https://r/1?sig=1".into()),
        ..vkyc("RECEIVED", "LINK_GENERATED")
    };
    let changed = |change: fn(&mut VideoKyc)| {
        let mut new = old.clone();
        change(&mut new);
        old.differs_from(&new)
    };
    assert!(changed(|vkyc| vkyc.status = "VIDEO_CALL".into()));
    assert!(changed(|vkyc| vkyc.sub_status = "".into()));
    assert!(changed(|vkyc| vkyc.vkyc_link = None));
    assert!(changed(|vkyc| vkyc.link_expiry = Some("2025-06-21".into())));
    assert!(changed(|vkyc| vkyc.meeting_schedule = Some("2025-06-21".into())));
    assert!(changed(|vkyc| vkyc.recording_link = None));
    assert!(changed(|vkyc| vkyc.recording_link = Some("https://r/2?sig=1".into())));
    assert!(changed(|vkyc| vkyc.agent_remarks = Some("a".into())));
    assert!(changed(|vkyc| vkyc.auditor_remarks = Some("a".into())));
    assert!(!changed(|vkyc| vkyc.recording_link = Some("https://r/1?sig=2".into())));
    assert!(!changed(|vkyc| drop(vkyc.extra.insert("now".into(), 1.into()))));
    assert!(!changed(|_| {}));
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_with_one_last_poll_at_the_deadline() {
    let script = Script::states(&[START]);
    let start = Instant::now();
    let error = script.poller(100 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.elapsed()), (WatchErrorKind::ExceededMaxWait, start.elapsed()));
    // The clock of a paused runtime ticks in milliseconds.
    assert!((100 * SECOND..100 * SECOND + Duration::from_millis(5)).contains(&error.elapsed()), "{error}");
    let asked = script.0.lock().unwrap().1.clone();
    assert_eq!(usize::try_from(error.polls()).unwrap(), asked.len());
    assert!(*asked.last().unwrap() - start >= 100 * SECOND);
    assert_eq!(error.last().unwrap().status.as_str(), "RECEIVED");
    assert!(error.error().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_state_of_the_last_poll_counts() {
    let script = Script::states(&[START, END]);
    let found = script.poller(10 * SECOND).until(is_final).await.unwrap();
    assert_eq!(found.status.as_str(), "EXPIRED");
    assert!(script.gaps()[0] < 10.01);
}

#[tokio::test(start_paused = true)]
async fn a_max_wait_of_zero_is_one_poll() {
    let script = Script::states(&[START]);
    let error = script.poller(Duration::ZERO).until(is_final).await.unwrap_err();
    assert_eq!((error.polls(), error.elapsed()), (1, Duration::ZERO));
    let all: Vec<_> = script.poller(Duration::ZERO).changes().collect().await;
    assert!(matches!(&all[..], [Ok(_), Err(error)] if error.kind() == WatchErrorKind::ExceededMaxWait));
}

#[tokio::test(start_paused = true)]
async fn the_longest_max_wait_does_not_overflow() {
    let script = Script::states(&[START, END]);
    assert!(script.poller(Duration::MAX).until(is_final).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn transient_errors_do_not_end_a_watch_and_permanent_ones_do() {
    let transient = [ErrorKind::Connect, ErrorKind::Io, ErrorKind::Timeout].map(|kind| Outcome::Error(kind, None));
    let script = Script::new(transient.into_iter().chain([state(START.0, START.1), state(END.0, END.1)]));
    let states: Vec<_> = script.poller(3600 * SECOND).changes().collect().await;
    assert!(states.len() == 2 && states.iter().all(Result::is_ok), "{states:?}");

    let script = Script::new([state(START.0, START.1), Outcome::Error(ErrorKind::Api, None)]);
    let states: Vec<_> = script.poller(3600 * SECOND).changes().collect().await;
    let [Ok(_), Err(error)] = &states[..] else { panic!("{states:?}") };
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 2));
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Api);
    assert_eq!(error.last().unwrap().status.as_str(), "RECEIVED");
}

#[tokio::test(start_paused = true)]
async fn pending_responses_and_a_short_absence_do_not_end_a_watch() {
    let missing = Outcome::Says("verification_id_not_found");
    for passing in [Outcome::Says("verification_pending"), Outcome::Says("validation_pending"), missing.clone()] {
        let script = Script::new([state(START.0, START.1), passing.clone(), passing, state(END.0, END.1)]);
        assert!(script.poller(3600 * SECOND).until(is_final).await.is_ok());
    }
    // It is asked for again within an attempt's time; after that, the response is final.
    let script = Script::new([state(START.0, START.1), missing.clone()]);
    let error = script.poller(3600 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 5));
    assert!(error.error().unwrap().is_not_found());
    // Before a state was seen, "not found" is final at once.
    let error = Script::new([missing]).poller(3600 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 1));
    assert!(!error.may_pass());
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_after_too_many_pages_of_a_gateway() {
    let pages = |count| std::iter::repeat_n(Outcome::Page, count);
    let start = || state(START.0, START.1);
    let script = Script::new(pages(4).chain([start()]).chain(pages(4)).chain([state(END.0, END.1)]));
    assert!(script.poller(3600 * SECOND).until(is_final).await.is_ok());

    let script = Script::new([start()].into_iter().chain(pages(9)));
    let error = script.poller(3600 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 1 + NON_API_RESPONSES));
}

#[tokio::test(start_paused = true)]
async fn a_finished_stream_of_changes_stays_finished() {
    let mut changes = Box::pin(Script::states(&[END]).poller(SECOND).changes().fuse());
    assert!(changes.next().await.is_some());
    assert!(changes.next().await.is_none() && changes.next().await.is_none());
}

/// A gateway that mixes up responses does so on every connection. Continuing would hide that for days.
#[tokio::test(start_paused = true)]
async fn a_response_about_another_verification_ends_a_watch() {
    let script = Script::new([state(START.0, START.1), Outcome::Error(ErrorKind::Mismatch, None), state(END.0, END.1)]);
    let error = script.poller(3600 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 2));
}

#[tokio::test(start_paused = true)]
async fn many_watches_lengthen_the_interval_but_delay_no_poll_after_an_event() {
    let script = Script(Script::states(&[START]).0, 300 * SECOND);
    let (poller, wake) = script.fed(1000 * SECOND);
    let watcher = tokio::spawn(poller.until(is_final));
    tokio::time::sleep(700 * SECOND).await;
    assert!(script.gaps().iter().all(|gap| *gap >= 299.9) && script.gaps().len() == 2, "{:?}", script.gaps());
    wake.wake();
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(script.gaps().len(), 3);
    watcher.await.unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn after_max_wait_the_error_contains_the_last_failure() {
    let script = Script::new([Outcome::Error(ErrorKind::Connect, None)]);
    let error = script.poller(100 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.kind(), error.last()), (WatchErrorKind::ExceededMaxWait, None));
    assert!(error.may_pass());
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("never seen") && error.to_string().contains("no connection"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_the_server_asks_for_ends_at_the_deadline() {
    let script = Script::new([Outcome::Error(ErrorKind::RateLimited, Some(200 * SECOND)), state(END.0, END.1)]);
    script.poller(3600 * SECOND).until(is_final).await.unwrap();
    assert!((200.0..200.1).contains(&script.gaps()[0]), "{:?}", script.gaps());

    let script = Script::new([Outcome::Error(ErrorKind::RateLimited, Some(Duration::MAX)), state(END.0, END.1)]);
    script.poller(300 * SECOND).until(is_final).await.unwrap();
    assert!((300.0..300.1).contains(&script.gaps()[0]), "{:?}", script.gaps());
}

#[tokio::test(start_paused = true)]
async fn a_poll_in_progress_at_the_deadline_is_the_last_one_and_has_a_time_limit() {
    let script = Script::new([Outcome::Slow(3600 * SECOND)]);
    let error = script.poller(20 * SECOND).until(is_final).await.unwrap_err();
    assert_eq!((error.polls(), error.elapsed()), (1, 20 * SECOND));
    // A poll has its five seconds even with little time left, or none.
    for max_wait in [Duration::ZERO, SECOND, 4 * SECOND] {
        let error = script.poller(max_wait).until(is_final).await.unwrap_err();
        assert_eq!((error.kind(), error.polls(), error.elapsed()), (WatchErrorKind::ExceededMaxWait, 1, LAST_POLL));
        assert_eq!(error.error().unwrap().kind(), ErrorKind::Timeout);
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_names_an_unknown_state_that_looks_closed() {
    let error = Script::states(&[("AUDITOR_REVIEWED", "NEW")]).poller(SECOND).until(is_final).await.unwrap_err();
    assert!(error.to_string().contains("AUDITOR_REVIEWED / NEW, which looks closed"), "{error}");
    let error = Script::states(&[START]).poller(SECOND).until(is_final).await.unwrap_err();
    assert!(!error.to_string().contains("looks closed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_event_wakes_the_watcher_at_once_and_many_keep_the_rate_limit() {
    let script = Script::states(&[START]);
    let (poller, wake) = script.fed(50 * SECOND);
    let watcher = tokio::spawn(poller.until(is_final));
    tokio::time::sleep(20 * SECOND).await;
    wake.wake();
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(script.gaps().len(), 1, "polled before its interval of 48 s");
    assert!(script.gaps()[0] < 20.01);
    for _ in 0..1000 {
        wake.wake();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let gaps = script.gaps();
    assert!((5..=6).contains(&(gaps.len())), "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap >= 0.599), "{gaps:?}");
    drop(wake);
    let error = watcher.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), WatchErrorKind::ExceededMaxWait);
}

#[tokio::test(start_paused = true)]
async fn an_event_during_a_poll_is_not_lost() {
    let script = Script::new([Outcome::Slow(5 * SECOND), state(END.0, END.1)]);
    let (poller, wake) = script.fed(3600 * SECOND);
    let watcher = tokio::spawn(poller.until(is_final));
    tokio::time::sleep(2 * SECOND).await;
    wake.wake();
    watcher.await.unwrap().unwrap();
    assert!((5.59..5.7).contains(&script.gaps()[0]), "{:?}", script.gaps());
}

#[tokio::test(start_paused = true)]
async fn after_an_event_failed_or_early_polls_are_repeated_soon_for_a_short_time() {
    for early in [Outcome::Error(ErrorKind::Connect, None), state(START.0, START.1)] {
        // The first poll, the one after the event, one more, and then the change.
        let script = Script::new([state(START.0, START.1), early.clone(), early.clone(), state(END.0, END.1)]);
        let (poller, wake) = script.fed(3600 * SECOND);
        let watcher = tokio::spawn(poller.until(is_final));
        tokio::time::sleep(20 * SECOND).await;
        wake.wake();
        watcher.await.unwrap().unwrap();
        assert!(script.gaps()[1..].iter().sum::<f64>() < 4.1, "{:?}", script.gaps());

        // If nothing changes, the usual interval returns.
        let script = Script::new([state(START.0, START.1), early]);
        let (poller, wake) = script.fed(300 * SECOND);
        let watcher = tokio::spawn(poller.until(is_final));
        tokio::time::sleep(20 * SECOND).await;
        wake.wake();
        watcher.await.unwrap().unwrap_err();
        let gaps = script.gaps();
        assert!((1..4).map(|n| gaps[n]).sum::<f64>() < 13.1 && gaps[4] >= 23.9, "{gaps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn even_the_last_poll_keeps_the_shortest_interval() {
    let script = Script::states(&[START]);
    let (poller, wake) = script.fed(20 * SECOND);
    let watcher = tokio::spawn(poller.until(is_final));
    tokio::time::sleep(Duration::from_millis(19_900)).await;
    wake.wake();
    let error = watcher.await.unwrap().unwrap_err();
    let gaps = script.gaps();
    assert!(gaps.len() == 2 && gaps.iter().all(|gap| *gap >= 0.599), "{gaps:?}");
    assert!(error.elapsed() < 21 * SECOND, "{error}");
}

#[tokio::test(start_paused = true)]
async fn unknown_states_do_not_end_a_wait_unless_its_predicate_accepts_them() {
    let script = Script::states(&[("AUDITOR_REVIEWED", "BRAND_NEW"), ("BRAND_NEW", ""), END]);
    script.poller(3600 * SECOND).until(is_final).await.unwrap();
    assert_eq!(script.gaps().len(), 2);

    // In the order of phases, too: an unknown phase comes before all others.
    let script = Script::states(&[("BRAND_NEW", ""), START, ("AGENT_REVIEWED", "")]);
    let reviewed = |vkyc: &VideoKyc| vkyc.lifecycle().phase() >= Phase::Review;
    assert_eq!(script.poller(3600 * SECOND).until(reviewed).await.unwrap().status.as_str(), "AGENT_REVIEWED");

    let script = Script::states(&[START, ("AUDITOR_REVIEWED", "BRAND_NEW")]);
    let over = |vkyc: &VideoKyc| vkyc.lifecycle().phase() == Phase::Closed;
    assert_eq!(script.poller(3600 * SECOND).until(over).await.unwrap().sub_status.as_str(), "BRAND_NEW");
}

#[tokio::test(start_paused = true)]
async fn the_interval_of_an_unknown_state_grows_to_an_hour() {
    let script = Script::states(&[("BRAND_NEW", "")]);
    let error = script.poller(30 * 86_400 * SECOND).until(is_final).await.unwrap_err();
    assert!((700..1_000).contains(&error.polls()), "{}", error.polls());
    assert!(script.gaps().iter().all(|gap| *gap <= 1.2 * 3_600.0));
}

#[tokio::test(start_paused = true)]
async fn another_final_state_ends_the_wait_for_a_state() {
    let script = Script::states(&[START, END]);
    let error = script.poller(3600 * SECOND).until(|vkyc| vkyc.status.as_str() == "COMPLETED").await.unwrap_err();
    assert_eq!((error.kind(), error.may_pass()), (WatchErrorKind::Final, false));
    assert_eq!(error.last().unwrap().status.as_str(), "EXPIRED");
    assert!(error.to_string().contains("its last state was EXPIRED / VKYC_EXPIRED"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_wait_ends_it() {
    let script = Script::states(&[START]);
    let mut changes = Box::pin(script.poller(3600 * SECOND).changes());
    assert!(changes.next().await.is_some());
    drop(changes);
    tokio::time::sleep(1000 * SECOND).await;
    assert_eq!(script.0.lock().unwrap().1.len(), 1);
    assert_eq!(Arc::strong_count(&script.0), 1);
}
