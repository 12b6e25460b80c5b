//! `/graphql`: queries by POST and GET, the page for browsers, WebSocket by upgrade; and the SDL.

use std::sync::Arc;

use async_graphql::Executor as _;
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{
    extract::{FromRequest, Request, State, ws::WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{Method, header},
    response::{IntoResponse, Response},
};

use super::{App, graphiql, problem, text, websocket};
use crate::{domain::scope::Scope, graphql};

/// The sockets over this schema.
pub type Sockets = websocket::Sockets<graphql::Api>;

/// What `/graphql` needs.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) schema: graphql::Api,
    pub(super) sockets: Sockets,
}

/// The sockets of a app.
pub(super) fn sockets(app: &App) -> Sockets {
    let origins = app.origins.clone();
    let data: websocket::OperationData = Arc::new(|| graphql::request_data(Scope::Everything));
    let hooks = websocket::Hooks {
        allow_origin: Box::new(move |headers| origins.allows_handshake(headers)),
        admit: Box::new(move |_, _| Ok(data.clone())),
    };
    websocket::Sockets::new(app.schema.clone(), app.websocket.clone(), hooks, app.stop.clone())
}

/// `GET` and `POST /graphql`.
pub(super) async fn serve(
    State(api): State<Api>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    if let Ok(upgrade) = upgrade {
        return api.sockets.upgrade(request.headers().clone(), upgrade);
    }
    if request.method() == Method::GET && wants_page(&request) {
        return graphiql::page(request.headers());
    }
    match GraphQLRequest::<async_graphql_axum::rejection::GraphQLRejection>::from_request(request, &()).await {
        Ok(request) => {
            let mut request = request.into_inner();
            request.data = graphql::request_data(Scope::Everything);
            GraphQLResponse::from(api.schema.execute(request).await).into_response()
        }
        Err(rejection) => {
            let response = rejection.into_response();
            problem(
                response.status(),
                "expected a GraphQL request: JSON with `query`, and optionally `variables` and `operationName`",
            )
        }
    }
}

/// Whether a browser asks for a page, rather than a client for data.
fn wants_page(request: &Request) -> bool {
    let accepts = text(request.headers(), header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"));
    accepts && !request.uri().query().is_some_and(|query| query.contains("query="))
}

/// `GET /schema.graphql`
pub(super) async fn sdl() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], graphql::sdl()).into_response()
}
