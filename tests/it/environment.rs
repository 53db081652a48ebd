//! The effects of environment variables. Each test runs itself again as a child with other variables, because a process must not
//! change its own.

use std::process::Output;

use cashfree_vkyc::{Client, Credentials, Environment, ErrorKind, ReferenceId, RetryPolicy, TwoFactorKey};

use crate::support::{Server, alone};

/// Runs one test of this file in a child, with these variables added.
fn child(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut process = alone::process(module_path!(), test, "");
    process.env_remove("CASHFREE_CLIENT_ID").env_remove("CASHFREE_CLIENT_SECRET");
    process.envs(variables.iter().copied());
    alone::run(process)
}

/// The proxy records its requests. The host does not exist, so only the proxy can be reached.
#[tokio::test]
async fn proxies_of_the_environment_are_used_only_on_request() {
    if alone::told().is_some() {
        let client = Client::builder()
            .environment(Environment::custom("https://vkyc.invalid/verification").unwrap())
            .credentials(Credentials::new("id", "secret").unwrap())
            .retry(RetryPolicy::none())
            .environment_proxy(std::env::var_os("WANTED").is_some())
            .build()
            .unwrap();
        assert_eq!(client.status(ReferenceId(1)).await.unwrap_err().kind(), ErrorKind::Connect);
        return;
    }
    for (wanted, asked) in [(false, 0), (true, 1)] {
        let proxy = Server::answering("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
        let url = format!("http://{}", proxy.address);
        let output = tokio::task::spawn_blocking(move || {
            let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
            let mut variables = names.map(|name| (name, url.as_str())).to_vec();
            variables.extend([("NO_PROXY", ""), ("no_proxy", "")]);
            variables.extend(wanted.then_some(("WANTED", "1")));
            child("proxies_of_the_environment_are_used_only_on_request", &variables)
        });
        let output = output.await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(proxy.requests().len(), asked, "{:?}", proxy.requests());
    }
}

#[test]
fn the_two_factor_key_comes_from_text_or_from_a_file() {
    if alone::told().is_some() {
        match TwoFactorKey::from_env() {
            Ok(key) => println!("found {key:?}"),
            Err(error) => println!("{error}"),
        }
        return;
    }
    for (variables, says) in [
        (vec![], "the two-factor key is not set; put its PEM text into CASHFREE_PUBLIC_KEY"),
        (vec![("CASHFREE_PUBLIC_KEY", "x")], "the two-factor key is not PEM"),
        (vec![("CASHFREE_PUBLIC_KEY_PATH", "no/such/file")], "cannot be read"),
        (vec![("CASHFREE_PUBLIC_KEY_PATH", "Cargo.toml")], "the two-factor key is not PEM"),
    ] {
        let output = child("the_two_factor_key_comes_from_text_or_from_a_file", &variables);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn credentials_come_from_two_variables_and_a_missing_one_is_named() {
    if alone::told().is_some() {
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
        let output = child("credentials_come_from_two_variables_and_a_missing_one_is_named", &variables);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(says) && !text.contains("canary"), "{text}");
    }
}

/// The clients for a sandbox, or for the recordings of one, have no TLS. Reading the system's certificates takes 15 ms, and fails on a
/// machine that has none.
#[test]
fn a_client_of_a_server_on_this_machine_needs_no_certificates() {
    if alone::told().is_some() {
        let client = Client::builder().environment(Environment::custom("http://127.0.0.1:1").unwrap());
        client.credentials(Credentials::new("id", "secret").unwrap()).build().unwrap();
        return;
    }
    let nowhere = [("SSL_CERT_FILE", "no/such/file"), ("SSL_CERT_DIR", "no/such/folder")];
    let output = child("a_client_of_a_server_on_this_machine_needs_no_certificates", &nowhere);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
