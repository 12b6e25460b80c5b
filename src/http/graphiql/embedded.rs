//! The page bundled from `ui/` and its assets, served from memory.
//!
//! Assets are embedded and sent as gzip, and decompressed only for clients that do not accept gzip. The Content-Security-Policy
//! limits the page to this server, so that even a script injected through a customer's message could not send data elsewhere.

use std::fmt::Write;
use std::io::Read;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::super::header_list::{items, value, weight};
use super::{HTML, NO_SNIFFING, REVALIDATE};

#[derive(RustEmbed)]
#[folder = "$DESKGRAPH_UI_DIR"]
struct Bundle;

/// Everything must come from this server, with two exceptions for Monaco: inline styles, and icons as `data:` URLs. `'self'` in
/// `connect-src` includes WebSocket.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// `/graphql` serves both the page and GraphQL responses, depending on `Accept`.
const VARIES: HeaderValue = HeaderValue::from_static("accept, accept-encoding");
const IMMUTABLE: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
const GZIP: (HeaderName, HeaderValue) = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
const BY_ENCODING: (HeaderName, HeaderValue) = (VARY, HeaderValue::from_static("accept-encoding"));

pub(super) fn page(headers: &HeaderMap) -> Response {
    let file = Bundle::get("index.html").expect("build.rs puts a page into every bundle");
    let etag = etag(&file);
    let is_cached = items(headers, IF_NONE_MATCH).any(|tag| tag == etag || tag == "*");

    let caching = [(ETAG, HeaderValue::from_str(&etag).expect("hexadecimal digits")), REVALIDATE, (VARY, VARIES)];
    if is_cached {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let protection = [(CONTENT_SECURITY_POLICY, POLICY), (REFERRER_POLICY, HeaderValue::from_static("no-referrer")), NO_SNIFFING];
    (caching, protection, [HTML], file.data).into_response()
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/ui/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = Bundle::get(&format!("ui/{name}.gz")) else {
        return (StatusCode::NOT_FOUND, [NO_SNIFFING], "no such asset\n").into_response();
    };
    let media = mime_guess::from_path(&name).first_or_octet_stream();
    let media = HeaderValue::from_str(media.as_ref()).expect("a media type is visible ASCII");
    // Workers do not inherit the page's policy, so each asset has it too.
    let common = [(CONTENT_TYPE, media), (CONTENT_SECURITY_POLICY, POLICY), IMMUTABLE, BY_ENCODING, NO_SNIFFING];
    if accepts_gzip(&headers) {
        (common, [GZIP], file.data).into_response()
    } else {
        (common, decompressed(&file.data)).into_response()
    }
}

/// A weak tag, since the compression layer may change the bytes that are sent.
fn etag(file: &EmbeddedFile) -> String {
    let mut tag = String::from("W/\"");
    for byte in &file.metadata.sha256_hash()[..16] {
        write!(tag, "{byte:02x}").expect("writing to a String cannot fail");
    }
    tag.push('"');
    tag
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let weight_of = |coding| items(headers, ACCEPT_ENCODING).find(|item| value(item).eq_ignore_ascii_case(coding)).map(weight);
    weight_of("gzip").or_else(|| weight_of("*")).is_some_and(|weight| weight > 0)
}

fn decompressed(compressed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut bytes).expect("build.rs stores every asset as gzip");
    bytes
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn response_to(path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        super::super::routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn body_of(response: Response) -> Vec<u8> {
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    /// The URL of the page's script, as the page names it.
    async fn script() -> String {
        let html = String::from_utf8(body_of(response_to("/", &[]).await).await).unwrap();
        html.split('"').find(|part| part.starts_with("/ui/") && part.contains(".js")).unwrap().to_owned()
    }

    #[tokio::test]
    async fn the_page_is_html_under_a_policy_that_names_no_other_origin() {
        let response = response_to("/", &[]).await;
        let headers = response.headers();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(headers[CACHE_CONTROL], "no-cache");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    }

    #[tokio::test]
    async fn a_page_that_the_browser_has_cached_is_not_sent_again() {
        let first = response_to("/", &[]).await;
        let etag = first.headers()[ETAG].to_str().unwrap();
        for held in [etag, &format!("\"other\", {etag}"), "*"] {
            let second = response_to("/", &[(IF_NONE_MATCH, held)]).await;
            assert_eq!(second.status(), StatusCode::NOT_MODIFIED, "{held}");
            assert!(body_of(second).await.is_empty());
        }
        assert_eq!(response_to("/", &[(IF_NONE_MATCH, "\"other\"")]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn an_asset_is_sent_as_gzip_and_never_expires() {
        let response = response_to(&script().await, &[(ACCEPT_ENCODING, "gzip, deflate, br")]).await;
        let headers = response.headers();
        assert_eq!(headers[CONTENT_TYPE], "text/javascript");
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(headers[VARY], "accept-encoding");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(body_of(response).await.starts_with(&[0x1f, 0x8b]));
    }

    #[tokio::test]
    async fn a_client_without_gzip_is_sent_the_plain_asset() {
        for accepted in ["identity", "br", "gzip;q=0", "gzip; q=0.0, *"] {
            let response = response_to(&script().await, &[(ACCEPT_ENCODING, accepted)]).await;
            assert!(!response.headers().contains_key(CONTENT_ENCODING), "{accepted}");
            let text = String::from_utf8(body_of(response).await).unwrap();
            assert!(text.contains("createRoot"), "{accepted}");
        }
    }

    #[tokio::test]
    async fn every_asset_has_a_media_type_that_browsers_accept() {
        for name in Bundle::iter().filter(|name| &**name != "index.html") {
            let address = format!("/{}", name.strip_suffix(".gz").expect("assets are stored compressed"));
            let response = response_to(&address, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{address}");
            let media = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
            assert!(["text/javascript", "text/css"].contains(&&*media), "{address}: {media}");
        }
    }

    #[tokio::test]
    async fn an_unknown_asset_is_not_found() {
        for address in ["/ui/nothing.js", "/ui/..%2Findex.html", "/ui/index.html"] {
            assert_eq!(response_to(address, &[]).await.status(), StatusCode::NOT_FOUND, "{address}");
        }
    }
}
