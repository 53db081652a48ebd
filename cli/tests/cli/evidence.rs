//! A recording is whole or not there, goes on where it broke off, and has a receipt.

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
fn a_recording_has_a_receipt_beside_it() {
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
    assert!(ran.stderr.contains("is there already"), "{ran:#?}");
    world.run(&["recording", "over", "-o", "r.mp4", "--force"]).exits(0);
}

/// What an earlier run wrote is not asked for again, as long as the storage has the same file; else it begins anew.
#[test]
fn a_part_is_gone_on_with_or_begun_anew() {
    let world = World::new();
    let bytes = over(&world);
    world.run(&["recording", "over", "-o", "r.mp4"]).exits(0);
    let (whole, etag) = (receipt(&world)["sha256"].clone(), receipt(&world)["etag"].as_str().unwrap().to_owned());
    for (part, tag, asks_for_a_part) in [
        (&bytes[..70_000], etag.as_str(), true),
        (&bytes[..], etag.as_str(), true),
        (&bytes[..70_000], "\"another\"", false),
        (&bytes[..70_000], "", false),
        (&bytes[..0], etag.as_str(), false),
    ] {
        for file in world.files() {
            std::fs::remove_file(world.path(&file)).unwrap();
        }
        world.write("r.mp4.part", part);
        world.write("r.mp4.part.etag", tag);
        let ran = world.run(&["recording", "over", "-o", "r.mp4"]).exits(0);
        assert!(std::fs::read(world.path("r.mp4")).unwrap() == bytes, "{tag} {ran:#?}");
        assert_eq!((&receipt(&world)["sha256"], &receipt(&world)["bytes"]), (&whole, &200_000.into()));
        assert_eq!(receipt(&world)["etag"], etag.as_str());
        assert_eq!(world.files(), ["r.mp4", "r.mp4.receipt.json"]);
        let statuses: Vec<_> = world.sandbox.requests().iter().filter_map(|request| request.http_status).collect();
        let last = *statuses.last().unwrap();
        assert_eq!(last == 206 || last == 416, asks_for_a_part, "{tag}: {statuses:?}");
    }
}

/// A recording shows a customer's face: nobody else on the machine is to see it, on the way or once it is there.
#[cfg(unix)]
#[test]
fn a_recording_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = World::new();
    let bytes = over(&world);
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
    // What is there before it is whole.
    world.sandbox.inject(Fault::status(404).times(1).on_recordings());
    world.run(&["recording", "over", "-o", "r.mp4"]).exits(1);
    assert_eq!(mode("r.mp4.part"), 0o600, "{:?}", world.files());
    // A part as an earlier version left it.
    crate::support::chmod(&world.path("r.mp4.part"), 0o644);
    world.run(&["recording", "over", "-o", "r.mp4"]).exits(0);
    assert_eq!((mode("r.mp4"), mode("r.mp4.receipt.json")), (0o600, 0o600));
    assert!(std::fs::read(world.path("r.mp4")).unwrap() == bytes);
    crate::support::chmod(&world.path("r.mp4"), 0o644);
    world.run(&["recording", "over", "-o", "r.mp4", "--force"]).exits(0);
    assert_eq!(mode("r.mp4"), 0o600);
}

/// A download that does not come to its end leaves no file that looks like one.
#[test]
fn what_is_not_whole_has_not_its_name() {
    let world = World::new();
    over(&world);
    world.sandbox.inject(Fault::status(404).on_recordings());
    let ran = world.run(&["recording", "over", "-o", "r.mp4"]).exits(1);
    assert!(ran.stderr.contains("404"), "{ran:#?}");
    assert!(!world.path("r.mp4").exists() && !world.path("r.mp4.receipt.json").exists());
    let ran = world.run(&["recording", "nobody", "-o", "r.mp4"]).exits(3);
    assert!(ran.stderr.contains("could not be had"), "{ran:#?}");
    world.put("early", "RECEIVED", "LINK_GENERATED");
    let ran = world.run(&["recording", "early", "-o", "e.mp4"]).exits(3);
    assert!(ran.stderr.contains("there is no recording") && !world.path("e.mp4.part").exists(), "{ran:#?}");
}
