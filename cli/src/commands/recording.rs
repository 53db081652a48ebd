//! `recording`: the recording of a call, whole or not at all, and a receipt beside it.
//!
//! ```text
//! FILE.part, FILE.part.etag ─▶ whole, synced ─▶ FILE.receipt.json ─▶ FILE
//! ```
//!
//! All of it is for its owner alone to read: it shows a customer's face.
//!
//! The tag tells which version of the recording a part is of: where the storage still has that, the next run goes on with it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cashfree_vkyc::{Client, DownloadError, Receipt, Response, VideoKyc};
use serde::Serialize;

use crate::args::Recording;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::private_file;
use crate::progress;
use crate::session::Session;
use crate::view::state;

/// What is kept beside a recording.
#[derive(Serialize)]
struct Kept<'a> {
    verification_id: Option<&'a str>,
    reference_id: Option<i64>,
    request_id: Option<&'a str>,
    file: String,
    #[serde(flatten)]
    receipt: &'a Receipt,
}

pub(crate) async fn run(args: &Recording, session: &Session, output: &Output) -> Result<Exit, Failure> {
    check(&args.output, args.force)?;
    let client = session.client()?;
    let reference = args.which.reference().ok_or_else(|| Failure::usage("name a verification"))?;
    let call = client.status(reference).await;
    let vkyc = call.map_err(|error| Failure::call("the recording's link could not be had", &error))?;
    output.when_interrupted("run the same command again: it goes on where it broke off");
    let receipt = match download(&client, &vkyc, &args.output).await {
        // Another file by now, or none that can be told to be the same.
        Err(DownloadError::Changed) => {
            output.note("the recording is another by now: beginning anew");
            let _ = fs::remove_file(beside(&args.output, ".part.etag"));
            download(&client, &vkyc, &args.output).await
        }
        outcome => outcome,
    };
    let receipt = receipt.map_err(|error| none(&vkyc).unwrap_or_else(|| Failure::download(&error)))?;
    keep(&args.output, &vkyc, &receipt).map_err(|error| Failure::io("the recording cannot be kept", &error))?;
    tell(&args.output, &receipt, output)?;
    Ok(Exit::Done)
}

/// That there is no recording is a response of its own.
fn none(vkyc: &VideoKyc) -> Option<Failure> {
    vkyc.recording().is_none().then(|| {
        Failure::new(Exit::NotFound, "there is no recording of this verification")
            .why(format!("it is {}", state(vkyc)))
            .next("ask again when the call is over")
    })
}

fn check(out: &Path, force: bool) -> Result<(), Failure> {
    let name = out.display();
    match fs::metadata(out) {
        Ok(about) if about.is_dir() => Err(Failure::usage(format!("{name} is a directory")).next("name a file in it")),
        Ok(about) if !about.is_file() => Err(Failure::usage(format!("{name} is no file")).next("name a file")),
        Ok(_) if !force => {
            Err(Failure::usage(format!("{name} is there already")).next("choose another name, or pass --force"))
        }
        _ => Ok(()),
    }
}

fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Downloads what is not there yet.
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
            // Without it the next run begins anew, which is no fault.
            let _ = fs::write(&tag, etag.unwrap_or_default());
        });
    if let Some(etag) = earlier {
        download = download.after(fs::File::open(&part).map_err(write)?, &etag).map_err(write)?;
    }
    let receipt = download.await?;
    file.sync_all().await.map_err(write)?;
    Ok(receipt)
}

/// The receipt first: a recording that has its name has a receipt.
fn keep(out: &Path, vkyc: &Response<VideoKyc>, receipt: &Receipt) -> io::Result<()> {
    let file = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (verification_id, reference_id) = (vkyc.verification_id.as_deref(), vkyc.reference_id);
    let kept = Kept { verification_id, reference_id, request_id: vkyc.request_id(), file, receipt };
    let (path, part) = (beside(out, ".receipt.json"), beside(out, ".receipt.json.part"));
    let mut written = private_file::create(&part)?;
    serde_json::to_writer_pretty(&mut written, &kept)?;
    written.write_all(b"\n")?;
    written.sync_all()?;
    fs::rename(part, path)?;
    fs::rename(beside(out, ".part"), out)?;
    let _ = fs::remove_file(beside(out, ".part.etag"));
    Ok(())
}

fn tell(out: &Path, receipt: &Receipt, output: &Output) -> Result<(), Failure> {
    let (file, kept) = (out.display().to_string(), beside(out, ".receipt.json").display().to_string());
    if output.is_json() {
        return output.json(&serde_json::json!({ "file": file, "receipt_file": kept, "receipt": receipt }));
    }
    output.pairs(
        "Recording",
        &[
            ("file", file),
            ("receipt", kept),
            ("bytes", receipt.bytes().to_string()),
            ("SHA-256", receipt.sha256().to_owned()),
        ],
    )
}
