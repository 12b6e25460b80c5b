//! The `Cache-Control` and `Vary` headers of responses to `/graphql`.
//!
//! A GET that names its document by hash always means the same document, so a proxy may cache the response if it is configured
//! to. The gateway sets no lifetime; the operator does, in the proxy. Responses to clients with a credential are `private`.
//! Errors are not cached, in particular not "this document is not known yet".

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

/// `Cache-Control` of responses that must not be cached.
pub(super) const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// `Cache-Control` of responses for one client only.
const OF_ONE_CLIENT: HeaderValue = HeaderValue::from_static("private");

/// The request headers that a response to GET depends on, besides `Accept`.
const VARIES: HeaderValue = HeaderValue::from_static("authorization, x-report-complexity");

/// The properties of a request that matter for caching.
#[derive(Clone, Copy)]
pub(super) enum Caching {
    /// A POST, whose response is never cached.
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

    /// Adds the headers to the response.
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
