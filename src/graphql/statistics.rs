//! Statistics: counts of messages, conversations, tickets and customers, grouped in the database by the requested dimensions.

mod rows;

use async_graphql::{Context, Enum, Object};

pub(super) use self::rows::{ConversationStats, CustomerStats, MessageStats, TicketStats};
use super::{
    error::{Error, Limit, Result},
    request::RequestContext,
};
use crate::domain::{
    calendar,
    statistics::{self, Grouping, MAX_ROWS, MessageCounts},
    zone::Zone,
};

/// The statistics, to be flattened into the query root.
pub(crate) struct Statistics;

/// Declares statistics fields with their common arguments. The attribute is the async-graphql macro that turns methods into
/// fields. The arguments are parsed and checked before the field's body, which gets the context, the filter and the grouping.
macro_rules! statistics_fields {
    (#[$attribute:meta] $(#[$doc:meta])* $name:ident {$(
        $(#[$field_doc:meta])*
        $field:ident(by $dimension:ident where $input:ident) -> [$($answer:tt)+]
            |$ctx:ident, $filter:ident, $grouping:ident| $body:expr;
    )+}) => {
        #[$attribute]
        $(#[$doc])*
        impl $name {$(
            $(#[$field_doc])*
            async fn $field(
                &self,
                $ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Counts only objects that match. Default: all.")]
                filter: Option<$crate::graphql::filter::$input>,
                #[graphql(desc = "The dimensions to group by. Default: none, which gives one row.")]
                group_by: Option<Vec<$crate::graphql::statistics::$dimension>>,
                #[graphql(desc = "The size of the time buckets. Default: `DAY`. Requires `TIME` in `groupBy`.")]
                interval: Option<$crate::graphql::statistics::Interval>,
                #[graphql(
                    desc = "The time zone of the buckets: an IANA name such as `Europe/Berlin`. Default: the time zone of the CRM."
                )]
                time_zone: Option<String>,
            ) -> $($answer)+ {
                let now = $crate::graphql::request::RequestContext::of($ctx).now();
                let $filter = $crate::graphql::filter::$input::of(filter, now)?;
                let time = $crate::graphql::statistics::$dimension::Time;
                let $grouping: $crate::domain::statistics::Grouping<$crate::domain::statistics::$dimension> =
                    $crate::graphql::statistics::grouping($ctx, group_by, time, interval, time_zone)?;
                $body
            }
        )+}
    };
}
pub(super) use statistics_fields;

statistics_fields! {
    #[Object]
    Statistics {
        /// Counts messages by the dimensions in `groupBy`. Returns one row per group that has any messages, ordered by time
        /// (`sentAt`) and then by the other dimensions; without `groupBy`, one row for all messages. A result of more than 10,000
        /// rows is an error.
        message_stats(by MessageDimension where MessageFilter) -> [Result<Vec<MessageStats>>] |ctx, filter, grouping| {
            let counts = MessageCounts {
                conversations: ctx.look_ahead().field("conversations").exists(),
                customers: ctx.look_ahead().field("customers").exists(),
            };
            rows(RequestContext::of(ctx).reader.message_stats(&filter, &grouping, counts).await?)
        };
        /// Counts conversations by the dimensions in `groupBy`. Returns one row per group that has any conversations, ordered by
        /// time (`startedAt`) and then by the other dimensions; without `groupBy`, one row for all conversations. A result of more
        /// than 10,000 rows is an error.
        conversation_stats(by ConversationDimension where ConversationFilter) -> [Result<Vec<ConversationStats>>]
            |ctx, filter, grouping| {
                let first_response = ctx.look_ahead().field("firstResponseSeconds").exists();
                rows(RequestContext::of(ctx).reader.conversation_stats(&filter, &grouping, first_response).await?)
            };
        /// Counts tickets, except deleted ones, by the dimensions in `groupBy`. Returns one row per group that has any tickets,
        /// ordered by time (`createdAt`) and then by the other dimensions; without `groupBy`, one row for all tickets. A result of
        /// more than 10,000 rows is an error.
        ticket_stats(by TicketDimension where TicketFilter) -> [Result<Vec<TicketStats>>] |ctx, filter, grouping| {
            rows(RequestContext::of(ctx).reader.ticket_stats(&filter, &grouping).await?)
        };
        /// Counts customers, except deleted ones, by the dimensions in `groupBy`. Returns one row per group that has any customers,
        /// ordered by time (`createdAt`) and then by the other dimensions; without `groupBy`, one row for all customers. A result
        /// of more than 10,000 rows is an error.
        customer_stats(by CustomerDimension where CustomerFilter) -> [Result<Vec<CustomerStats>>] |ctx, filter, grouping| {
            rows(RequestContext::of(ctx).reader.customer_stats(&filter, &grouping).await?)
        };
    }
}

/// Parses the arguments that define the grouping.
pub(super) fn grouping<D: Copy + PartialEq, R: From<D>>(
    ctx: &Context<'_>,
    dimensions: Option<Vec<D>>,
    time: D,
    interval: Option<Interval>,
    zone: Option<String>,
) -> Result<Grouping<R>> {
    let dimensions = dimensions.unwrap_or_default();
    if interval.is_some() && !dimensions.contains(&time) {
        let message = "`interval` requires TIME in `groupBy`".to_owned();
        return Err(Error::BadInput { argument: "interval".into(), message });
    }
    Ok(Grouping {
        dimensions: dimensions.into_iter().map(Into::into).collect(),
        interval: interval.map_or(calendar::Interval::Day, Into::into),
        zone: zone.map_or_else(|| Ok(RequestContext::of(ctx).reader.zone().clone()), |name| zone_named(&name))?,
    })
}

fn zone_named(name: &str) -> Result<Zone> {
    Zone::named(name).ok_or_else(|| {
        let shown: String = name.chars().take(64).collect();
        let message = format!("`{shown}` is not a time zone: expected an IANA name such as Asia/Ho_Chi_Minh or UTC");
        Error::BadInput { argument: "timeZone".into(), message }
    })
}

/// Converts the rows; an error if there are too many.
pub(super) fn rows<R, S: From<R>>(rows: Vec<R>) -> Result<Vec<S>> {
    if rows.len() > MAX_ROWS {
        let (limit, argument) = (Limit::StatisticsRows, "groupBy".into());
        return Err(Error::TooMuch { limit, argument, allowed: MAX_ROWS, requested: rows.len() });
    }
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The size of a time bucket. Buckets follow the calendar of the time zone, including daylight saving time. Empty buckets are left
/// out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "calendar::Interval")]
pub(crate) enum Interval {
    /// One hour. An hour that repeats when clocks go back counts as two buckets.
    Hour,
    /// One day, from midnight to midnight.
    Day,
    /// One week, from Monday to Sunday.
    Week,
    /// One calendar month.
    Month,
}

/// A dimension to group messages by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::MessageDimension")]
pub(crate) enum MessageDimension {
    /// By `sentAt`, in buckets of `interval`.
    Time,
    /// By platform.
    Platform,
    /// By channel: the business account that the message went through.
    Channel,
    /// By type of content.
    Type,
    /// By direction: inbound or outbound.
    Direction,
}

/// A dimension to group conversations by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::ConversationDimension")]
pub(crate) enum ConversationDimension {
    /// By `startedAt`, in buckets of `interval`.
    Time,
    /// By platform.
    Platform,
    /// By channel: the business account that the conversation goes through.
    Channel,
    /// By assigned staff member. A conversation with several assignees counts once for each of them.
    Assignee,
    /// By whether the conversation is closed.
    IsClosed,
}

/// A dimension to group tickets by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::TicketDimension")]
pub(crate) enum TicketDimension {
    /// By `createdAt`, in buckets of `interval`.
    Time,
    /// By level.
    Level,
    /// By status.
    Status,
    /// By responsible staff member.
    Assignee,
    /// By the CRM's id of the store.
    Store,
    /// By the CRM's id of the ticket type.
    Type,
}

/// A dimension to group customers by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::CustomerDimension")]
pub(crate) enum CustomerDimension {
    /// By `createdAt`, in buckets of `interval`.
    Time,
    /// By name of status. A customer with several statuses counts once for each of their names.
    Status,
    /// By the staff member who manages them.
    Manager,
    /// By mobile carrier of the phone number.
    Telco,
}
