//! A recording in a file: complete or absent, locked, verified before it is resumed, and readable only by its owner.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use cashfree_vkyc::{Client, Credentials, DownloadError, FileError, FileStep, Receipt, RecordingLink, RetryPolicy};
use tempfile::TempDir;

use super::{FILE, answer, link, part, silent, storage};
use crate::support::{Server, all_texts};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Ten bytes of the file, as an interrupted download leaves them.
    async fn begun(&self, client: &Client) {
        let storage = storage(vec![part(0, 10, "\"a\"")]).await;
        let outcome = to(&link(&storage, "sig=canary-7f3a"), client, &self.path("r")).await;
        assert!(matches!(outcome, Err(DownloadError::Interrupted(_))), "{outcome:?}");
        assert_eq!((fs::read(self.path("r.part")).unwrap().as_slice(), self.names()), (&FILE[..10], names(PARTS)));
    }
}

type Damage = fn(&mut Vec<u8>);

const PARTS: &[&str] = &["r.part", "r.part.record"];

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

async fn to(link: &RecordingLink, client: &Client, path: &Path) -> Result<Receipt, DownloadError> {
    link.download_to(client, path).retry(RetryPolicy::none()).await
}

#[track_caller]
fn refused(outcome: Result<Receipt, DownloadError>, at: FileStep, says: &str) {
    let error = outcome.unwrap_err();
    let texts = all_texts(&error);
    assert!(texts.contains(says) && !texts.contains("canary") && !texts.contains("http"), "{texts}");
    assert!(matches!(error, DownloadError::File(FileError { step, .. }) if step == at), "{error:?}");
}

#[tokio::test]
async fn a_recording_has_its_name_only_when_it_is_complete() {
    let folder = Folder::new();
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let (path, client) = (folder.path("r"), silent().await);
    let beside = path.clone();
    let download = link(&storage, "").download_to(&client, &path).on_complete(move |receipt| {
        assert!(!beside.exists() && fs::read(beside.with_extension("part"))? == FILE);
        let record = fs::read_to_string(beside.with_extension("part.record"))?;
        assert!(record.lines().last().unwrap().contains("\"bytes\":36"), "everything is synced before: {record}");
        fs::write(beside.with_extension("json"), serde_json::to_vec(receipt)?)
    });
    let receipt = download.await.unwrap();
    assert_eq!((receipt.bytes(), fs::read(&path).unwrap().as_slice()), (36, FILE));
    assert_eq!(
        (fs::metadata(&path).unwrap().permissions().mode() & 0o777, folder.names()),
        (0o600, names(&["r", "r.json"]))
    );
    refused(to(&link(&storage, ""), &client, &path).await, FileStep::Check, "it already exists");
    assert_eq!(folder.names(), ["r", "r.json"]);
    link(&storage, "").download_to(&client, &path).replace(true).await.unwrap();
}

#[tokio::test]
async fn an_interrupted_download_is_resumed() {
    let (folder, client) = (Folder::new(), silent().await);
    folder.begun(&client).await;
    let storage = storage(vec![part(10, 26, "\"a\"")]).await;
    let receipt = to(&link(&storage, ""), &client, &folder.path("r")).await.unwrap();
    let request = storage.requests()[0].to_lowercase();
    assert!(request.contains("range: bytes=10-\r\n") && request.contains("if-range: \"a\"\r\n"), "{request}");
    assert_eq!((receipt.bytes(), fs::read(folder.path("r")).unwrap().as_slice()), (36, FILE));
    assert_eq!(folder.names(), ["r"]);
}

/// A service that stops drops its downloads.
#[tokio::test]
async fn a_dropped_download_is_resumed() {
    let (folder, client) = (Folder::new(), silent().await);
    let server = Server::scripted(|mut stream| async move {
        use tokio::io::AsyncWriteExt as _;
        let _ = stream.write_all(&part(0, 10, "\"a\"")).await;
        std::future::pending::<()>().await;
    })
    .await;
    let path = folder.path("r");
    let download = tokio::spawn(link(&server, "").download_to(&client, &path).into_future());
    while fs::read(folder.path("r.part")).unwrap_or_default().len() < 10 {
        tokio::task::yield_now().await;
    }
    refused(
        to(&link(&server, ""), &client, &path).await,
        FileStep::Lock,
        &format!("process {} uses it", std::process::id()),
    );
    download.abort();
    assert!(download.await.unwrap_err().is_cancelled());
    let storage = storage(vec![part(10, 26, "\"a\"")]).await;
    to(&link(&storage, ""), &client, &path).await.unwrap();
    assert_eq!(fs::read(path).unwrap(), FILE);
}

/// After damage, or if the storage has another version, the whole recording is downloaded again.
#[tokio::test]
async fn a_damaged_or_changed_part_is_downloaded_again() {
    let all = || vec![part(0, 36, "\"a\"")];
    let cases: [(&str, Damage, Vec<Vec<u8>>, bool); 9] = [
        ("r.part", |part| part[3] ^= 1, all(), false),
        ("r.part", |part| part.fill(0), all(), false),
        ("r.part", |part| part.truncate(9), all(), false),
        ("r.part", |part| part.extend(b"zz"), vec![part(10, 26, "\"a\"")], true),
        ("r.part.record", Vec::clear, all(), false),
        ("r.part.record", |record| record.truncate(20), all(), false),
        ("r.part.record", |record| *record.last_mut().unwrap() = 0, all(), false),
        // Another version: the storage ignores the range.
        ("r.part", |_| {}, vec![part(0, 36, "\"b\"")], true),
        // The same version, sent whole.
        ("r.part", |_| {}, all(), true),
    ];
    for (number, (name, damage, answers, asks_for_a_range)) in cases.into_iter().enumerate() {
        let (folder, client) = (Folder::new(), silent().await);
        folder.begun(&client).await;
        let mut bytes = fs::read(folder.path(name)).unwrap();
        damage(&mut bytes);
        fs::write(folder.path(name), bytes).unwrap();
        let storage = storage(answers).await;
        let receipt = to(&link(&storage, ""), &client, &folder.path("r")).await.unwrap();
        assert_eq!(fs::read(folder.path("r")).unwrap(), FILE, "{number}");
        assert_eq!((receipt.bytes(), folder.names()), (36, names(&["r"])), "{number}");
        assert_eq!(storage.requests()[0].to_lowercase().contains("\r\nrange: "), asks_for_a_range, "{number}");
    }
}

/// Without a strong ETag, the part could belong to another file.
#[tokio::test]
async fn a_part_without_a_strong_etag_is_downloaded_again() {
    let (folder, client) = (Folder::new(), silent().await);
    let cut = storage(vec![answer("200 OK\r\ncontent-length: 36\r\netag: W/\"a\"", &FILE[..10])]).await;
    to(&link(&cut, ""), &client, &folder.path("r")).await.unwrap_err();
    let whole = storage(vec![part(0, 36, "\"a\"")]).await;
    to(&link(&whole, ""), &client, &folder.path("r")).await.unwrap();
    assert_eq!(fs::read(folder.path("r")).unwrap(), FILE);
}

#[tokio::test]
async fn a_part_of_another_account_or_verification_is_refused_and_kept() {
    let (folder, client) = (Folder::new(), silent().await);
    folder.begun(&client).await;
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let other = client.with_credentials(Credentials::new("other", "secret").unwrap()).unwrap();
    refused(to(&link(&storage, ""), &other, &folder.path("r")).await, FileStep::Identify, "another account");
    refused(to(&link(&storage, ""), &silent().await, &folder.path("r")).await, FileStep::Identify, "or environment");
    let mut vkyc = cashfree_vkyc::VideoKyc::default();
    vkyc.reference_id = Some(8);
    vkyc.recording_link = Some(format!("{}/r.mp4", storage.url()).as_str().into());
    let outcome = to(&vkyc.recording().unwrap(), &client, &folder.path("r")).await;
    refused(outcome, FileStep::Identify, "another command, verification");
    assert_eq!((fs::read(folder.path("r.part")).unwrap().as_slice(), folder.names()), (&FILE[..10], names(PARTS)));
    assert!(storage.requests().is_empty());
    // The record does not show the account.
    let record = fs::read_to_string(folder.path("r.part.record")).unwrap();
    assert!(!record.contains("test-client") && !record.contains("http") && !record.contains("canary"), "{record}");
}

#[tokio::test]
async fn symbolic_links_and_files_that_others_can_read_are_refused() {
    let client = silent().await;
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    for name in ["r", "r.part", "r.part.record"] {
        let folder = Folder::new();
        fs::write(folder.path("secret"), "secret").unwrap();
        symlink("secret", folder.path(name)).unwrap();
        let says = if name == "r" { "it is not a file" } else { "it is a symbolic link" };
        refused(link(&storage, "").download_to(&client, folder.path("r")).replace(true).await, FileStep::Check, says);
        assert_eq!(fs::read(folder.path("secret")).unwrap(), b"secret");
    }
    let folder = Folder::new();
    fs::write(folder.path("r.part"), "").unwrap();
    refused(to(&link(&storage, ""), &client, &folder.path("r")).await, FileStep::Check, "others can read or change it");
    refused(to(&link(&storage, ""), &client, &folder.path("no/r")).await, FileStep::Check, "No such file");
    assert!(storage.requests().is_empty());
}

/// If the receipt cannot be stored, the recording does not get its name. The next download has only that step to do.
#[tokio::test]
async fn a_failed_completion_is_repeated_by_the_next_download() {
    let (folder, client) = (Folder::new(), silent().await);
    let whole = storage(vec![part(0, 36, "\"a\"")]).await;
    let download = link(&whole, "").download_to(&client, folder.path("r"));
    let outcome = download.on_complete(|_| Err(std::io::ErrorKind::StorageFull.into())).await;
    refused(outcome, FileStep::Complete, "cannot be completed");
    assert_eq!(folder.names(), PARTS);
    let end = storage(vec![answer("416 No\r\ncontent-length: 0\r\ncontent-range: bytes */36", b"")]).await;
    let receipt = to(&link(&end, ""), &client, &folder.path("r")).await.unwrap();
    assert_eq!((receipt.bytes(), fs::read(folder.path("r")).unwrap().as_slice()), (36, FILE));
}
