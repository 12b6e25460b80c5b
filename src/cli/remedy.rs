//! Adds a remedy to errors whose cause alone does not suggest one.

use std::io;

use anyhow::{Error, anyhow};

use crate::{ingest, store};

const NO_ROOM: &str = "make room on the disk, then run this again: nothing that was stored is lost";

/// The error, with a remedy if one is known for its cause.
pub(super) fn explained(error: Error) -> Error {
    match remedy(&error) {
        // Each layer of the database driver repeats the message of the one below.
        Some(NO_ROOM) => anyhow!("{error}: the disk is full: {NO_ROOM}"),
        Some(remedy) => anyhow!("{error:#}: {remedy}"),
        None => error,
    }
}

fn remedy(error: &Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            of_io(error.kind())
        } else {
            store_error(cause).filter(|error| error.is_full_disk()).map(|_| NO_ROOM)
        }
    })
}

fn of_io(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::AddrInUse => Some(
            "stop the other program, perhaps another gateway, or use another address with --listen (port 0 selects a free port)",
        ),
        io::ErrorKind::AddrNotAvailable => Some("this machine has no such address: use one of its own with --listen"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Some(NO_ROOM),
        _ => None,
    }
}

/// The store error that an error is, or contains.
fn store_error<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e store::Error> {
    let of_writer = |error: &'e ingest::Error| match error {
        ingest::Error::Store(error) => Some(&**error),
        ingest::Error::Busy | ingest::Error::Stopped => None,
    };
    if let Some(error) = cause.downcast_ref::<ingest::ImportError>() {
        return match error {
            ingest::ImportError::Writer { error, .. } => of_writer(error),
            ingest::ImportError::Read(_) | ingest::ImportError::Log { .. } => None,
        };
    }
    cause.downcast_ref().or_else(|| of_writer(cause.downcast_ref()?))
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;

    use super::explained;

    #[test]
    fn the_remedy_comes_last_in_an_error() {
        let error = |kind: io::ErrorKind| Err::<(), _>(io::Error::from(kind)).context("listening").unwrap_err();
        assert!(explained(error(io::ErrorKind::AddrInUse)).to_string().starts_with("listening: address in use: stop the other"));
        assert!(explained(error(io::ErrorKind::StorageFull)).to_string().starts_with("listening: the disk is full: make room"));
        assert_eq!(explained(error(io::ErrorKind::NotFound)).to_string(), "listening");
    }
}
