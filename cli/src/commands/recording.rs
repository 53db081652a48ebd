//! `recording`: downloads the recording of a call, whole or not at all, with a receipt beside it.
//!
//! ```text
//! FILE.part, FILE.part.etag ─▶ whole, synced ─▶ FILE.receipt.json ─▶ FILE
//! ```
//!
//! Only the owner can read these files: a recording shows a customer's face.
//!
//! The ETag is the version of the recording that a part belongs to. While the storage has that version, the next run resumes the part.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use cashfree_vkyc::{Client, DownloadError, Receipt, Response, VideoKyc};
use serde::Serialize;

use super::out_file::{beside, is_device};
use crate::args::Recording;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::private_file;
use crate::progress;
use crate::session::Session;
use crate::view::state;

/// The content of `FILE.receipt.json`.
#[derive(Serialize)]
struct KeptReceipt<'a> {
    verification_id: Option<&'a str>,
    reference_id: Option<i64>,
    request_id: Option<&'a str>,
    file: String,
    #[serde(flatten)]
    receipt: &'a Receipt,
}

pub(crate) async fn run(args: &Recording, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let out = &args.output;
    if is_device(out, args.force)? {
        return Err(Failure::usage(format!("{} is no file", out.display())).next("name a file"));
    }
    let client = session.client()?;
    let call = client.status(args.which.reference()?).await;
    let vkyc = call.map_err(|error| Failure::call("the recording's link could not be had", &error))?;
    output.when_interrupted("run the same command again: it goes on where it broke off");
    let receipt = match download(&client, &vkyc, out).await {
        // The storage has another version, or cannot show that it has the same one.
        Err(DownloadError::Changed) => {
            output.note("the recording is another by now: beginning anew");
            let _ = fs::remove_file(beside(out, ".part.etag"));
            download(&client, &vkyc, out).await
        }
        outcome => outcome,
    };
    let receipt = receipt.map_err(|error| match vkyc.recording() {
        Some(_) => Failure::download(&error),
        None => Failure::new(Exit::NotFound, "there is no recording of this verification")
            .why(format!("it is {}", state(&vkyc)))
            .next("ask again when the call is over"),
    })?;
    keep(out, &vkyc, &receipt).map_err(|error| Failure::io("the recording cannot be kept", &error))?;
    print(out, &receipt, output)?;
    Ok(Exit::Done)
}

/// Downloads the rest of the recording into the part.
async fn download(client: &Client, vkyc: &VideoKyc, out: &Path) -> Result<Receipt, DownloadError> {
    let link = vkyc.recording().ok_or(DownloadError::Expired)?;
    let (part, tag) = (beside(out, ".part"), beside(out, ".part.etag"));
    let earlier = fs::read_to_string(&tag).ok().filter(|etag| !etag.is_empty());
    let write = DownloadError::Write;
    let file = if earlier.is_some() { private_file::append(&part) } else { private_file::create(&part) };
    let mut file = tokio::fs::File::from_std(file.map_err(write)?);
    let bar = progress::bytes();
    let mut download = link
        .download(client, &mut file)
        .progress(|at| {
            if let Some(total) = at.total {
                bar.set_length(total);
            }
            bar.set_position(at.bytes);
        })
        .on_version(|etag| {
            // Without the file, the next run downloads the recording from its beginning.
            let _ = fs::write(&tag, etag.unwrap_or_default());
        });
    if let Some(etag) = earlier {
        download = download.after(fs::File::open(&part).map_err(write)?, &etag).map_err(write)?;
    }
    let receipt = download.await?;
    file.sync_all().await.map_err(write)?;
    Ok(receipt)
}

/// Writes the receipt first, so that a recording under its final name always has one.
fn keep(out: &Path, vkyc: &Response<VideoKyc>, receipt: &Receipt) -> io::Result<()> {
    let file = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (verification_id, reference_id) = (vkyc.verification_id.as_deref(), vkyc.reference_id);
    let kept = KeptReceipt { verification_id, reference_id, request_id: vkyc.request_id(), file, receipt };
    let part = beside(out, ".receipt.json.part");
    let mut written = private_file::create(&part)?;
    serde_json::to_writer_pretty(&mut written, &kept)?;
    written.write_all(b"\n")?;
    written.sync_all()?;
    fs::rename(part, beside(out, ".receipt.json"))?;
    fs::rename(beside(out, ".part"), out)?;
    let _ = fs::remove_file(beside(out, ".part.etag"));
    Ok(())
}

fn print(out: &Path, receipt: &Receipt, output: &Output) -> Result<(), Failure> {
    let (file, kept) = (out.display().to_string(), beside(out, ".receipt.json").display().to_string());
    if output.is_json {
        return output.json(&serde_json::json!({ "file": file, "receipt_file": kept, "receipt": receipt }));
    }
    let (bytes, sha256) = (receipt.bytes().to_string(), receipt.sha256().to_owned());
    output.pairs("Recording", &[("file", file), ("receipt", kept), ("bytes", bytes), ("SHA-256", sha256)])
}
