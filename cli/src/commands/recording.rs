//! `recording`: downloads the recording of a call, complete or not at all, and writes a receipt.
//!
//! ```text
//! FILE.part ─▶ complete, synced ─▶ FILE.receipt.json ─▶ FILE
//! DIR/      ─▶ recording.mp4.part ─▶ … ─▶ status.json, recording.mp4.receipt.json, SHA256SUMS ─▶ recording.mp4
//! ```
//!
//! Only the owner can read these files: a recording shows a customer's face. The library locks, resumes and names the recording.

use std::fs;
use std::io;
use std::path::Path;

use cashfree_vkyc::{PartFile, Receipt, Response, VerificationRef, VideoKyc};
use serde::Serialize;

use crate::args::Recording;
use crate::failure::{Exit, Failure};
use crate::files::{beside, is_device};
use crate::output::{Output, bytes_bar};
use crate::record::state;
use crate::session::Session;

pub(crate) async fn run(args: &Recording, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let in_folder = args.output.is_dir() || args.output.as_os_str().as_encoded_bytes().ends_with(b"/");
    let file = if in_folder { args.output.join("recording.mp4") } else { args.output.clone() };
    if is_device(&file, args.force)? {
        return Err(Failure::usage(format!("{} is not a file", file.display())).next("name a file or a folder"));
    }
    let (client, requested) = (session.client()?, args.which.reference()?);
    let call = client.status(&requested).await;
    let vkyc = call.map_err(|error| Failure::call("the link of the recording could not be fetched", &error))?;
    let Some(link) = vkyc.recording() else {
        return Err(Failure::new(Exit::NotFound, "this verification has no recording")
            .why(format!("its state is {}", state(&vkyc)))
            .next("try again when the call is over"));
    };
    if in_folder {
        fs::create_dir_all(&args.output).map_err(|error| Failure::io("the folder cannot be created", &error))?;
    }
    output.when_interrupted("run the same command again: it resumes the download");
    let bar = bytes_bar();
    let download = link.download_to(&client, &file).replace(args.force).progress(|at| {
        if let Some(total) = at.total {
            bar.set_length(total);
        }
        bar.set_position(at.bytes);
    });
    let path = file.clone();
    let download = download.on_complete(move |receipt| keep(&path, in_folder, &requested, &vkyc, receipt));
    let receipt = download.await;
    let receipt = receipt.map_err(|error| Failure::download(&error))?;
    drop(bar);
    print(&file, &receipt, output)?;
    Ok(Exit::Done)
}

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

/// Writes the other files before the recording gets its final name, so that a recording always has them.
fn keep(
    file: &Path,
    in_folder: bool,
    requested: &VerificationRef,
    vkyc: &Response<VideoKyc>,
    receipt: &Receipt,
) -> io::Result<()> {
    let (mut verification_id, mut reference_id) = (vkyc.verification_id.as_deref(), vkyc.reference_id);
    // A response may lack the requested id.
    match requested {
        VerificationRef::VerificationId(id) => verification_id = Some(id.as_str()),
        VerificationRef::ReferenceId(id) => reference_id = Some(id.0),
    }
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let kept = KeptReceipt { verification_id, reference_id, request_id: vkyc.request_id(), file: name(file), receipt };
    let mut text = serde_json::to_vec_pretty(&kept)?;
    text.push(b'\n');
    let write = |path: &Path, bytes: &[u8]| {
        let sum = PartFile::write(path, bytes).map_err(|error| io::Error::new(error.source.kind(), error))?;
        Ok::<_, io::Error>(format!("{sum}  {}\n", name(path)))
    };
    let sums = format!("{}  {}\n", receipt.sha256(), name(file)) + &write(&beside(file, ".receipt.json"), &text)?;
    if in_folder {
        let sums = sums + &write(&file.with_file_name("status.json"), vkyc.raw_body())?;
        write(&file.with_file_name("SHA256SUMS"), sums.as_bytes())?;
    }
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
