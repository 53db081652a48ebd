//! The log of one piece of work, by `tracing` or `log`, from all of its threads, without the lines of other tests.

use std::sync::{Arc, Mutex, Once};

use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Keeps every callsite enabled, whichever thread reaches it first.
///
/// While there is a single subscriber, `tracing` asks only the thread that reaches a callsite first. A thread of another test
/// has none, and would switch the callsite off for all threads.
fn enable_callsites() {
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap());
}

/// Runs `work` in a separate runtime, all of whose threads log at TRACE. Returns its result and the whole log.
pub(crate) async fn logged<T: Send + 'static>(
    spans: FmtSpan,
    work: impl Future<Output = T> + Send + 'static,
) -> (T, String) {
    enable_callsites();
    tokio::task::spawn_blocking(move || {
        let log = Log::default();
        let subscriber = subscriber(log.clone(), spans);
        // Also sends what comes by `log` to the subscriber of the thread that it comes from.
        let guard = subscriber.clone().set_default();
        let mut builder = tokio::runtime::Builder::new_current_thread();
        // The threads of this runtime end with it, so theirs is never taken back.
        builder.on_thread_start(move || std::mem::forget(subscriber.clone().set_default()));
        let outcome = builder.enable_all().build().unwrap().block_on(work);
        drop(guard);
        (outcome, log.text())
    })
    .await
    .unwrap()
}

fn subscriber(log: Log, spans: FmtSpan) -> Dispatch {
    let builder = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_span_events(spans).with_ansi(false);
    builder.with_writer(move || log.clone()).finish().into()
}

/// Clones write to the same text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The tests that look for what must not be in a log need to know that this would find it.
#[tokio::test]
async fn the_log_has_both_kinds_of_records_from_every_thread_and_no_other_tests() {
    let work = |name: &'static str| async move {
        tracing::trace!("{name} traces");
        log::trace!("{name} logs");
        tokio::spawn(async move { tracing::trace!("{name} traces in a task") }).await.unwrap();
        tokio::task::spawn_blocking(move || log::trace!("{name} logs in a thread")).await.unwrap();
    };
    let (((), first), ((), second)) =
        tokio::join!(logged(FmtSpan::NONE, work("first")), logged(FmtSpan::NONE, work("second")));
    for (log, name, other) in [(&first, "first", "second"), (&second, "second", "first")] {
        for line in ["traces", "logs", "traces in a task", "logs in a thread"] {
            assert!(log.contains(&format!("{name} {line}\n")), "{line} is missing in {log}");
        }
        assert!(!log.contains(other), "{log}");
    }
}
