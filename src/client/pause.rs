//! When a bulk call may continue after a 429, which applies to all of its calls.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The first pause if the server does not say how long. It doubles until a success, so that a few of them exceed the minute for
/// which Cashfree counts.
const FIRST: Duration = Duration::from_secs(5);

/// The longest pause if the server does not say.
const LONGEST: Duration = Duration::from_secs(60);

/// The longest pause that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

pub(super) struct Pause {
    over: Option<Pin<Box<Sleep>>>,
    /// The next pause if the server does not say.
    next: Duration,
}

impl Default for Pause {
    fn default() -> Self {
        Self { over: None, next: FIRST }
    }
}

impl Pause {
    /// Begins a pause after a 429, which may ask for a wait. During a pause it can only extend it.
    pub(super) fn begin(&mut self, asked: Option<Duration>) {
        let wait = match asked {
            Some(asked) => asked.min(LONGEST_ASKED),
            // Another call of the same burst.
            None if self.over.is_some() => return,
            None => {
                let doubled = (self.next * 2).min(LONGEST);
                std::mem::replace(&mut self.next, doubled)
            }
        };
        let until = Instant::now() + wait;
        match &mut self.over {
            Some(over) if over.deadline() >= until => {}
            Some(over) => over.as_mut().reset(until),
            None => self.over = Some(Box::pin(sleep_until(until))),
        }
    }

    /// Begins the doubling anew after a success.
    pub(super) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// Ready if there is no pause; otherwise the task is woken at its end.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(over) = &mut self.over else { return Poll::Ready(()) };
        if over.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.over = None;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it takes until there is no pause, in seconds.
    async fn rest(pause: &mut Pause) -> u64 {
        let start = Instant::now();
        std::future::poll_fn(|context| pause.poll(context)).await;
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_as_long_as_the_server_asks_within_reason() {
        let mut pause = Pause::default();
        assert_eq!(rest(&mut pause).await, 0);
        for (asked, waits) in [(0, 0), (7, 7), (60, 60), (86_400, 600), (u64::MAX, 600)] {
            pause.begin(Some(Duration::from_secs(asked)));
            assert_eq!(rest(&mut pause).await, waits);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_doubles_if_the_server_does_not_say_until_a_success() {
        let mut pause = Pause::default();
        for waits in [5, 10, 20, 40, 60, 60] {
            pause.begin(None);
            pause.begin(None);
            assert_eq!(rest(&mut pause).await, waits, "a burst is one");
        }
        pause.reset();
        pause.begin(None);
        assert_eq!(rest(&mut pause).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn another_of_the_burst_only_makes_it_longer() {
        let mut pause = Pause::default();
        for seconds in [9, 4, 12] {
            pause.begin(Some(Duration::from_secs(seconds)));
        }
        assert_eq!(rest(&mut pause).await, 12);
    }
}
