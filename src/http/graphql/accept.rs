//! Chooses the format of a response by the `Accept` header.
//!
//! Among the acceptable formats, the one with the highest `q` is chosen, then the one matched by the most specific range, then
//! the one listed first. A wildcard never selects a stream, since a client that accepts anything does not expect an endless
//! response. Without `Accept` the format is `application/json`, which every client can read.

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderValue, header};
use mime::{Mime, Name};

use crate::http::header_list::{items, weight};

/// The format of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `application/json`
    Json,
    /// `application/graphql-response+json`
    Response,
    /// `text/event-stream`
    EventStream,
    /// `multipart/mixed;subscriptionSpec=1.0` (Apollo's subscription protocol)
    Multipart,
}

impl Format {
    const ALL: [Self; 4] = [Self::Json, Self::Response, Self::EventStream, Self::Multipart];

    /// Whether it can carry more than one result.
    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::EventStream | Self::Multipart)
    }

    /// The `Content-Type` of a response in this format.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
            Self::Multipart => r#"multipart/mixed; boundary="graphql"; subscriptionSpec="1.0""#,
        })
    }

    /// The specificity of a media range that matches this format; `None` if it does not match.
    fn specificity(self, range: &Mime) -> Option<u8> {
        let is = |kind: Name<'_>, subtype: &str| range.type_() == kind && range.essence_str().ends_with(subtype);
        let charset = range.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
        let exactly = match self {
            Self::Json => charset && is(mime::APPLICATION, "/json"),
            Self::Response => charset && is(mime::APPLICATION, "/graphql-response+json"),
            Self::EventStream => charset && is(mime::TEXT, "/event-stream"),
            Self::Multipart => {
                is(mime::MULTIPART, "/mixed") && range.get_param("subscriptionspec").is_some_and(|spec| spec == "1.0")
            }
        };
        match (range.type_(), range.subtype()) {
            _ if exactly => Some(2),
            (mime::APPLICATION, mime::STAR) if !self.is_stream() => Some(1),
            (mime::STAR, mime::STAR) if !self.is_stream() => Some(0),
            _ => None,
        }
    }
}

/// The formats that a client accepts, in order of preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accept(Vec<Format>);

impl Accept {
    /// Parses the headers of a request.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut accepted = items(headers, header::ACCEPT).peekable();
        if accepted.peek().is_none() {
            return Self(vec![Format::Json, Format::Response]);
        }
        let ranges: Vec<(Mime, u16)> = accepted.filter_map(|item| Some((item.parse().ok()?, weight(item)))).collect();
        let mut formats: Vec<_> = Format::ALL
            .into_iter()
            .filter_map(|format| {
                let matching = ranges.iter().enumerate().filter_map(|(place, (range, weight))| {
                    let specificity = format.specificity(range)?;
                    Some((specificity, Reverse(place), *weight))
                });
                // The most specific range decides; among several, the first.
                let (specificity, Reverse(place), weight) = matching.max()?;
                (weight > 0).then_some((Reverse((weight, specificity)), place, format))
            })
            .collect();
        formats.sort_by_key(|(preference, place, _)| (*preference, *place));
        Self(formats.into_iter().map(|(_, _, format)| format).collect())
    }

    /// The preferred format.
    pub(super) fn best(&self) -> Option<Format> {
        self.0.first().copied()
    }

    /// The preferred format for a stream of results.
    pub(super) fn best_stream(&self) -> Option<Format> {
        self.0.iter().copied().find(|format| format.is_stream())
    }

    /// The preferred format for a single result, or JSON if the client accepts none. Also used for errors.
    pub(super) fn best_single(&self) -> Format {
        self.0.iter().copied().find(|format| !format.is_stream()).unwrap_or(Format::Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(values: &[&'static str]) -> Accept {
        let lines = values.iter().map(|line| (header::ACCEPT, HeaderValue::from_static(line)));
        Accept::of(&lines.collect())
    }

    #[test]
    fn without_accept_or_with_a_wildcard_the_format_is_json() {
        for values in
            [&[][..], &[""], &["*/*"], &["application/*"], &["text/html, */*;q=0.8"], &["application/json, text/plain, */*"]]
        {
            assert_eq!(accept(values).best(), Some(Format::Json), "{values:?}");
            assert_eq!(accept(values).best_stream(), None, "{values:?}");
        }
    }

    #[test]
    fn the_highest_weight_wins_and_among_equals_the_first() {
        for (values, format) in [
            ("application/graphql-response+json, application/json", Format::Response),
            ("application/json, application/graphql-response+json", Format::Json),
            ("application/json;q=0.9, application/graphql-response+json", Format::Response),
            ("application/graphql-response+json;q=0.2, application/json;q=0.3", Format::Json),
            ("*/*, application/graphql-response+json", Format::Response),
            ("application/json;q=0, */*", Format::Response),
            ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Format::Response),
            ("text/event-stream", Format::EventStream),
            ("TEXT/Event-Stream", Format::EventStream),
            (r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json"#, Format::Multipart),
            ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9", Format::Multipart),
            (r#"multipart/mixed;boundary="a,b";subscriptionSpec="1.0";q=0.1, application/json"#, Format::Json),
            ("application/json, multipart/mixed", Format::Json),
        ] {
            assert_eq!(accept(&[values]).best(), Some(format), "{values}");
        }
        assert_eq!(accept(&["application/json;q=0.5", "application/graphql-response+json"]).best(), Some(Format::Response));
    }

    #[test]
    fn a_stream_is_found_after_preferred_formats() {
        let accept = accept(&["application/graphql-response+json, application/json, text/event-stream, multipart/mixed"]);
        assert_eq!((accept.best(), accept.best_stream()), (Some(Format::Response), Some(Format::EventStream)));
    }

    #[test]
    fn an_unavailable_format_is_not_accepted() {
        for values in [
            "text/html",
            "application/xml;q=0.9",
            "multipart/mixed",
            "multipart/mixed;deferSpec=20220824",
            "application/json;q=0",
            "application/json;charset=latin1",
            "text/*",
            "nonsense",
        ] {
            assert_eq!(accept(&[values]).best(), None, "{values}");
            assert_eq!(accept(&[values]).best_single(), Format::Json, "{values}");
        }
    }
}
