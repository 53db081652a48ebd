//! A recording is complete or absent, an interrupted download is resumed, and a receipt is written.

use cashfree_vkyc::sandbox::{Fault, Journey};

use crate::support::World;

/// A verification that is over, with a recording.
fn over(world: &World) -> Vec<u8> {
    let vkyc = world.sandbox.begin("over", Journey::completed()).unwrap();
    vkyc.finish_blocking().unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    vkyc.set_recording(bytes.clone()).unwrap();
    bytes
}

fn receipt(world: &World) -> serde_json::Value {
    serde_json::from_str(&world.read("r.mp4.receipt.json")).unwrap()
}

#[test]
fn a_recording_has_a_receipt() {
    let world = World::new();
    let bytes = over(&world);
    let ran = world.run(&["recording", "over", "-o", "r.mp4"]).exits(0);
    assert_eq!(std::fs::read(world.path("r.mp4")).unwrap(), bytes);
    let receipt = receipt(&world);
    assert_eq!((&receipt["verification_id"], &receipt["bytes"]), (&"over".into(), &200_000.into()));
    assert!(receipt["request_id"].as_str().unwrap().starts_with("sandbox-request-"), "{receipt}");
    assert!(ran.stdout.contains(receipt["sha256"].as_str().unwrap()), "{ran:#?}");
    assert_eq!(world.files(), ["r.mp4", "r.mp4.receipt.json"]);
    assert!(!receipt.to_string().contains("http"), "{receipt}");

    let ran = world.run(&["recording", "over", "-o", "r.mp4"]).exits(2);
    assert!(ran.stderr.contains("already exists"), "{ran:#?}");
    world.run(&["recording", "over", "-o", "r.mp4", "--force"]).exits(0);
}

/// The receipt names the requested id, and a folder has all evidence of a verification.
#[test]
fn a_folder_has_the_evidence_of_one_verification() {
    let world = World::new();
    let bytes = over(&world);
    std::fs::create_dir(world.path("there")).unwrap();
    for folder in ["there", "new/folder/"] {
        let ran = world.run(&["recording", "over", "-o", folder]).exits(0);
        let folder = world.path(folder);
        assert_eq!(
            names_in(&folder),
            ["SHA256SUMS", "recording.mp4", "recording.mp4.receipt.json", "status.json"],
            "{ran:#?}"
        );
        let check = std::process::Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(&folder).output();
        let said = String::from_utf8(check.unwrap().stdout).unwrap();
        assert_eq!(said, "recording.mp4: OK\nrecording.mp4.receipt.json: OK\nstatus.json: OK\n");
        assert!(std::fs::read(folder.join("recording.mp4")).unwrap() == bytes);
        let json = |name: &str| serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        let (status, receipt): (serde_json::Value, serde_json::Value) =
            (json("status.json"), json("recording.mp4.receipt.json"));
        assert_eq!((&receipt["verification_id"], &receipt["file"]), (&"over".into(), &"recording.mp4".into()));
        assert_eq!(status["status"], "COMPLETED", "{status}");
        #[cfg(unix)]
        for name in names_in(&folder) {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(folder.join(&name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
        let ran = world.run(&["recording", "over", "-o", folder.to_str().unwrap()]).exits(2);
        assert!(ran.stderr.contains("already exists"), "{ran:#?}");
        world.run(&["recording", "over", "-o", folder.to_str().unwrap(), "--force"]).exits(0);
    }
}

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A recording shows a customer's face: no other user of the machine may read it, during the download or later.
#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_recording() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = World::new();
    let bytes = over(&world);
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
    // The files of an unfinished download.
    world.sandbox.inject(Fault::status(404).times(1).on_recordings());
    world.run(&["recording", "over", "-o", "r.mp4"]).exits(1);
    assert_eq!((mode("r.mp4.part"), mode("r.mp4.part.record")), (0o600, 0o600), "{:?}", world.files());
    world.run(&["recording", "over", "-o", "r.mp4"]).exits(0);
    assert_eq!((mode("r.mp4"), mode("r.mp4.receipt.json")), (0o600, 0o600));
    assert!(std::fs::read(world.path("r.mp4")).unwrap() == bytes);
    crate::support::chmod(&world.path("r.mp4"), 0o644);
    world.run(&["recording", "over", "-o", "r.mp4", "--force"]).exits(0);
    assert_eq!(mode("r.mp4"), 0o600);
}

/// An interrupted download leaves no file with the final name.
#[test]
fn an_incomplete_recording_does_not_have_its_final_name() {
    let world = World::new();
    over(&world);
    world.sandbox.inject(Fault::status(404).on_recordings());
    let ran = world.run(&["recording", "over", "-o", "r.mp4"]).exits(1);
    assert!(ran.stderr.contains("404"), "{ran:#?}");
    assert!(!world.path("r.mp4").exists() && !world.path("r.mp4.receipt.json").exists());
    let ran = world.run(&["recording", "nobody", "-o", "r.mp4"]).exits(3);
    assert!(ran.stderr.contains("could not be fetched"), "{ran:#?}");
    world.put("early", "RECEIVED", "LINK_GENERATED");
    let ran = world.run(&["recording", "early", "-o", "e.mp4"]).exits(3);
    assert!(ran.stderr.contains("has no recording") && !world.path("e.mp4.part").exists(), "{ran:#?}");
}
