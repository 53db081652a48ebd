//! The second factor: the client id and the time, encrypted anew for every attempt. Text that is no public key is refused with its
//! kind.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cashfree_vkyc::{ConfigError, ReferenceId, RetryPolicy, TwoFactorKey};

use crate::support::{self, Server, json};

struct Keys {
    private: PrivateDecryptingKey,
    spki: Vec<u8>,
}

fn keys() -> Keys {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let public = private.public_key();
    let spki: PublicKeyX509Der<'_> = public.as_der().unwrap();
    let spki = spki.as_ref().to_vec();
    Keys { private, spki }
}

impl Keys {
    fn decrypt(&self, signature: &str) -> String {
        let key = OaepPrivateDecryptingKey::new(self.private.clone()).unwrap();
        let encrypted = STANDARD.decode(signature).unwrap();
        let mut plain = vec![0; key.min_output_size()];
        let plain = key.decrypt(&OAEP_SHA1_MGF1SHA1, &encrypted, &mut plain, None).unwrap();
        String::from_utf8(plain.to_vec()).unwrap()
    }

    /// The key as PKCS#1: the content of the bit string in the SPKI.
    fn pkcs1(&self) -> Vec<u8> {
        self.spki[24..].to_vec()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A public key in the format of Cashfree's dashboard.
pub(crate) fn public_pem() -> String {
    pem("PUBLIC KEY", &keys().spki)
}

fn signatures(server: &Server) -> Vec<String> {
    let of = |request: &String| {
        let line = request.lines().find_map(|line| line.strip_prefix("x-cf-signature: "));
        line.expect("no signature was sent").to_owned()
    };
    server.requests().iter().map(of).collect()
}

#[tokio::test]
async fn every_attempt_has_a_fresh_signature_that_decrypts() {
    let keys = keys();
    let server = Server::answering(json(503, "{}")).await;
    let seconds = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(1_700_000_000));
    let clock = seconds.clone();
    let tick = move || UNIX_EPOCH + Duration::from_secs(clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    let key = TwoFactorKey::from_pem(pem("PUBLIC KEY", &keys.spki)).unwrap().with_clock(tick);
    let retry = RetryPolicy::default().base_delay(Duration::from_millis(1));
    let client = server.builder().two_factor(key).retry(retry).build().unwrap();
    let error = client.status(ReferenceId(1358)).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    let signatures = signatures(&server);
    let plain: Vec<_> = signatures.iter().map(|signature| keys.decrypt(signature)).collect();
    // The first tick was used by `build`, which tests the key.
    assert_eq!(plain, ["test-client-id.1700000001", "test-client-id.1700000002", "test-client-id.1700000003"]);
    assert!(signatures.iter().all(|signature| signature.len() == 344));
    assert!(!format!("{client:?} {error:?} {error}").contains(&signatures[0]));
}

#[tokio::test]
async fn the_signature_has_the_time_of_the_machine_by_default() {
    let keys = keys();
    let server = Server::answering(json(200, support::published_sample().to_string())).await;
    let key = TwoFactorKey::from_pem(pem("PUBLIC KEY", &keys.spki)).unwrap();
    assert_eq!(key.bits(), 2048);
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    server.builder().two_factor(key).build().unwrap().status(ReferenceId(1358)).await.unwrap();
    let plain = keys.decrypt(&signatures(&server)[0]);
    let seconds: u64 = plain.strip_prefix("test-client-id.").unwrap().parse().unwrap();
    assert!((before..=before + 30).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_client_without_a_key_sends_no_signature() {
    let server = Server::answering(json(200, support::published_sample().to_string())).await;
    server.client().status(ReferenceId(1358)).await.unwrap();
    assert!(!server.requests()[0].contains("signature"));
}

#[test]
fn every_encoding_of_a_public_key_is_accepted() {
    let keys = keys();
    let (spki, pkcs1) = (pem("PUBLIC KEY", &keys.spki), pem("RSA PUBLIC KEY", &keys.pkcs1()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("public_key.pem");
    std::fs::write(&file, &pkcs1).unwrap();
    for key in [
        TwoFactorKey::from_pem(&spki),
        TwoFactorKey::from_pem(&pkcs1),
        TwoFactorKey::from_pem(spki.replace('\n', "\\n")),
        TwoFactorKey::from_pem(spki.replace('\n', "\r\n")),
        TwoFactorKey::from_pem(spki.replace('\n', "\\r\\n")),
        TwoFactorKey::from_pem(format!("\"{}\"", spki.trim().replace('\n', "\\n"))),
        TwoFactorKey::from_pem(format!("'{pkcs1}'")),
        TwoFactorKey::from_pem(format!("\n  {spki}  \n")),
        TwoFactorKey::from_pem(spki.replace('\n', " ")),
        TwoFactorKey::from_file(&file),
    ] {
        assert_eq!(format!("{:?}", key.unwrap()), "TwoFactorKey { bits: 2048, .. }");
    }
}

#[test]
fn text_that_is_no_public_key_is_refused_with_its_kind() {
    let keys = keys();
    let pkcs8: Pkcs8V1Der<'_> = keys.private.as_der().unwrap();
    // aws-lc does not generate keys below 2048 bits.
    let small = openssl(&["genrsa", "1024"], b"").and_then(|key| openssl(&["rsa", "-pubout"], &key));
    let mut cases = vec![
        (pem("PRIVATE KEY", pkcs8.as_ref()), "is a private key"),
        (pem("RSA PRIVATE KEY", b"x"), "is a private key"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nabc\n-----END RSA PRIVATE KEY-----".into(),
            "is a private key",
        ),
        (pem("CERTIFICATE", b"x"), "is a certificate"),
        (pem("SOMETHING", b"x"), "PEM of another kind"),
        (pem("PUBLIC KEY", b"garbage"), "is not an RSA public key"),
        (pem("RSA PUBLIC KEY", b"garbage"), "is not an RSA public key"),
        (pem("PUBLIC KEY", &keys.spki[..100]), "is not an RSA public key"),
        (String::new(), "is not PEM"),
        ("canary".into(), "is not PEM"),
        ("-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----".into(), "is not PEM"),
        ("-----BEGIN PUBLIC KEY-----\nMIIB".into(), "is not PEM"),
    ];
    if let Some(small) = small {
        cases.push((String::from_utf8(small).unwrap(), "fewer than 2048 bits"));
    }
    for (text, says) in cases {
        let error = TwoFactorKey::from_pem(&text).unwrap_err().to_string();
        assert!(error.starts_with("the two-factor key ") && error.contains(says), "{text}: {error}");
        assert!(!error.contains("canary"));
    }
    assert!(matches!(TwoFactorKey::from_file("no/such/file"), Err(ConfigError::File { .. })));
}

/// openssl is an independent implementation. The test is skipped if it is not installed.
#[tokio::test]
async fn openssl_decrypts_the_signature() {
    let Some(private) = openssl(&["genrsa", "2048"], b"") else { return };
    let public = openssl(&["rsa", "-pubout"], &private).unwrap();
    let server = Server::answering(json(200, support::published_sample().to_string())).await;
    let key = TwoFactorKey::from_pem(String::from_utf8(public).unwrap()).unwrap();
    let key = key.with_clock(|| UNIX_EPOCH + Duration::from_secs(42));
    server.builder().two_factor(key).build().unwrap().status(ReferenceId(1358)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("private_key.pem");
    std::fs::write(&file, private).unwrap();
    let encrypted = STANDARD.decode(&signatures(&server)[0]).unwrap();
    let arguments = ["pkeyutl", "-decrypt", "-inkey", file.to_str().unwrap(), "-pkeyopt", "rsa_padding_mode:oaep"];
    let arguments = [&arguments[..], &["-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"]].concat();
    assert_eq!(openssl(&arguments, &encrypted).unwrap(), b"test-client-id.42");
}

/// Runs openssl. `None` if it is not installed.
fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    Some(output.stdout)
}
