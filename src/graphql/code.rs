//! The values of `extensions.code`: the one list of the codes that clients can tell errors by.

/// An argument or the document itself is wrong; `argument` names which, where it is one.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The request exceeds a limit; see [`Exceeded`](super::exceeded::Exceeded) for the other keys.
pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
/// Something that the request depends on does not exist.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// A live cursor of another store: start again from `head`.
pub const CURSOR_OF_ANOTHER_STORE: &str = "CURSOR_OF_ANOTHER_STORE";
/// A live cursor beyond everything stored: start again from `head`.
pub const CURSOR_AHEAD: &str = "CURSOR_AHEAD";
/// There is no credential, or it is not good, or no longer.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// The origin or the client is not allowed, or may not ask for this.
pub const FORBIDDEN: &str = "FORBIDDEN";
/// A credential has used what it may: try again after `retryAfterSeconds`.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// The document of this hash is not known: send its text with the hash. Apollo's clients do so by themselves.
pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
/// Documents are not registered here: send the text without a hash.
pub const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
/// The HTTP method does not allow this operation.
pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
/// The response has no form that the client accepts.
pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
/// The body of the request is not JSON.
pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
/// Temporarily impossible: the same request may succeed later.
pub const UNAVAILABLE: &str = "UNAVAILABLE";
/// A fault of the gateway; `requestId` finds it in the log.
pub const INTERNAL: &str = "INTERNAL";
