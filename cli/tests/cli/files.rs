//! The files of `recording` and `sweep`: two runs at a time, a kill, damage, other users, links and other accounts.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Journey};

use crate::support::{Ran, Running, World, chmod, until};

const RECORDING: [&str; 4] = ["recording", "over", "-o", "r.mp4"];
const SWEEP: [&str; 4] = ["sweep", "ids.txt", "-o", "out.csv"];
const IDS: usize = 400;

type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

/// A world with a recording, and with a file of ids.
fn world() -> (World, Vec<u8>) {
    let world = World::new();
    let vkyc = world.sandbox.begin("over", Journey::completed()).unwrap();
    vkyc.finish_blocking().unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    vkyc.set_recording(bytes.clone()).unwrap();
    world.write("ids.txt", (1..=IDS).map(|n| format!("case_{n}\n")).collect::<String>());
    (world, bytes)
}

fn sha256(path: &Path) -> String {
    let said = Command::new("sha256sum").arg(path).output().unwrap().stdout;
    String::from_utf8(said).unwrap().split(' ').next().unwrap().to_owned()
}

#[track_caller]
fn is_whole(world: &World, bytes: &[u8]) {
    assert!(std::fs::read(world.path("r.mp4")).unwrap() == bytes, "it is another file");
    let receipt: serde_json::Value = serde_json::from_str(&world.read("r.mp4.receipt.json")).unwrap();
    assert_eq!((&receipt["bytes"], &receipt["sha256"]), (&bytes.len().into(), &sha256(&world.path("r.mp4")).into()));
    assert_eq!(world.files(), ["ids.txt", "r.mp4", "r.mp4.receipt.json"]);
}

/// Checks that each id is in the result once, in an undamaged row.
#[track_caller]
fn is_swept(world: &World) {
    let result = world.read("out.csv");
    let rows: Vec<_> = result.lines().skip(1).collect();
    let ids: std::collections::HashSet<_> = rows.iter().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (IDS, IDS));
    assert!(rows.iter().all(|row| row.starts_with("case_") && row.contains("verification_id_not_found,20")));
}

/// Waits for a checkpoint of this many bytes. Returns the number of bytes.
fn checkpoint(world: &World, record: &str, least: u64) -> u64 {
    let mut bytes = 0;
    until(|| {
        let text = std::fs::read_to_string(world.path(record)).unwrap_or_default();
        let last = text.lines().next_back().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        bytes = last.and_then(|line| line["bytes"].as_u64()).unwrap_or_default();
        bytes >= least && text.lines().count() > 1
    });
    bytes
}

/// The first line of the record of a recording that has no bytes yet.
fn head(world: &World) -> String {
    world.sandbox.inject(Fault::status(404).times(1).on_recordings());
    world.run(&RECORDING).exits(1);
    world.read("r.mp4.part.record").lines().next().unwrap().to_owned()
}

fn etag(world: &World) -> String {
    world.run(&["recording", "over", "-o", "other.mp4"]).exits(0);
    let receipt: serde_json::Value = serde_json::from_str(&world.read("other.mp4.receipt.json")).unwrap();
    for name in ["other.mp4", "other.mp4.receipt.json"] {
        std::fs::remove_file(world.path(name)).unwrap();
    }
    receipt["etag"].as_str().unwrap().to_owned()
}

/// A part as an earlier run left it, with one checkpoint at its end.
fn plant(world: &World, head: &str, bytes: &[u8], etag: &str) {
    let part = world.write("r.mp4.part", bytes);
    let line = serde_json::json!({
        "bytes": bytes.len(), "sha256": sha256(&part), "version": etag, "process": 1,
    });
    let record = world.write("r.mp4.part.record", format!("{head}\n{line}\n"));
    [part, record].iter().for_each(|path| chmod(path, 0o600));
}

fn last_status(world: &World) -> u16 {
    world.sandbox.requests().iter().filter_map(|request| request.http_status).next_back().unwrap().as_u16()
}

#[test]
fn two_runs_cannot_write_the_same_file() {
    let (world, bytes) = world();
    world.sandbox.inject(Fault::slow_body(Duration::from_millis(500)).on_recordings());
    for (arguments, record) in [(RECORDING, "r.mp4.part.record"), (SWEEP, "out.csv.part.record")] {
        let first = Running::of(world.command(&arguments));
        world.sandbox.inject(Fault::delay(Duration::from_millis(60)).on("vkycGetStatus"));
        checkpoint(&world, record, 0);
        for extra in [None, Some("--force")] {
            let arguments: Vec<_> = arguments.into_iter().chain(extra).collect();
            let ran = world.run(&arguments).exits(2);
            assert!(ran.stderr.contains(&format!("process {} uses it", first.id())), "{ran:#?}");
        }
        first.end().exits(0);
    }
    is_swept(&world);
    std::fs::remove_file(world.path("out.csv")).unwrap();
    is_whole(&world, &bytes);
}

/// `kill -9`, then damage of the part.
#[test]
fn a_killed_recording_is_resumed_and_a_damaged_part_is_noticed() {
    let (world, bytes) = world();
    world.sandbox.inject(Fault::slow_body(Duration::from_millis(400)).times(1).on_recordings());
    let running = Running::of(world.command(&RECORDING));
    let synced = checkpoint(&world, "r.mp4.part.record", 50_000) as usize;
    running.kill();
    let (part, record) = (std::fs::read(world.path("r.mp4.part")).unwrap(), world.read("r.mp4.part.record"));
    assert!(part.len() >= synced && part.len() < bytes.len());

    let zeros = |part: &mut Vec<u8>| part[synced - 4096..].fill(0);
    let tail = |part: &mut Vec<u8>| part.extend([0; 4096]);
    let flipped = |part: &mut Vec<u8>| part[synced / 2] ^= 1;
    let short = |part: &mut Vec<u8>| part.truncate(synced - 1);
    let whole = |part: &mut Vec<u8>| {
        *part = bytes.clone();
        part[synced / 3] ^= 4;
    };
    let none = |_: &mut Vec<u8>| {};
    let damages: [(Damage, u16); 6] =
        [(&none, 206), (&zeros, 200), (&tail, 206), (&flipped, 200), (&short, 200), (&whole, 200)];
    for (damage, status) in damages {
        let mut part = part.clone();
        damage(&mut part);
        chmod(&world.write("r.mp4.part", part), 0o600);
        chmod(&world.write("r.mp4.part.record", &record), 0o600);
        world.run(&RECORDING).exits(0);
        is_whole(&world, &bytes);
        assert_eq!(last_status(&world), status);
        ["r.mp4", "r.mp4.receipt.json"].iter().for_each(|name| std::fs::remove_file(world.path(name)).unwrap());
    }
}

#[test]
fn a_killed_sweep_is_resumed_and_a_damaged_part_is_noticed() {
    let (world, _) = world();
    world.sandbox.inject(Fault::delay(Duration::from_millis(80)).times(350));
    let running = Running::of(world.command(&SWEEP));
    let synced = checkpoint(&world, "out.csv.part.record", 2000) as usize;
    running.kill();
    let (part, record) = (std::fs::read(world.path("out.csv.part")).unwrap(), world.read("out.csv.part.record"));
    let zeros = |part: &mut Vec<u8>| part[synced.saturating_sub(4096)..].fill(0);
    let flipped = |part: &mut Vec<u8>| part[synced - 40] ^= 1;
    let none = |_: &mut Vec<u8>| {};
    let damages: [(Damage, bool); 3] = [(&none, true), (&zeros, false), (&flipped, false)];
    for (damage, resumes) in damages {
        let mut part = part.clone();
        damage(&mut part);
        chmod(&world.write("out.csv.part", part), 0o600);
        chmod(&world.write("out.csv.part.record", &record), 0o600);
        let before = world.sandbox.requests().len();
        world.run(&SWEEP).exits(0);
        is_swept(&world);
        assert!(!resumes || world.sandbox.requests().len() - before < IDS);
        std::fs::remove_file(world.path("out.csv")).unwrap();
    }
}

/// The bytes of an earlier run are not requested again if the storage has the same file. Otherwise the download starts over.
#[test]
fn a_part_is_resumed_or_replaced() {
    let (world, bytes) = world();
    let (etag, head) = (etag(&world), head(&world));
    let old = head.replace("\"began_at\":\"20", "\"began_at\":\"19");
    let future = head.replace("\"format\":1", "\"format\":2");
    for (head, part, tag, status) in [
        (head.as_str(), &bytes[..70_000], etag.as_str(), 206),
        (&head, &bytes, &etag, 416),
        (&head, &bytes[..70_000], "\"another\"", 200),
        (&head, &bytes[..70_000], "", 200),
        (&head, &bytes[..0], &etag, 200),
        (&old, &bytes[..70_000], &etag, 200),
        (&future, &bytes[..70_000], &etag, 200),
        ("damaged", &bytes[..70_000], &etag, 200),
    ] {
        plant(&world, head, part, tag);
        world.run(&RECORDING).exits(0);
        is_whole(&world, &bytes);
        assert_eq!(last_status(&world), status, "{head} {tag}");
        ["r.mp4", "r.mp4.receipt.json"].iter().for_each(|name| std::fs::remove_file(world.path(name)).unwrap());
    }
}

#[track_caller]
fn is_refused(ran: Ran, says: &str) {
    let ran = ran.exits(2);
    assert!(ran.stderr.contains(says), "{ran:#?}");
}

#[test]
fn a_part_of_another_account_or_verification_is_refused() {
    let (world, bytes) = world();
    let (etag, head) = (etag(&world), head(&world));
    let account = serde_json::from_str::<serde_json::Value>(&head).unwrap()["account"].as_str().unwrap().to_owned();
    assert!(!head.contains(world.sandbox.client_id()));
    for (head, says) in [
        (head.replace(&account, &"0".repeat(64)), "another account or environment"),
        (head.replace("recording of over", "recording of other"), "another command, verification or format"),
    ] {
        plant(&world, &head, &bytes[..70_000], &etag);
        is_refused(world.run(&RECORDING), says);
        assert!(std::fs::read(world.path("r.mp4.part")).unwrap() == bytes[..70_000]);
    }

    world.sandbox.inject(Fault::status(500).html());
    world.run(&SWEEP).exits(1);
    chmod(&world.write("out.csv.part", "x"), 0o600);
    let mut command = world.command(&SWEEP);
    command.env("CASHFREE_CLIENT_ID", "another");
    let ran = Ran::of(command, b"");
    assert!(ran.stderr.contains("--force"), "{ran:#?}");
    is_refused(ran, "another account or environment");
    is_refused(
        world.run(&[&SWEEP[..], &["--passed", "COMPLETED"]].concat()),
        "another command, verification or format",
    );
    let record = world.read("out.csv.part.record").replace("\"began_at\":\"20", "\"began_at\":\"19");
    world.write("out.csv.part.record", record);
    is_refused(world.run(&SWEEP), "begun more than a day ago");
    assert_eq!(world.read("out.csv.part"), "x");
}

#[test]
fn links_and_files_that_others_can_read_are_refused() {
    let (world, _) = world();
    let secret = world.write("secret", "secret");
    for (arguments, target) in [(&RECORDING, "r.mp4"), (&SWEEP, "out.csv")] {
        for ending in ["", ".part", ".part.record"] {
            let link = world.path(&format!("{target}{ending}"));
            for to in [secret.as_path(), Path::new("dangling")] {
                std::os::unix::fs::symlink(to, &link).unwrap();
                let ran = world.run(&[&arguments[..], &["--force"]].concat()).exits(2);
                assert!(ran.stderr.contains("link") || ran.stderr.contains("not a file"), "{ran:#?}");
                assert!(world.read("secret") == "secret" && !world.path("dangling").exists());
                std::fs::remove_file(&link).unwrap();
            }
            let _ = std::fs::remove_file(world.path(&format!("{target}.part")));
        }
        for ending in [".part", ".part.record"] {
            world.write(&format!("{target}.part"), "");
            chmod(&world.path(&format!("{target}.part")), 0o600);
            chmod(&world.write(&format!("{target}{ending}"), ""), 0o666);
            is_refused(world.run(arguments), "others can read or change it");
            chmod(&world.path(&format!("{target}{ending}")), 0o600);
            std::fs::hard_link(world.path(&format!("{target}{ending}")), world.path("second")).unwrap();
            is_refused(world.run(arguments), "it has another name");
            std::fs::remove_file(world.path("second")).unwrap();
            let _ = std::fs::remove_file(world.path(&format!("{target}{ending}")));
        }
    }
}

/// Such as in a folder that several users share.
#[test]
fn a_file_of_another_user_is_refused() {
    let (world, _) = world();
    for (arguments, part) in [(&RECORDING, "r.mp4.part"), (&SWEEP, "out.csv.part")] {
        let path = world.write(part, "");
        if let Err(error) = std::os::unix::fs::chown(&path, Some(1000), None) {
            println!("skipped: {error}");
            return;
        }
        for mode in [0o666, 0o600] {
            chmod(&path, mode);
            is_refused(world.run(arguments), "it belongs to another user");
        }
        std::fs::remove_file(path).unwrap();
    }
}

/// A cell that a spreadsheet would evaluate.
#[test]
fn formulas_in_cells_are_escaped() {
    let world = World::new();
    world.write("ids.txt", "-id\nb\n");
    for (id, state) in [("-id", "=HYPERLINK(\"http://evil\")"), ("b", "+1")] {
        world.put(id, state, "@SUM(1)");
    }
    world.run(&SWEEP).exits(0);
    let result = world.read("out.csv");
    assert!(result.contains("\n'-id,1,") && result.contains("'+1,'@SUM(1)"), "{result}");
    assert!(result.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""), "{result}");
}
