//! The values of `extensions.code`, by which clients distinguish errors.

/// The document or an argument is invalid; `argument` names the argument, if it is one.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The request exceeds a limit; see [`Exceeded`](super::exceeded::Exceeded) for the other keys.
pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
/// Something that the request depends on does not exist.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// A live cursor of another store: start again from `head`.
pub const CURSOR_OF_ANOTHER_STORE: &str = "CURSOR_OF_ANOTHER_STORE";
/// A live cursor beyond everything stored: start again from `head`.
pub const CURSOR_AHEAD: &str = "CURSOR_AHEAD";
/// The credential is missing, invalid, expired or revoked.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// The origin or the client is not allowed to make this request.
pub const FORBIDDEN: &str = "FORBIDDEN";
/// A credential has used up its allowance: retry after `retryAfterSeconds`.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// The document with this hash is unknown: send its text with the hash. Apollo's clients do so automatically.
pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
/// Documents can't be registered here: send the text without a hash.
pub const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
/// The HTTP method does not allow this operation.
pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
/// No form of the response is acceptable to the client.
pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
/// The body of the request is not JSON.
pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
/// Temporarily unavailable: the same request may succeed later.
pub const UNAVAILABLE: &str = "UNAVAILABLE";
/// An internal error; `requestId` identifies it in the log.
pub const INTERNAL: &str = "INTERNAL";
