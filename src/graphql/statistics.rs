//! The statistics: fields of the query root, and what they can be grouped by.

mod rows;

use async_graphql::{Context, Enum, Object};
use chrono_tz::Tz;

use self::rows::{ConversationStats, MessageStats, TicketStats};
use super::{
    error::{Error, Limit, Result},
    filter::{ConversationFilter, FilterInput, MessageFilter, TicketFilter},
    request::RequestContext,
};
use crate::domain::{
    calendar,
    statistics::{self, Grouping, MAX_ROWS, MessageCounts},
};

/// The statistics, to be flattened into the query root.
pub(crate) struct Statistics;

#[Object]
impl Statistics {
    /// How many messages there are, in groups: one row for each group that has any, by time and then by the other dimensions.
    /// Without `groupBy` it is one row over all of them. More than 10,000 rows are refused.
    async fn message_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which messages are counted.")] filter: Option<MessageFilter>,
        #[graphql(desc = "By what messages are told apart.")] group_by: Option<Vec<MessageDimension>>,
        #[graphql(desc = "The length of a bucket of TIME. Without it, a DAY.")] interval: Option<Interval>,
        #[graphql(
            desc = "The zone of hours, days, weeks and months: an IANA name such as Europe/Berlin. Without it, the CRM's."
        )]
        time_zone: Option<String>,
    ) -> Result<Vec<MessageStats>> {
        let context = RequestContext::of(ctx);
        let filter = MessageFilter::of(filter, context.now())?;
        let grouping = grouping(ctx, group_by, MessageDimension::Time, interval, time_zone)?;
        let counts = MessageCounts {
            conversations: ctx.look_ahead().field("conversations").exists(),
            customers: ctx.look_ahead().field("customers").exists(),
        };
        rows(context.reader.message_stats(&filter, &grouping, counts).await?)
    }

    /// How many conversations there are, in groups: one row for each group that has any, by time (`startedAt`) and then by the
    /// other dimensions. Without `groupBy` it is one row over all of them. More than 10,000 rows are refused.
    async fn conversation_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conversations are counted.")] filter: Option<ConversationFilter>,
        #[graphql(desc = "By what conversations are told apart.")] group_by: Option<Vec<ConversationDimension>>,
        #[graphql(desc = "The length of a bucket of TIME. Without it, a DAY.")] interval: Option<Interval>,
        #[graphql(
            desc = "The zone of hours, days, weeks and months: an IANA name such as Europe/Berlin. Without it, the CRM's."
        )]
        time_zone: Option<String>,
    ) -> Result<Vec<ConversationStats>> {
        let context = RequestContext::of(ctx);
        let filter = ConversationFilter::of(filter, context.now())?;
        let grouping = grouping(ctx, group_by, ConversationDimension::Time, interval, time_zone)?;
        let first_response = ctx.look_ahead().field("firstResponseSeconds").exists();
        rows(context.reader.conversation_stats(&filter, &grouping, first_response).await?)
    }

    /// How many tickets there are, in groups: one row for each group that has any, by time (`createdAt`) and then by the other
    /// dimensions. Without `groupBy` it is one row over all of them. Deleted tickets are left out. More than 10,000 rows are
    /// refused.
    async fn ticket_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tickets are counted.")] filter: Option<TicketFilter>,
        #[graphql(desc = "By what tickets are told apart.")] group_by: Option<Vec<TicketDimension>>,
        #[graphql(desc = "The length of a bucket of TIME. Without it, a DAY.")] interval: Option<Interval>,
        #[graphql(
            desc = "The zone of hours, days, weeks and months: an IANA name such as Europe/Berlin. Without it, the CRM's."
        )]
        time_zone: Option<String>,
    ) -> Result<Vec<TicketStats>> {
        let context = RequestContext::of(ctx);
        let filter = TicketFilter::of(filter, context.now())?;
        let grouping = grouping(ctx, group_by, TicketDimension::Time, interval, time_zone)?;
        rows(context.reader.ticket_stats(&filter, &grouping, context.now()).await?)
    }
}

/// How rows are told apart, from the arguments that say so.
fn grouping<D: Copy + PartialEq, R: From<D>>(
    ctx: &Context<'_>,
    dimensions: Option<Vec<D>>,
    time: D,
    interval: Option<Interval>,
    zone: Option<String>,
) -> Result<Grouping<R>> {
    let dimensions = dimensions.unwrap_or_default();
    if interval.is_some() && !dimensions.contains(&time) {
        let message = "`interval` is the length of a bucket of time: expected TIME in `groupBy` with it".to_owned();
        return Err(Error::BadInput { argument: "interval".into(), message });
    }
    Ok(Grouping {
        dimensions: dimensions.into_iter().map(Into::into).collect(),
        interval: interval.map_or(calendar::Interval::Day, Into::into),
        zone: zone.map_or_else(|| Ok(RequestContext::of(ctx).reader.zone()), |name| zone_named(&name))?,
    })
}

fn zone_named(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| {
        let shown: String = name.chars().take(64).collect();
        let message = format!("`{shown}` is not a time zone: expected an IANA name such as Asia/Ho_Chi_Minh or UTC");
        Error::BadInput { argument: "timeZone".into(), message }
    })
}

/// The rows as they are shown, unless they are too many.
fn rows<R, S: From<R>>(rows: Vec<R>) -> Result<Vec<S>> {
    if rows.len() > MAX_ROWS {
        let (limit, argument) = (Limit::StatisticsRows, "groupBy".into());
        return Err(Error::TooMuch { limit, argument, allowed: MAX_ROWS, requested: rows.len() });
    }
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The length of a bucket of time. Buckets follow the calendar of the time zone, also where clocks change; those in which there
/// is nothing are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "calendar::Interval")]
pub(crate) enum Interval {
    /// An hour. One that is repeated when clocks go back is two buckets.
    Hour,
    /// A day, from midnight to midnight.
    Day,
    /// A week, from Monday to Sunday.
    Week,
    /// A month.
    Month,
}

/// By what messages can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::MessageDimension")]
pub(crate) enum MessageDimension {
    /// By `sentAt`, in buckets of `interval`.
    Time,
    /// By platform.
    Platform,
    /// By the business's account they went through.
    Channel,
    /// By type.
    Type,
    /// By who sent them.
    Direction,
}

/// By what conversations can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::ConversationDimension")]
pub(crate) enum ConversationDimension {
    /// By `startedAt`, in buckets of `interval`.
    Time,
    /// By platform.
    Platform,
    /// By the business's account they go through.
    Channel,
    /// By the staff members they are assigned to: a conversation counts under each of them.
    Assignee,
    /// By whether they are closed.
    IsClosed,
}

/// By what tickets can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "statistics::TicketDimension")]
pub(crate) enum TicketDimension {
    /// By `createdAt`, in buckets of `interval`.
    Time,
    /// By level.
    Level,
    /// By status.
    Status,
    /// By who is in charge.
    Assignee,
    /// By store.
    Store,
    /// By the CRM's id of the type.
    Type,
}
