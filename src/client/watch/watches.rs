//! The registry that wakes the watches of an event.
//!
//! ```text
//! Watches::add ─▶ Registry: reference ─▶ watches          Wake: the registries of one watch
//! webhook ─▶ Watches::feed ─▶ watches of either id of the event ─▶ Wake::wake ─▶ the watch polls at once
//! the watch and everything made from it are dropped ─▶ Wake::drop ─▶ Registry::remove
//! ```
//!
//! `Registry` is the state machine. It has no lock and wakes no watch. `Watches` and `Wake` are the shell. A thread never locks a
//! registry while it drops a watch.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch::{Receiver, Sender};

use crate::model::{ReferenceId, VerificationRef, VideoKyc};
use crate::webhook::Event;

/// Passes an event to the matching watches among many. Clones share the registry.
///
/// Add a watch before you wait for it. It is removed when it has ended: when the watch and everything made from it (futures,
/// streams, clones) is dropped.
///
/// ```
/// # use cashfree_vkyc::{EventType, Status, VideoKyc, sandbox::Sandbox};
/// use std::time::Duration;
/// use cashfree_vkyc::{Client, ReferenceId, Watches, webhook::Event};
///
/// /// The wait of your service, in a task for each verification.
/// async fn wait(client: Client, watches: Watches, id: i64) {
///     let watch = watches.add(client.watch(ReferenceId(id)).max_wait(Duration::from_secs(3600)));
///     match watch.until_closed().await {
///         Ok(vkyc) => println!("{} / {}", vkyc.status, vkyc.sub_status),
///         Err(error) => println!("{error}"),
///     }
/// }
///
/// /// The webhook handler of your service. With axum: `State(watches): State<Watches>`, `VerifiedEvent(event): VerifiedEvent`.
/// async fn receive(watches: Watches, event: Event) {
///     watches.feed(&event);
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let mut vkyc = Sandbox::published_sample();
/// # sandbox.put(vkyc.clone());
/// let watches = Watches::new();
/// let waiting = tokio::spawn(wait(sandbox.client()?, watches.clone(), 1358));
/// # tokio::time::sleep(Duration::from_millis(100)).await;
/// # (vkyc.status, vkyc.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
/// # sandbox.put(vkyc.clone());
/// # let event = Event::new(EventType::VkycUserLinkExpired, "2025-05-22T03:51:14Z".into(), vkyc);
/// receive(watches.clone(), event).await;
/// waiting.await?;
/// assert!(watches.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Watches(Arc<Shared>);

type Shared = Mutex<Registry<Weak<Wake>>>;

impl Watches {
    /// Creates an empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes all watches of the event's verification, by either id, poll at once. Returns their number. See
    /// [`Watch::feed`](crate::Watch::feed).
    pub fn feed(&self, event: impl Borrow<Event>) -> usize {
        // The last reference to a watch may be dropped here, which removes it, so not under the lock.
        let wakes: Vec<_> = lock(&self.0).about(&event.borrow().data).filter_map(Weak::upgrade).collect();
        wakes.iter().for_each(|wake| wake.wake());
        wakes.len()
    }

    /// Returns the number of watches that have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.0).watches.values().map(Vec::len).sum()
    }

    /// Whether every watch has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        lock(&self.0).watches.is_empty()
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Wakes a watch, its clones, futures and streams, which share it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    sender: Sender<()>,
    /// The registries that the watch was added to, and its key and number there.
    joined: Mutex<Vec<(Weak<Shared>, VerificationRef, u64)>>,
}

impl Wake {
    pub(super) fn subscribe(&self) -> Receiver<()> {
        self.sender.subscribe()
    }

    /// Makes the watch poll at once.
    pub(super) fn wake(&self) {
        self.sender.send_replace(());
    }

    /// Adds this to a registry, unless it is already there.
    pub(super) fn join(self: &Arc<Self>, Watches(registry): &Watches, verification: &VerificationRef) {
        let mut joined = lock(&self.joined);
        if joined.iter().all(|(other, ..)| other.as_ptr() != Arc::as_ptr(registry)) {
            let number = lock(registry).add(verification.clone(), Arc::downgrade(self));
            joined.push((Arc::downgrade(registry), verification.clone(), number));
        }
    }
}

/// Removes an ended watch from its registries.
impl Drop for Wake {
    fn drop(&mut self) {
        for (registry, verification, number) in lock(&self.joined).drain(..) {
            if let Some(registry) = registry.upgrade() {
                lock(&registry).remove(&verification, number);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state machine: numbered watches by their verification.
#[derive(Default)]
struct Registry<W> {
    watches: HashMap<VerificationRef, Vec<(u64, W)>>,
    last: u64,
}

impl<W> Registry<W> {
    /// Adds a watch and returns its number.
    fn add(&mut self, verification: VerificationRef, watch: W) -> u64 {
        self.last += 1;
        self.watches.entry(verification).or_default().push((self.last, watch));
        self.last
    }

    fn remove(&mut self, verification: &VerificationRef, number: u64) {
        let Some(watches) = self.watches.get_mut(verification) else { return };
        watches.retain(|(other, _)| *other != number);
        if watches.is_empty() {
            self.watches.remove(verification);
        }
        // Returns the memory of a peak.
        if self.watches.len() < self.watches.capacity() / 4 {
            self.watches.shrink_to_fit();
        }
    }

    /// Returns the watches of a verification, by either of its ids.
    fn about(&self, vkyc: &VideoKyc) -> impl Iterator<Item = &W> {
        let id = vkyc.id().map(VerificationRef::from);
        let reference = vkyc.reference_id.map(|id| ReferenceId(id).into());
        let both = [id, reference].into_iter().flatten();
        both.filter_map(|id| self.watches.get(&id)).flatten().map(|(_, watch)| watch)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::VerificationId;

    fn vkyc(reference_id: Option<i64>, verification_id: Option<&str>) -> VideoKyc {
        VideoKyc { reference_id, verification_id: verification_id.map(str::to_owned), ..VideoKyc::default() }
    }

    fn references() -> [VerificationRef; 3] {
        [ReferenceId(1).into(), VerificationId::new("a").unwrap().into(), ReferenceId(2).into()]
    }

    #[test]
    fn the_memory_of_a_peak_is_returned_when_less_than_a_quarter_is_in_use() {
        let mut registry = Registry::default();
        let numbers: Vec<_> =
            (0..1_000).map(|id| (ReferenceId(id).into(), registry.add(ReferenceId(id).into(), ()))).collect();
        let peak = registry.watches.capacity();
        for (verification, number) in &numbers {
            registry.remove(verification, *number);
            // A table counts the places of removed entries as used for a while.
            let (length, capacity) = (registry.watches.len(), registry.watches.capacity());
            assert!(length < peak / 4 || capacity > peak / 2, "{capacity} for {length}");
            assert!(length > peak / 8 || capacity <= peak / 2, "{capacity} for {length}");
        }
    }

    /// Explores every order in which up to four watches of three references come and go. Each event wakes exactly the matching
    /// ones that are present.
    #[test]
    fn every_sequence_wakes_the_matching_watches_and_leaves_no_entry() {
        let references = references();
        let events =
            [(None, None), (Some(1), None), (None, Some("a")), (Some(1), Some("a")), (Some(2), Some("not an id"))];
        let events = events.map(|(reference, id)| vkyc(reference, id));
        // A sequence in base 6: the first digits add a watch, the others remove the first or the last one present.
        let actions = references.len() + 3;
        for sequence in 0..actions.pow(6) {
            let (mut registry, mut present, mut rest) = (Registry::default(), Vec::new(), sequence);
            for step in 0..6 {
                match (rest % actions, present.len()) {
                    (reference @ 0..3, _) => {
                        present.push((registry.add(references[reference].clone(), step), reference, step));
                    }
                    (_, 0) => {}
                    (action, length) => {
                        let (number, reference, _) = present.remove([0, length / 2, length - 1][action - 3]);
                        // Removing it twice is the same as once.
                        for _ in 0..2 {
                            registry.remove(&references[reference], number);
                        }
                    }
                }
                rest /= actions;
                for event in &events {
                    let mut woken: Vec<_> = registry.about(event).copied().collect();
                    woken.sort_unstable();
                    let is_meant = |reference: usize| event.is_meant_by(&references[reference]);
                    let meant: Vec<_> =
                        present.iter().filter(|(_, of, _)| is_meant(*of)).map(|(.., step)| *step).collect();
                    assert_eq!(woken, meant, "{sequence}");
                }
                let keys: BTreeSet<_> = present.iter().map(|(_, reference, _)| reference).collect();
                assert_eq!(registry.watches.len(), keys.len(), "no entry is left: {sequence}");
            }
        }
    }

    #[test]
    fn the_memory_of_a_peak_is_returned() {
        let mut registry = Registry::default();
        let verifications: Vec<VerificationRef> = (0..10_000).map(|id| ReferenceId(id).into()).collect();
        let numbers: Vec<_> = verifications.iter().map(|id| registry.add(id.clone(), ())).collect();
        verifications.iter().zip(numbers).for_each(|(id, number)| registry.remove(id, number));
        assert!(registry.watches.capacity() < 16, "{}", registry.watches.capacity());
    }

    /// Explores every sequence of six steps with two watches and two registries, of which one may be dropped: a watch joins, is
    /// cloned, or a handle of it is dropped.
    #[test]
    fn every_sequence_of_handles_leaves_no_entry_and_loses_no_watch() {
        let verification: VerificationRef = ReferenceId(1).into();
        let event = Event::new(crate::model::EventType::VkycUserCallStarted, "".into(), vkyc(Some(1), None));
        const ACTIONS: usize = 9;
        for sequence in 0..ACTIONS.pow(5) {
            let mut registries = vec![Watches::new(), Watches::new()];
            let mut handles = [0, 1].map(|_| vec![Arc::<Wake>::default()]);
            let mut receivers = handles.each_ref().map(|handles| handles[0].subscribe());
            let mut joined = [[false; 2]; 2];
            let mut rest = sequence;
            for _ in 0..5 {
                let (action, watch) = (rest % ACTIONS / 2, rest % ACTIONS % 2);
                rest /= ACTIONS;
                let handle = handles[watch].first().cloned();
                match (action, handle) {
                    (4, _) => registries.truncate(1),
                    (registry @ 0..2, Some(handle)) => {
                        if let Some(watches) = registries.get(registry) {
                            handle.join(watches, &verification);
                            joined[registry][watch] = true;
                        }
                    }
                    (2, Some(handle)) => handles[watch].push(handle),
                    (_, Some(handle)) => {
                        handles[watch].pop();
                        drop(handle);
                        if handles[watch].is_empty() {
                            joined.iter_mut().for_each(|joined| joined[watch] = false);
                        }
                    }
                    (_, None) => {}
                }
                for (watches, joined) in registries.iter().zip(joined) {
                    receivers.iter_mut().for_each(|receiver| receiver.mark_unchanged());
                    let count = joined.iter().filter(|joined| **joined).count();
                    assert_eq!((watches.feed(&event), watches.len()), (count, count), "{sequence}");
                    assert_eq!(watches.is_empty(), count == 0, "{sequence}");
                    let woken = receivers.each_ref().map(|receiver| receiver.has_changed().unwrap_or_default());
                    assert_eq!(woken, joined, "{sequence}");
                }
            }
        }
    }
}
