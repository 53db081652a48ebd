//! The dependencies of each choice of features. The types alone must cost next to nothing.

use std::collections::BTreeSet;

use crate::support::cargo;

/// The crates that a user of these features gets.
fn tree(features: &[&str]) -> BTreeSet<String> {
    tree_of("normal", features)
}

/// The same by kind of dependency; with `build`, also what the build script needs.
fn tree_of(edges: &str, features: &[&str]) -> BTreeSet<String> {
    tree_with(&["--edges", edges], features)
}

fn tree_with(options: &[&str], features: &[&str]) -> BTreeSet<String> {
    let features = features.join(",");
    let all = [
        "tree",
        "--package",
        "cashfree-vkyc",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--no-default-features",
        "--features",
    ];
    let text = cargo::asked(&[&all[..], &[features.as_str()], options].concat());
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn has(tree: &BTreeSet<String>, names: &[&str]) -> Vec<String> {
    names.iter().filter(|name| tree.contains(**name)).map(|name| (*name).to_owned()).collect()
}

const HTTP: [&str; 3] = ["reqwest", "hyper", "progenitor-client"];
const TLS: [&str; 5] = ["rustls", "ring", "native-tls", "openssl", "tokio-rustls"];
const RUNTIME: [&str; 3] = ["tokio", "async-std", "smol"];
const BUILD: [&str; 4] = ["progenitor", "typify", "openapiv3", "syn"];

#[test]
fn the_types_and_webhooks_alone_have_no_http_stack_no_tls_no_runtime() {
    let tree = tree(&[]);
    assert!(tree.contains("serde") && tree.contains("cashfree-vkyc"));
    assert_eq!(has(&tree, &["http", "hmac", "sha2", "aws-lc-rs", "axum-core"]), ["http", "hmac", "sha2"]);
    for unwanted in [&HTTP[..], &TLS, &RUNTIME, &BUILD[..3]] {
        assert_eq!(has(&tree, unwanted), [""; 0]);
    }
}

/// On any target. A `-sys` crate links a library in another language, and nearly all of them compile or look for it.
#[test]
fn the_types_and_webhooks_need_no_c_compiler() {
    for features in [&[][..], &["axum"], &["schemars"], &["generate"]] {
        let tree = tree_with(&["--edges", "build,normal", "--target", "all"], features);
        let of_c = |name: &&String| name.ends_with("-sys") || ["cc", "cmake", "pkg-config"].contains(&name.as_str());
        assert_eq!(tree.iter().filter(of_c).collect::<Vec<_>>(), [""; 0], "{features:?}");
    }
}

/// There, getrandom compiles only if the program chooses a backend.
#[test]
fn the_types_and_webhooks_need_no_choice_of_a_backend_on_wasm() {
    let on = |target| tree_with(&["--edges", "normal", "--target", target], &[]).contains("getrandom");
    assert!(on("wasm32-wasip1") && on("x86_64-pc-windows-msvc") && !on("wasm32-unknown-unknown"));
}

#[test]
fn the_client_alone_has_no_tls_and_no_server() {
    let tree = tree(&["client"]);
    assert_eq!(has(&tree, &HTTP), HTTP);
    assert!(tree.contains("aws-lc-rs"), "the second factor is RSA-OAEP");
    assert_eq!(has(&tree, &TLS), [""; 0]);
    assert_eq!(has(&tree, &["axum", "httpmock", "schemars", "h2", "encoding_rs"]), [""; 0]);
}

#[test]
fn each_tls_feature_brings_its_own_library_only() {
    let tls = |features| has(&tree(features), &["rustls", "ring", "native-tls"]);
    assert_eq!(tls(&["client", "rustls"]), ["rustls"]);
    assert_eq!(tls(&["client", "native-tls"]), ["native-tls"]);
}

#[test]
fn schemars_comes_by_its_feature() {
    assert!(!tree(&["client", "rustls", "sandbox"]).contains("schemars"));
    assert!(tree(&["schemars"]).contains("schemars"));
}

#[test]
fn axum_brings_its_extractors_and_no_server() {
    let tree = tree(&["axum"]);
    assert_eq!(has(&tree, &["axum-core", "tokio", "axum", "hyper", "mio", "reqwest"]), ["axum-core", "tokio"]);
}

#[test]
fn the_build_has_no_validator_of_json_schema_and_no_http_client() {
    let tree = tree_of("build,normal", &["generate"]);
    assert!(tree.contains("cashfree-vkyc-codegen") && tree.contains("progenitor"));
    assert_eq!(has(&tree, &["jsonschema", "reqwest", "clap"]), [""; 0]);
}

#[test]
fn without_the_feature_generate_no_part_of_the_generator_is_compiled() {
    let of_the_generator =
        ["cashfree-vkyc-codegen", "progenitor", "typify", "openapiv3", "prettyplease", "saphyr-parser"];
    for features in [&[][..], &["client", "rustls"], &["client", "sandbox", "axum", "schemars"]] {
        let tree = tree_of("build,normal", features);
        assert_eq!(has(&tree, &of_the_generator), [""; 0], "{features:?}");
    }
    assert_eq!(has(&tree_of("build,normal", &["generate"]), &of_the_generator), of_the_generator);
}
