//! Texts that may be the link to a recording.
#![no_main]

use cashfree_vkyc_fuzz::recording::{a_link_is_parsed, a_link_leads_only_to_permitted_hosts};

libfuzzer_sys::fuzz_target!(|text: &str| {
    a_link_is_parsed(text);
    a_link_leads_only_to_permitted_hosts(text);
});
