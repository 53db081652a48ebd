//! The properties of `fuzz/src/recording.rs`, under proptest: random text, and text similar to a link, with hosts in unusual
//! notations.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::properties::recording::{a_link_is_parsed, a_link_leads_only_to_permitted_hosts};

/// An IPv4 address, often near the edge of a network that is not public.
fn v4() -> impl Strategy<Value = u32> {
    let network = prop::sample::select(vec![
        0x0000_0000,
        0x0a00_0000,
        0x6440_0000,
        0x6480_0000,
        0x7f00_0000,
        0x8000_0000,
        0xa83f_8110,
        0xa9fe_a9fe,
        0xac10_0000,
        0xac20_0000,
        0xc000_0000,
        0xc000_0200,
        0xc058_6300,
        0xc0a8_0000,
        0xc612_0000,
        0xc633_6400,
        0xcb00_7100,
        0xe000_0000,
        0xffff_ffff_u32,
    ]);
    prop_oneof![any::<u32>(), (network, -2_i32..3).prop_map(|(network, by)| network.wrapping_add_signed(by))]
}

/// An address in one of the notations of URLs.
fn literal() -> impl Strategy<Value = String> {
    (v4(), any::<[u16; 4]>(), 0..14).prop_map(|(bits, random, way)| {
        let [a, b, c, d] = bits.to_be_bytes();
        let dotted = format!("{a}.{b}.{c}.{d}");
        let (high, low) = (bits >> 16, bits & 0xffff);
        let [p, q, r, s] = random;
        match way {
            0 => bits.to_string(),
            1 => format!("{bits:#x}"),
            2 => format!("0{a:o}.{b}.{c:#X}.{d}"),
            3 => format!("{a}.{}", bits & 0xff_ffff),
            4 => format!("{dotted}."),
            5 => dotted.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap()).collect(),
            6 => format!("[::ffff:{dotted}]"),
            7 => format!("[::{dotted}]"),
            8 => format!("[64:ff9b::{dotted}]"),
            9 => format!("[2002:{high:x}:{low:x}::{p:x}]"),
            10 => format!("[2001:0:{p:x}:{q:x}::{high:x}:{low:x}]"),
            11 => format!("[{p:x}:{q:x}:{r:x}:{s:x}::{low:x}]"),
            12 => format!("[2{:03x}:{q:x}::{low:x}]", p & 0xfff),
            _ => dotted,
        }
    })
}

fn name() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec![
        "",
        ".",
        "localhost",
        ".localhost",
        ".local",
        ".internal",
        ".home.arpa",
        ".LAN",
        ".corp.",
        ".example",
        ".amazonaws.com",
        ".com:8443",
        "。com",
        "\u{ad}.example",
        "%2ecom",
        "@127.0.0.1",
        "\\@127.0.0.1",
        "#.example",
        "?.example",
    ]);
    ("[a-z0-9_-]{0,9}", end).prop_map(|(start, end)| format!("{start}{end}"))
}

fn nearly_a_link() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "https://",
        "https://",
        "https://",
        "HTTPS:\\\\",
        "https:",
        "ht\ntps:///",
        " https://",
        "http://",
        "http:",
        "ftp://",
        "file://",
        "javascript:",
        "//",
        "",
    ]);
    let user =
        prop::sample::select(vec!["", "", "", "", "", "", "", "", "user@", "user:word@", ":@", "https:@", "%40"]);
    let host = prop_oneof![literal(), literal(), name(), "\\PC{0,12}"];
    let port = prop_oneof![Just(String::new()), any::<u16>().prop_map(|port| format!(":{port}")), ":[0-9]{0,6}"];
    let query = prop::sample::select(vec![
        "",
        "/r.mp4",
        "/r.mp4?X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600",
        "/?X-Amz-Date=20991231T235959Z&X-Amz-Expires=604800",
        "?X-Amz-Expires=1&X-Amz-Date=99991231T235959Z",
        "/..%2f?#",
        "\\",
    ]);
    (scheme, user, host, port, query)
        .prop_map(|(scheme, user, host, port, query)| format!("{scheme}{user}{host}{port}{query}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_parsed_as_a_link_without_a_panic(text in "\\PC{0,80}", link in nearly_a_link(), date in "[0-9TZ:-]{0,20}", seconds in any::<i64>()) {
        a_link_is_parsed(&text);
        a_link_is_parsed(&link);
        a_link_is_parsed(&format!("{link}&X-Amz-Date={date}&X-Amz-Expires={seconds}"));
        a_link_is_parsed(&format!("https://h/?X-Amz-Date={date}&X-Amz-Expires={}", seconds % 604_801));
    }

    #[test]
    fn any_link_leads_only_to_permitted_hosts(text in "\\PC{0,40}", link in nearly_a_link()) {
        a_link_leads_only_to_permitted_hosts(&text);
        a_link_leads_only_to_permitted_hosts(&link);
    }
}

/// Otherwise the property above would test no request.
#[test]
fn some_generated_links_are_requested() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let asked: usize = (0..200)
        .map(|_| a_link_leads_only_to_permitted_hosts(&nearly_a_link().new_tree(&mut runner).unwrap().current()))
        .sum();
    assert!(asked > 20, "{asked}");
}
