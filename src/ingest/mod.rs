//! Ingestion: parses deliveries, from webhooks or files, and stores them through one writer.
//!
//! Deliveries are parsed in parallel where they arrive; only the writer stores them. It acknowledges a delivery after the
//! commit, so what is acknowledged is committed and synced.

mod delivery;
mod exported;
mod file;
mod retry;
mod writer;

pub use delivery::{MAX_DELIVERY_ID, NotReadable, Source, read};
pub use exported::write_line;
pub use file::{Error as ImportError, Imported, import};
pub use retry::{Error as RetryError, Retried, retry};
pub use writer::{Error, Settings, Writer};
