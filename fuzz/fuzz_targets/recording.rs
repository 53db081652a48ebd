//! Texts that may be the link to a recording.
#![no_main]

use cashfree_vkyc_fuzz::recording::{a_link_is_read, a_link_leads_only_where_it_may};

libfuzzer_sys::fuzz_target!(|text: &str| {
    a_link_is_read(text);
    a_link_leads_only_where_it_may(text);
});
