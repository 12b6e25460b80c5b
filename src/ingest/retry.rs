//! Retries rejected deliveries (dead letters), which a newer deskgraph or other settings may accept.

use super::{Source, Writer, read, writer};
use crate::store::{self, Appended, Entry, Store};

/// The result of a retry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// The number of deliveries now stored as events and no longer kept as rejected.
    pub stored: u64,
    /// The number of deliveries still rejected and kept.
    pub rejected: u64,
}

/// Why a retry ended early. What was stored until then stays stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The writer could not store.
    #[error(transparent)]
    Writer(#[from] writer::Error),
}

/// Parses every rejected delivery again and stores those that are now events. Their time of arrival is now, as if the sender
/// had repeated them. Calls `progress` after each.
pub async fn retry(store: &Store, writer: &Writer, mut progress: impl FnMut(Retried)) -> Result<Retried, Error> {
    let (mut retried, mut after) = (Retried::default(), 0);
    loop {
        let rejected = store.rejected_after(after, 200).await?;
        let Some(last) = rejected.last() else { return Ok(retried) };
        after = last.id;
        for delivery in rejected {
            // A kind that was named and is unknown must not be guessed from the payload.
            if delivery.kind.is_none() && delivery.path != "$" {
                retried.rejected += 1;
                progress(retried);
                continue;
            }
            let source = Source { kind: delivery.kind, delivery_id: delivery.delivery_id.clone(), ..Source::default() };
            match read(&delivery.payload, &source, store.zone()) {
                Ok(entry @ Entry::Delivery(_)) => {
                    if let Appended::Event { .. } = writer.submit_waiting(entry).await? {
                        store.forget_rejected(delivery.id).await?;
                        retried.stored += 1;
                    }
                }
                Ok(Entry::Rejection(_)) | Err(_) => retried.rejected += 1,
            }
            progress(retried);
        }
    }
}
