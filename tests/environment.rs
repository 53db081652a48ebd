//! What the environment of the process may change, and what it may not. Each test runs itself again as a child with other
//! variables, since a process must not change its own.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::process::{Command, Output};

use cashfree_vkyc::{Credentials, ReferenceId};
use support::{Server, json};

const CHILD: &str = "CASHFREE_VKYC_TEST_CHILD";

/// Runs one test of this file in a child with exactly these variables beside the usual ones.
fn child(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(CHILD, "1");
    command.env_remove("CASHFREE_CLIENT_ID").env_remove("CASHFREE_CLIENT_SECRET");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    if is_child() {
        let server = Server::answering(json(200, support::published_sample().to_string())).await;
        server.client().status(ReferenceId(1)).await.unwrap();
        return;
    }
    let nobody = "http://127.0.0.1:1";
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let output = child("proxies_of_the_environment_are_not_used", &names.map(|name| (name, nobody)));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn credentials_come_from_two_variables_and_what_is_missing_is_named() {
    if is_child() {
        match Credentials::from_env() {
            Ok(_) => println!("found both"),
            Err(error) => println!("{error}"),
        }
        return;
    }
    let (id, secret) = (("CASHFREE_CLIENT_ID", "canary-id"), ("CASHFREE_CLIENT_SECRET", "canary-secret"));
    for (variables, says) in [
        (vec![id, secret], "found both"),
        (vec![id], "not set: CASHFREE_CLIENT_SECRET;"),
        (vec![secret], "not set: CASHFREE_CLIENT_ID;"),
        (vec![], "not set: CASHFREE_CLIENT_ID, CASHFREE_CLIENT_SECRET;"),
        (vec![id, ("CASHFREE_CLIENT_SECRET", "canary-secret\n")], "the client secret begins or ends with white space"),
    ] {
        let output = child("credentials_come_from_two_variables_and_what_is_missing_is_named", &variables);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(says) && !text.contains("canary"), "{text}");
    }
}
