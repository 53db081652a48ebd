//! A server with TLS: connections with a valid certificate work, others do not.

use std::net::TcpListener;
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, Dedupe as _};
use redis::{Client, TlsCertificates};

use super::event;
use super::server::Server;
use crate::{Connection, RedisDedupe};

/// A certificate for loopback and its key, in a folder that is removed on drop.
struct Files(std::path::PathBuf);

impl Files {
    fn write(cert: &str, key: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("cashfree-vkyc-redis-{}-tls", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("cert.pem"), cert).unwrap();
        std::fs::write(folder.join("key.pem"), key).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_store_is_reached_over_tls_and_its_certificate_is_verified() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let cert = made.cert.pem();
    let files = Files::write(&cert, &made.signing_key.serialize_pem());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (cert_file, key_file, port_text) = (files.path("cert.pem"), files.path("key.pem"), port.to_string());
    let options = ["--tls-port", &port_text, "--tls-cert-file", &cert_file, "--tls-key-file", &key_file];
    let options = [&options[..], &["--tls-ca-cert-file", &cert_file, "--tls-auth-clients", "no"]].concat();
    let Some(_server) = Server::with(&options) else { return };
    let address = format!("rediss://127.0.0.1:{port}");
    let seen = |connection| RedisDedupe::new(connection).timeout(Duration::from_secs(20));

    let certificates = TlsCertificates { client_tls: None, root_cert: Some(cert.into_bytes()) };
    let client = Client::build_with_tls(address.as_str(), certificates).unwrap();
    let trusting = seen(Connection::open(client.get_connection_info().clone()).unwrap());
    assert!(matches!(trusting.claim(&event(1).key()).await.unwrap(), Claim::Acquired(_)));

    let others = seen(Connection::open(address.as_str()).unwrap());
    assert!(others.claim(&event(2).key()).await.is_err(), "the system does not trust this certificate");
    assert!(matches!(trusting.claim(&event(2).key()).await.unwrap(), Claim::Acquired(_)), "nothing was sent");
}
