//! Live statistics: the rows of a statistic, kept up to date.
//!
//! The arguments are those of the statistics of queries, and are read by the same code. The rows are counted by whoever executes
//! the subscription; a field answers with the payload that it was [given].
//!
//! [given]: super::given

use std::borrow::Cow;

use async_graphql::{OutputType, SimpleObject, TypeName};
use futures_util::stream::BoxStream;

use super::{answered, given};
use crate::graphql::{
    error::Result,
    statistics::{ConversationStats, MessageStats, TicketStats, statistics_fields},
};

/// The live statistics, to be merged into the subscription root.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LiveStatistics;

statistics_fields! {
    #[async_graphql::Subscription]
    LiveStatistics {
        /// Counts messages as `messageStats` does, and again when the result has changed, at most once a second. The first payload is
        /// the result at the start; each payload has all rows.
        message_stats_live(by MessageDimension where MessageFilter) -> [Result<BoxStream<'static, Result<LiveRows<MessageStats>>>>]
            |ctx, _filter, _grouping| Ok(answered(given(ctx)));
        /// Counts conversations as `conversationStats` does, and again when the result has changed, at most once a second. The first
        /// payload is the result at the start; each payload has all rows.
        conversation_stats_live(by ConversationDimension where ConversationFilter)
            -> [Result<BoxStream<'static, Result<LiveRows<ConversationStats>>>>]
            |ctx, _filter, _grouping| Ok(answered(given(ctx)));
        /// Counts tickets as `ticketStats` does, and again when the result has changed, at most once a second. The first payload is
        /// the result at the start; each payload has all rows. What is overdue follows the clock.
        ticket_stats_live(by TicketDimension where TicketFilter) -> [Result<BoxStream<'static, Result<LiveRows<TicketStats>>>>]
            |ctx, _filter, _grouping| Ok(answered(given(ctx)));
    }
}

/// A payload of a live statistic: what the corresponding statistic answers at `cursor`. It replaces the previous payload.
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
