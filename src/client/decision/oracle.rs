//! The guarantee of a write, as a predicate: for the exploration of `decision.rs`, and for random servers in
//! `tests/it/never_twice/`.

/// The end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Success,
    /// A refusal or a conflict, which the caller may take as final.
    CertainError,
    /// [`Delivery::Unknown`](cashfree_vkyc::Delivery::Unknown).
    Unknown,
}

/// The resource with the id, before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Nothing,
    Ours,
    Others,
}

/// Returns the guarantee that a call broke. `executions` are those of the call, even after its end. For a `wants_new` call, an
/// existing resource is a conflict.
pub(crate) fn broken_promise(
    told: Told,
    existing: Existing,
    executions: usize,
    sends: usize,
    wants_new: bool,
) -> Option<&'static str> {
    let is_there = executions > 0 || existing == Existing::Ours;
    match told {
        _ if executions > 1 => Some("it was executed twice"),
        _ if executions > 0 && existing != Existing::Nothing => Some("a resource that existed was made again"),
        Told::Success if !is_there => Some("a success about nothing"),
        Told::CertainError if wants_new && sends == 1 => None,
        Told::CertainError if executions > 0 || !wants_new && is_there => {
            Some("a certain error, and the resource exists")
        }
        _ => None,
    }
}
