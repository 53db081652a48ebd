//! A fault of the sandbox as text: a kind, and options that narrow it, as in `status=429,retry_after=2,times=3`.

use cashfree_vkyc::sandbox::Fault;

use crate::duration::duration;

const KINDS: &str = "status=N, delay=TIME, slow_body=TIME, reset, truncated, malformed, wrong_id, unknown_fields; \
                     then times=N, rate=SHARE, on=OPERATION, on_recordings, carried_out, and of a status retry_after=SECONDS, \
                     code=CODE, html, empty";

/// Reads a fault.
///
/// # Errors
/// When a part is not known, or its value is not valid.
pub(super) fn fault(spec: &str) -> Result<Fault, String> {
    let unknown = |part: &str| format!("{part:?} is not known; write a kind first: {KINDS}");
    let mut parts = spec.split(',').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let kind = kind(first).ok_or_else(|| unknown(first))?;
    parts.try_fold(kind, |fault, part| narrowed(fault, part).ok_or_else(|| unknown(part)))
}

fn kind(part: &str) -> Option<Fault> {
    Some(match part.split_once('=') {
        Some(("status", status)) => Fault::status(status.parse().ok().filter(|status| (200..=599).contains(status))?),
        Some(("delay", time)) => Fault::delay(duration(time).ok()?),
        Some(("slow_body", time)) => Fault::slow_body(duration(time).ok()?),
        Some(_) => return None,
        None => match part {
            "reset" => Fault::reset(),
            "truncated" => Fault::truncated(),
            "malformed" => Fault::malformed(),
            "wrong_id" => Fault::wrong_id(),
            "unknown_fields" => Fault::unknown_fields(),
            _ => return None,
        },
    })
}

fn narrowed(fault: Fault, part: &str) -> Option<Fault> {
    Some(match part.split_once('=') {
        Some(("times", times)) => fault.times(times.parse().ok()?),
        Some(("rate", share)) => fault.rate(share.parse().ok().filter(|share| (0.0..=1.0).contains(share))?),
        Some(("on", operation)) => fault.on(operation),
        Some(("retry_after", seconds)) => fault.retry_after(seconds.parse().ok()?),
        Some(("code", code)) => fault.code(code),
        Some(_) => return None,
        None => match part {
            "on_recordings" => fault.on_recordings(),
            "carried_out" => fault.carried_out(),
            "html" => fault.html(),
            "empty" => fault.empty(),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_kind_and_what_narrows_it() {
        let rust = Fault::status(429).retry_after(2).times(3);
        assert_eq!(format!("{:?}", fault("status=429, retry_after=2, times=3").unwrap()), format!("{rust:?}"));
        let rust = Fault::reset().rate(0.1).on("vkycGetStatus");
        assert_eq!(format!("{:?}", fault("reset,rate=0.1,on=vkycGetStatus").unwrap()), format!("{rust:?}"));
        for spec in
            ["", "times=1", "status", "status=x", "status=99", "delay=1y", "reset,rate=2", "reset,now", "reset,"]
        {
            assert!(fault(spec).is_err(), "{spec}");
        }
    }
}
