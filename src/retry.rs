//! Retries: the only module that decides how long a failed operation waits before its next attempt.
//!
//! The caller says which errors are temporary; all others are returned immediately. To stop early, drop the future, or run it
//! under `CancellationToken::run_until_cancelled`.

use std::{error::Error, time::Duration};

/// The wait before the second attempt. It doubles with each further one.
const FIRST: Duration = Duration::from_millis(200);

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(2);

/// The waits between the attempts of one operation.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// Waits before the next attempt.
    pub(crate) async fn wait(&mut self) {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        tokio::time::sleep(wait).await;
    }
}

/// Calls `attempt` until it succeeds or fails with a permanent error. `doing` names the operation in the log.
pub(crate) async fn retry<T, E, F>(
    doing: &'static str,
    mut may_pass: impl FnMut(&E) -> bool,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let mut backoff = Backoff::new();
    loop {
        match attempt().await {
            Err(error) if may_pass(&error) => {
                tracing::warn!(error = &error as &dyn Error, "{doing} failed, retrying");
                backoff.wait().await;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use super::retry;

    #[tokio::test]
    async fn only_temporary_errors_are_retried() {
        let mut left = vec![ErrorKind::NotFound, ErrorKind::TimedOut, ErrorKind::TimedOut];
        let may_pass = |error: &io::Error| error.kind() == ErrorKind::TimedOut;
        let ended = retry("a test", may_pass, || std::future::ready(left.pop().map_or(Ok(()), |kind| Err(kind.into())))).await;
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(left.is_empty(), "three attempts");
        retry("a test", may_pass, || std::future::ready(Ok::<(), io::Error>(()))).await.unwrap();
    }
}
