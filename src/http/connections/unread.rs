//! Handles request bodies that were not read to the end when the response was made, as with most 404, 405, 413, 415 and 503.
//!
//! HTTP/1.1 allows two ways to continue: read the rest, or announce that the connection is closed. hyper closes it without
//! announcing it, and a proxy that reuses the connection then returns 502 to its own client.
//!
//! | the body | the connection |
//! |---|---|
//! | was read to its end | stays open |
//! | has at most [`DRAIN_BYTES`] left, which arrive within [`DRAIN_TIME`] | stays open; the rest is read and dropped |
//! | is longer or slower, broke off, or waits for `100 Continue` | is closed; the response says `Connection: close` |
//!
//! This applies to every route, since it wraps the whole router. A response of 101 (WebSocket) is not affected.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::{sync::oneshot, time::timeout};

/// The largest rest of a body that is read and dropped to keep a connection open.
const DRAIN_BYTES: usize = 256 * 1024;

/// How long a response waits for the rest of a body to keep the connection open.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// The middleware.
pub(super) async fn drain_or_close(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (unread, mut rest) = oneshot::channel();
    // hyper sends `100 Continue` when the body is first polled.
    let is_readable = !parts.headers.contains_key(header::EXPECT);
    let body = Body::new(Tracked { body, is_readable, unread: Some(unread) });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let keeps_open = match rest.try_recv() {
        _ if response.status() == StatusCode::SWITCHING_PROTOCOLS || says_close(&response) => true,
        Ok(Rest::Readable(body)) => drain(body).await,
        Ok(Rest::Unreadable) => false,
        // The body was read to the end, or the response is still reading it.
        Err(_) => true,
    };
    if !keeps_open {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn says_close(response: &Response) -> bool {
    response.headers().get(header::CONNECTION).is_some_and(|value| value == "close")
}

/// Reads and drops the rest of a body. Returns whether it ended within the limits.
async fn drain(body: Body) -> bool {
    if HttpBody::size_hint(&body).lower() > DRAIN_BYTES as u64 {
        return false;
    }
    let mut chunks = body.into_data_stream();
    let read = async {
        let mut left = DRAIN_BYTES;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) if chunk.len() <= left => left -= chunk.len(),
                _ => return false,
            }
        }
        true
    };
    timeout(DRAIN_TIME, read).await.unwrap_or(false)
}

/// The rest of a body.
enum Rest {
    /// It can be read.
    Readable(Body),
    /// It can't be read: the client waits for `100 Continue`, or the body broke off.
    Unreadable,
}

/// A request body that hands over its rest if it is dropped before the end.
struct Tracked {
    body: Body,
    is_readable: bool,
    /// The receiver of the rest; `None` once there is none.
    unread: Option<oneshot::Sender<Rest>>,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(None) => self.unread = None,
            Poll::Ready(Some(Err(_))) => self.is_readable = false,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => self.is_readable = true,
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        HttpBody::size_hint(&self.body)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        if let Some(unread) = self.unread.take().filter(|_| !self.body.is_end_stream()) {
            let rest = if self.is_readable { Rest::Readable(mem::take(&mut self.body)) } else { Rest::Unreadable };
            // There is no receiver if the request was cancelled.
            let _ = unread.send(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{
        Router,
        middleware::from_fn,
        routing::{get, post},
    };
    use futures_util::stream;
    use tower::ServiceExt;

    use super::*;

    fn router() -> Router {
        let in_part = |body: Body| async { drop(body.into_data_stream().next().await) };
        let upgrade = || async { StatusCode::SWITCHING_PROTOCOLS };
        Router::new()
            .route("/whole", post(|_: Bytes| async {}))
            .route("/part", post(in_part))
            .route("/upgrade", get(upgrade))
            .layer(from_fn(drain_or_close))
    }

    /// Whether the connection is closed after this request.
    async fn closes(path: &str, expect: Option<&str>, body: Body) -> bool {
        let mut request = if path == "/upgrade" { Request::get(path) } else { Request::post(path) };
        if let Some(expect) = expect {
            request = request.header(header::EXPECT, expect);
        }
        says_close(&router().oneshot(request.body(body).unwrap()).await.unwrap())
    }

    /// A body without a known length.
    fn chunks(count: usize, bytes: usize) -> Body {
        Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, Infallible>(vec![b' '; bytes]))))
    }

    fn endless() -> Body {
        Body::from_stream(stream::iter([Ok::<_, Infallible>("begun")]).chain(stream::pending()))
    }

    fn broken() -> Body {
        Body::from_stream(stream::iter([Ok("begun"), Err("broken")]))
    }

    #[tokio::test]
    async fn a_fully_read_or_short_body_keeps_the_connection_open() {
        assert!(!closes("/whole", None, Body::from(vec![b' '; 1024])).await);
        assert!(!closes("/whole", Some("100-continue"), Body::from(vec![b' '; 1024])).await);
        for path in ["/nowhere", "/part", "/whole"] {
            assert!(!closes(path, None, Body::empty()).await, "{path}");
            assert!(!closes(path, None, chunks(4, 1024)).await, "{path}");
        }
        assert!(!closes("/nowhere", None, Body::from(vec![b' '; DRAIN_BYTES])).await);
        assert!(!closes("/part", Some("100-continue"), chunks(4, 1024)).await, "the client was sent 100 Continue");
    }

    #[tokio::test]
    async fn a_long_or_missing_body_closes_the_connection() {
        for path in ["/nowhere", "/part"] {
            assert!(closes(path, None, chunks(3, DRAIN_BYTES)).await, "{path}");
            assert!(closes(path, None, endless()).await, "{path}");
            assert!(closes(path, None, broken()).await, "{path}");
        }
        assert!(closes("/nowhere", None, Body::from(vec![b' '; DRAIN_BYTES + 1])).await);
        assert!(closes("/nowhere", Some("100-continue"), chunks(1, 1)).await, "the client waits");
        assert!(closes("/whole", None, broken()).await);
    }

    #[tokio::test]
    async fn an_upgrade_is_not_affected() {
        assert!(!closes("/upgrade", None, endless()).await);
    }
}
