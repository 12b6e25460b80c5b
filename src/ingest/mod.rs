//! From deliveries to stored events: reading a body, the one writer, and files of many.
//!
//! A delivery is read where it arrives, in parallel; the writer alone stores. Whoever gets an answer from the writer may
//! rely on it: what it says is committed and synced.

mod delivery;
mod exported;
mod file;
mod retry;
mod writer;

pub use delivery::{NotReadable, Source, read};
pub use exported::write_line;
pub use file::{Error as ImportError, Imported, import};
pub use retry::{Error as RetryError, Retried, retry};
pub use writer::{Error, Settings, Writer};
