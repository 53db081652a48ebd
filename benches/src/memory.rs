//! Memory of many concurrent calls or watches: bytes of the process, according to its allocator.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use cashfree_vkyc::ReferenceId;
use cashfree_vkyc_bare as bare;
use futures_util::{StreamExt as _, stream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::LocalSet;

use crate::network::{REFERENCE_ID, client, runtime};
use crate::{Side, held};

/// Requests this many states, as `Client::statuses` does: 8 at a time, each response dropped at once. Returns the maximum memory
/// seen at a response.
pub(crate) fn sweep(side: Side, times: u32, url: &str) -> usize {
    let before = held();
    let mut most = 0;
    let mut look = || most = most.max(held() - before);
    match side {
        Side::Ours => {
            let client = client(url);
            let mut statuses = client.statuses((0..times).map(|_| ReferenceId(REFERENCE_ID)));
            runtime().block_on(async {
                while let Some((_, answer)) = statuses.next().await {
                    look();
                    drop(answer.unwrap());
                }
            });
        }
        Side::Bare => {
            let (client, url) = (&bare::client().unwrap(), &format!("{url}/vkyc"));
            let asked = stream::iter(0..times).map(|_| bare::status(client, url, REFERENCE_ID));
            runtime().block_on(asked.buffer_unordered(8).for_each(|answer| {
                look();
                drop(answer.unwrap());
                std::future::ready(())
            }));
        }
    }
    most
}

/// Watches this many verifications at once, each in a task. Returns their memory after the first poll of each.
pub(crate) fn watches(side: Side, times: u32, url: &str) -> usize {
    // Keeps the code by hand from opening a connection for each; the library limits its connections itself.
    const AT_A_TIME: usize = 75;
    let before = held();
    let asked = Rc::new(Asked { left: Cell::new(times), all: Notify::new() });
    LocalSet::new().block_on(&runtime(), async {
        match side {
            Side::Ours => {
                let client = client(url);
                for _ in 0..times {
                    let (asked, mut left) = (asked.clone(), 1);
                    let watch = client.watch(ReferenceId(REFERENCE_ID)).max_wait(Duration::from_secs(86_400));
                    tokio::task::spawn_local(watch.until(move |_| {
                        (0..std::mem::take(&mut left)).for_each(|_| asked.once());
                        false
                    }));
                }
                asked.all.notified().await;
            }
            Side::Bare => {
                let (client, url) = (bare::client().unwrap(), Rc::new(format!("{url}/vkyc")));
                let slots = Rc::new(Semaphore::new(AT_A_TIME));
                for _ in 0..times {
                    let (client, url, slots, asked) = (client.clone(), url.clone(), slots.clone(), asked.clone());
                    tokio::task::spawn_local(async move {
                        loop {
                            let slot = slots.acquire().await.unwrap();
                            let vkyc = bare::status(&client, &url, REFERENCE_ID).await.unwrap();
                            drop(slot);
                            asked.once();
                            if vkyc.status.as_deref() == Some("COMPLETED") {
                                break vkyc;
                            }
                            tokio::time::sleep(Duration::from_secs(60)).await;
                        }
                    });
                }
                asked.all.notified().await;
            }
        }
        held() - before
    })
}

/// Counts the verifications that have not been polled yet.
struct Asked {
    left: Cell<u32>,
    all: Notify,
}

impl Asked {
    fn once(&self) {
        self.left.set(self.left.get() - 1);
        if self.left.get() == 0 {
            self.all.notify_one();
        }
    }
}
