//! Live statistics: the rows of a statistic, kept up to date.
//!
//! The arguments are those of the statistics queries, and are parsed by the same code. `live` decides when to compute: a field
//! returns rows only if it was [given] a cursor.
//!
//! [given]: super::given

use std::borrow::Cow;

use async_graphql::{OutputType, SimpleObject, TypeName};
use futures_util::stream::BoxStream;

use super::{answered, given};
use crate::domain::statistics::MessageCounts;
use crate::graphql::{
    error::Result,
    request::RequestContext,
    statistics::{ConversationStats, MessageStats, TicketStats, rows, statistics_fields},
};

/// In a request's data: compute the rows now, for a payload with this cursor.
pub(in crate::graphql) struct CountedAt(pub(in crate::graphql) String);

/// The live statistics, to be merged into the subscription root.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LiveStatistics;

statistics_fields! {
    #[async_graphql::Subscription]
    LiveStatistics {
        /// Counts messages as `messageStats` does, and again when the result has changed, at most once a second. The first payload is
        /// the result at the start; each payload has all rows.
        message_stats_live(by MessageDimension where MessageFilter) -> [Result<BoxStream<'static, Result<LiveRows<MessageStats>>>>]
            |ctx, filter, grouping| {
                let Some(CountedAt(cursor)) = given(ctx) else { return Ok(answered(None)) };
                let selected = ctx.look_ahead().field("rows");
                let counts = MessageCounts {
                    conversations: selected.field("conversations").exists(),
                    customers: selected.field("customers").exists(),
                };
                let counted = RequestContext::of(ctx).reader.message_stats(&filter, &grouping, counts).await?;
                Ok(answered(Some(LiveRows { cursor, rows: rows(counted)? })))
            };
        /// Counts conversations as `conversationStats` does, and again when the result has changed, at most once a second. The first
        /// payload is the result at the start; each payload has all rows.
        conversation_stats_live(by ConversationDimension where ConversationFilter)
            -> [Result<BoxStream<'static, Result<LiveRows<ConversationStats>>>>]
            |ctx, filter, grouping| {
                let Some(CountedAt(cursor)) = given(ctx) else { return Ok(answered(None)) };
                let first_response = ctx.look_ahead().field("rows").field("firstResponseSeconds").exists();
                let counted = RequestContext::of(ctx).reader.conversation_stats(&filter, &grouping, first_response).await?;
                Ok(answered(Some(LiveRows { cursor, rows: rows(counted)? })))
            };
        /// Counts tickets as `ticketStats` does, and again when the result has changed, at most once a second. The first
        /// payload is the result at the start; each payload has all rows. The count `overdue` follows the clock.
        ticket_stats_live(by TicketDimension where TicketFilter) -> [Result<BoxStream<'static, Result<LiveRows<TicketStats>>>>]
            |ctx, filter, grouping| {
                let Some(CountedAt(cursor)) = given(ctx) else { return Ok(answered(None)) };
                let counted = RequestContext::of(ctx).reader.ticket_stats(&filter, &grouping).await?;
                Ok(answered(Some(LiveRows { cursor, rows: rows(counted)? })))
            };
    }
}

/// A payload of a live statistic: the result of the corresponding statistic at `cursor`. It replaces the previous payload.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(in crate::graphql) struct LiveRows<T: OutputType> {
    /// The cursor at which the rows were counted: they contain all changes up to it.
    pub(in crate::graphql) cursor: String,
    /// All rows: replace what you have.
    pub(in crate::graphql) rows: Vec<T>,
}

impl<T: OutputType> TypeName for LiveRows<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Live", T::type_name()).into()
    }
}
