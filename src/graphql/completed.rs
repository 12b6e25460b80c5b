//! The last step of every response: adds nulls for failed fields, restores the order of the selection, and gives every error a
//! code.

use async_graphql::{Response, Value};

use super::{
    document::Document,
    error::{with_code, with_request},
    request_id::RequestId,
    response_order,
};

/// Completes a response.
pub(super) fn completed(mut response: Response, id: &RequestId, document: Option<&Document>) -> Response {
    response_order::with_nulls(&mut response.data, &response.errors);
    if let (Some(document), Value::Object(_)) = (document, &response.data) {
        document.order().apply(&mut response.data);
    }
    for error in &mut response.errors {
        with_code(error);
        with_request(error, id);
    }
    response
}
