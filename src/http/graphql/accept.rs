//! Which form of an answer a client takes, by its `Accept` header.
//!
//! Among what is taken, the form with the highest `q` wins, then the one that was named most exactly, then the one named
//! first. A wildcard never means a stream: a client that takes anything does not expect an answer without an end. A client
//! that does not say what it takes gets `application/json`, which every one of them can read.

use axum::http::{HeaderMap, HeaderValue, header};
use mime::{Mime, Name};

use crate::http::header_list::{items, weight};

/// A form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `application/json`
    Json,
    /// `application/graphql-response+json`
    Response,
    /// `text/event-stream`
    Events,
    /// `multipart/mixed` as Apollo's subscription protocol wants it
    Parts,
}

impl Form {
    const ALL: [Self; 4] = [Self::Json, Self::Response, Self::Events, Self::Parts];

    /// Whether it can hold more than one result.
    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::Events | Self::Parts)
    }

    /// The `Content-Type` of such an answer.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Events => "text/event-stream; charset=utf-8",
            Self::Parts => r#"multipart/mixed; boundary="graphql"; subscriptionSpec="1.0""#,
        })
    }

    /// How exactly a media range names this form, if it does.
    fn exactness(self, range: &Mime) -> Option<u8> {
        let names = |kind: Name<'_>, subtype: &str| range.type_() == kind && range.essence_str().ends_with(subtype);
        let charset = range.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
        let exactly = match self {
            Self::Json => charset && names(mime::APPLICATION, "/json"),
            Self::Response => charset && names(mime::APPLICATION, "/graphql-response+json"),
            Self::Events => charset && names(mime::TEXT, "/event-stream"),
            Self::Parts => {
                names(mime::MULTIPART, "/mixed") && range.get_param("subscriptionspec").is_some_and(|spec| spec == "1.0")
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

/// The forms that a client takes, the one it likes most first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accept(Vec<Form>);

impl Accept {
    /// What a request's headers say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut said = items(headers, header::ACCEPT).peekable();
        if said.peek().is_none() {
            return Self(vec![Form::Json, Form::Response]);
        }
        let ranges: Vec<(Mime, u16)> = said.filter_map(|item| Some((item.parse().ok()?, weight(item)))).collect();
        let mut taken: Vec<_> = Form::ALL
            .into_iter()
            .filter_map(|form| {
                let named = ranges.iter().enumerate().filter_map(|(place, (range, _))| Some((form.exactness(range)?, place)));
                // The most exact range decides, and of several the first.
                let (exactness, place) = named.max_by_key(|(exactness, place)| (*exactness, std::cmp::Reverse(*place)))?;
                let quality = ranges[place].1;
                (quality > 0).then_some((std::cmp::Reverse((quality, exactness)), place, form))
            })
            .collect();
        taken.sort_by_key(|(liked, place, _)| (*liked, *place));
        Self(taken.into_iter().map(|(_, _, form)| form).collect())
    }

    /// The form for a result that is one.
    pub(super) fn best(&self) -> Option<Form> {
        self.0.first().copied()
    }

    /// The form for results that follow one another.
    pub(super) fn best_stream(&self) -> Option<Form> {
        self.0.iter().copied().find(|form| form.is_stream())
    }

    /// The form in which to say that a request can't be read.
    pub(super) fn best_whole(&self) -> Form {
        self.0.iter().copied().find(|form| !form.is_stream()).unwrap_or(Form::Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(said: &[&'static str]) -> Accept {
        let lines = said.iter().map(|line| (header::ACCEPT, HeaderValue::from_static(line)));
        Accept::of(&lines.collect())
    }

    #[test]
    fn who_says_nothing_or_anything_gets_json() {
        for said in
            [&[][..], &[""], &["*/*"], &["application/*"], &["text/html, */*;q=0.8"], &["application/json, text/plain, */*"]]
        {
            assert_eq!(accept(said).best(), Some(Form::Json), "{said:?}");
            assert_eq!(accept(said).best_stream(), None, "{said:?}");
        }
    }

    #[test]
    fn the_form_that_is_liked_most_wins_and_of_equals_the_first() {
        for (said, form) in [
            ("application/graphql-response+json, application/json", Form::Response),
            ("application/json, application/graphql-response+json", Form::Json),
            ("application/json;q=0.9, application/graphql-response+json", Form::Response),
            ("application/graphql-response+json;q=0.2, application/json;q=0.3", Form::Json),
            ("*/*, application/graphql-response+json", Form::Response),
            ("application/json;q=0, */*", Form::Response),
            ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Form::Response),
            ("text/event-stream", Form::Events),
            ("TEXT/Event-Stream", Form::Events),
            (r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json"#, Form::Parts),
            ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9", Form::Parts),
            (r#"multipart/mixed;boundary="a,b";subscriptionSpec="1.0";q=0.1, application/json"#, Form::Json),
            ("application/json, multipart/mixed", Form::Json),
        ] {
            assert_eq!(accept(&[said]).best(), Some(form), "{said}");
        }
        assert_eq!(accept(&["application/json;q=0.5", "application/graphql-response+json"]).best(), Some(Form::Response));
    }

    #[test]
    fn a_stream_is_found_behind_what_is_liked_more() {
        let accept = accept(&["application/graphql-response+json, application/json, text/event-stream, multipart/mixed"]);
        assert_eq!((accept.best(), accept.best_stream()), (Some(Form::Response), Some(Form::Events)));
    }

    #[test]
    fn what_cannot_be_given_is_not_taken() {
        for said in [
            "text/html",
            "application/xml;q=0.9",
            "multipart/mixed",
            "multipart/mixed;deferSpec=20220824",
            "application/json;q=0",
            "application/json;charset=latin1",
            "text/*",
            "nonsense",
        ] {
            assert_eq!(accept(&[said]).best(), None, "{said}");
            assert_eq!(accept(&[said]).best_whole(), Form::Json, "{said}");
        }
    }
}
