//! What caches may keep of answers to `/graphql`.
//!
//! A GET that names its document by hash always has the same document behind the same URL, so a proxy that is told to may keep
//! the answer for a while. Nothing here says for how long: that is the operator's decision, in the proxy. Answers to someone with
//! a credential are for them alone (`private`), and errors are not kept, above all "this document is not known yet".

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

/// `Cache-Control` of what must not be kept.
pub(super) const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// `Cache-Control` of what is for one client alone.
const OF_ONE_CLIENT: HeaderValue = HeaderValue::from_static("private");

/// The headers of a request by GET that its answer depends on, besides `Accept`.
const VARIES: HeaderValue = HeaderValue::from_static("authorization, x-report-complexity");

/// What matters for caches about a request.
#[derive(Clone, Copy)]
pub(super) enum Caching {
    /// Caches keep nothing of it.
    Post,
    Get {
        has_credential: bool,
    },
}

impl Caching {
    pub(super) fn of(request: &Request) -> Self {
        match *request.method() {
            Method::GET | Method::HEAD => Self::Get { has_credential: request.headers().contains_key(header::AUTHORIZATION) },
            _ => Self::Post,
        }
    }

    /// Adds the headers to the answer.
    pub(super) fn mark(self, response: &mut Response) {
        let status = response.status();
        let headers = response.headers_mut();
        headers.append(header::VARY, header::ACCEPT.into());
        let Self::Get { has_credential } = self else { return };
        headers.append(header::VARY, VARIES);
        if headers.contains_key(header::CACHE_CONTROL) {
            return;
        }
        if status != StatusCode::OK {
            headers.insert(header::CACHE_CONTROL, NOT_KEPT);
        } else if has_credential {
            headers.insert(header::CACHE_CONTROL, OF_ONE_CLIENT);
        }
    }
}
