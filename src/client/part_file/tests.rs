use std::fs::OpenOptions;
use std::os::unix::fs::symlink;

use super::*;

/// A folder with the target `r`.
fn target() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("r");
    (folder, target)
}

/// A part with these bytes.
fn begun(target: &Path, bytes: &[u8]) -> PartFile {
    let mut part = PartFile::lock(target, false).unwrap();
    part.begin("account", "purpose").unwrap();
    part.append(bytes).unwrap();
    part
}

fn resumed(target: &Path) -> PartFile {
    let mut part = PartFile::lock(target, false).unwrap();
    part.resume("account", "purpose").unwrap();
    part
}

fn lines(target: &Path) -> Vec<String> {
    let text = fs::read_to_string(record_of(&beside(target, ".part"))).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_part_is_resumed_after_its_last_checkpoint_and_keeps_the_record_of_the_earlier_ones() {
    let (_folder, target) = target();
    let mut part = begun(&target, b"one");
    part.checkpoint().unwrap();
    part.append(b"two").unwrap();
    drop(part);
    let before = lines(&target);
    assert_eq!(before.len(), 4, "its identity, 0, 3 and 6 bytes");
    let mut record = OpenOptions::new().append(true).open(beside(&target, ".part.record")).unwrap();
    record.write_all(b"a torn li").unwrap();

    let part = resumed(&target);
    assert_eq!(part.bytes(), 6);
    assert_eq!(format!("{part:?}"), format!("PartFile {{ path: {:?}, bytes: 6, .. }}", part.path()));
    drop(part);
    let after = lines(&target);
    assert_eq!((&after[..4], after.len()), (&before[..], 5), "nothing new was written when it was dropped");
    assert_eq!(after[4], before[3]);
    assert_eq!(resumed(&target).bytes(), 6);
}

#[test]
fn a_part_that_another_program_changed_is_not_completed() {
    let changes: [fn(&Path); 4] = [
        |part| OpenOptions::new().append(true).open(part).unwrap().write_all(b"more").unwrap(),
        |part| fs::remove_file(part).unwrap(),
        |part| {
            fs::rename(part, part.with_extension("moved")).unwrap();
            fs::write(part, "one").unwrap();
        },
        |part| {
            fs::remove_file(part).unwrap();
            symlink(part.with_extension("moved"), part).unwrap();
        },
    ];
    for change in changes {
        let (_folder, target) = target();
        let part = begun(&target, b"one");
        change(part.path());
        let error = part.finish().unwrap_err();
        assert!(error.to_string().ends_with("another program wrote to it; remove it, and begin anew"), "{error}");
        assert!(!target.exists());
    }
}

#[test]
fn an_unreadable_name_is_an_error_and_not_an_absent_file() {
    let (_folder, file) = target();
    fs::write(&file, "").unwrap();
    let below = file.join("r");
    let error = PartFile::lock(&below, true).unwrap_err();
    assert_eq!((error.path.as_path(), error.source.kind()), (below.as_path(), io::ErrorKind::NotADirectory));
    assert!(std::error::Error::source(&error).is_some_and(|source| source.is::<io::Error>()));
    let error = platform::is_at(&File::open(&file).unwrap(), &below).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
}

#[test]
fn a_lock_that_is_released_within_a_moment_is_waited_for() {
    let (_folder, target) = target();
    let part = begun(&target, b"one");
    let released = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        drop(part);
    });
    assert_eq!(resumed(&target).bytes(), 3);
    released.join().unwrap();

    let _held = PartFile::lock(&target, false).unwrap();
    assert_eq!(PartFile::lock(&target, false).unwrap_err().step, FileStep::Lock);
}

#[test]
fn a_part_with_another_name_is_refused() {
    let (_folder, target) = target();
    drop(begun(&target, b"one"));
    fs::hard_link(beside(&target, ".part"), beside(&target, ".other")).unwrap();
    let error = PartFile::lock(&target, false).unwrap_err();
    assert!(error.to_string().contains("it has another name as well"), "{error}");
}

#[test]
fn a_small_file_is_replaced_at_once() {
    let (_folder, target) = target();
    fs::write(&target, "a longer text").unwrap();
    let hash = PartFile::write(&target, b"abc").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"abc");
    assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "the example of FIPS 180-2");
}

#[test]
fn a_name_without_a_folder_is_in_the_current_one() {
    sync_folder(Path::new("r")).unwrap();
    assert_eq!(sync_folder(Path::new("/no/such/r")).unwrap_err().kind(), io::ErrorKind::NotFound);
}
