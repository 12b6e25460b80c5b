//! Checks the free disk space for a SQLite database. The disk of a database server can't be seen from here.

use std::{
    fs, io,
    io::{ErrorKind, Write as _},
    path::Path,
};

use super::Finding;
use crate::store::{Inspection, Options};

const CHECK: &str = "disk";

/// The number of bytes written to test for free space.
const PROBE_BYTES: usize = 1 << 20;

/// Below this, a checkpoint or a rebuild can fill the disk within minutes.
const SCARCE_BYTES: u64 = 256 << 20;

/// Below this, a warning is given for any size of database.
const LITTLE_BYTES: u64 = 1 << 30;

/// Checks that the database can grow.
pub(super) fn check(options: &Options) -> Finding {
    if options.is_remote() {
        return Finding::skipped(CHECK, "that of the database server can't be seen from here: watch it there");
    }
    let file = match Inspection::file(options) {
        Ok(file) => file,
        Err(error) => return Finding::skipped(CHECK, error.to_string()),
    };
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if let Err(error) = probe(folder) {
        let remedy = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => {
                "free disk space, or raise the limit; until then deliveries get a 503, and senders retry"
            }
            _ => "give deskgraph's user write access to the folder: SQLite creates files beside the database",
        };
        return Finding::problem(CHECK, format!("nothing more can be written in {}: {error}", folder.display()), remedy);
    }
    let size = |suffix: &str| fs::metadata(format!("{}{suffix}", file.display())).map_or(0, |metadata| metadata.len());
    match rustix::fs::statvfs(folder) {
        Ok(disk) => judge(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize, size("") + size("-wal")),
        Err(error) => Finding::skipped(CHECK, format!("{} does not say how much room it has: {error}", folder.display())),
    }
}

/// Writes a temporary file.
fn probe(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&vec![0; PROBE_BYTES])?;
    file.sync_all()
}

fn judge(free: u64, total: u64, database: u64) -> Finding {
    let bytes = indicatif::BinaryBytes;
    let detail = format!("{} of {} free, the database has {}", bytes(free), bytes(total), bytes(database));
    if free < SCARCE_BYTES {
        Finding::problem(CHECK, detail, "make room now: a checkpoint, a rebuild or a busy hour can fill the rest")
    } else if free < database {
        Finding::warning(CHECK, detail, "make room: neither a rebuild nor a backup on the same disk has enough")
    } else if free < LITTLE_BYTES {
        Finding::warning(CHECK, detail, "make room before it is full")
    } else {
        Finding::good(CHECK, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_judged_by_what_it_is_needed_for() {
        const GB: u64 = 1 << 30;
        assert_eq!(judge(50 * GB, 100 * GB, GB), Finding::good(CHECK, "50.00 GiB of 100.00 GiB free, the database has 1.00 GiB"));
        let remedy = |free, total, database| format!("{:?}", judge(free, total, database));
        assert!(remedy(GB / 10, GB, 0).contains("make room now"));
        assert!(remedy(10 * GB, 100 * GB, 11 * GB).contains("backup"));
        assert!(remedy(GB / 2, 100 * GB, 0).contains("before it is full"));
    }
}
