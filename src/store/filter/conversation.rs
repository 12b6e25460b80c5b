//! Conversations.

use entity::{
    assignee,
    conversation::{self, Column},
    customer, staff,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, SelectStatement, SimpleExpr},
};

use super::{
    Dialect, all,
    comparator::{Text, flag, ids, ints, times, truth, words},
    list, logic, one_of, relation,
};
use crate::{
    domain::{filter::ConversationFilter, words::UNKNOWN_PLATFORM},
    store::page::unindexed,
};

pub(super) fn condition(filter: &ConversationFilter, sql: Dialect) -> Option<SimpleExpr> {
    let column = |column: Column| column.into_expr();
    let mut parts = logic(&filter.logic, |nested| condition(nested, sql));
    parts.extend(filter.id.iter().flat_map(|is| ids(&column(Column::Id), is)));
    parts.extend(filter.customer_id.iter().flat_map(|is| ids(&column(Column::CustomerId), is)));
    parts.extend(filter.platform.iter().flat_map(|is| words(&column(Column::Platform), is)));
    parts.extend(filter.chat_mode.iter().flat_map(|is| words(&column(Column::ChatMode), is)));
    parts.extend(filter.is_closed.iter().flat_map(|is| flag(Column::IsClosed, is)));
    parts.extend(filter.started_at.iter().flat_map(|is| times(&column(Column::StartedAt), is)));
    parts.extend(filter.last_message_at.iter().flat_map(|is| times(&column(Column::LastMessageAt), is)));
    // Nearly all or nearly none have unread messages; the page is read in its own order.
    parts.extend(filter.unread_count.iter().flat_map(|is| ints(&unindexed(Column::UnreadCount), is)));
    parts.extend(filter.has_customer.iter().flat_map(|is| truth(&column(Column::CustomerId).is_not_null(), is)));
    if let Some(is) = &filter.platform_name {
        let known: SimpleExpr = Func::coalesce([column(Column::PlatformName), Expr::value(UNKNOWN_PLATFORM)]).into();
        parts.extend(Text::from_exprs(known, column(Column::PlatformNameFolded)).filter(is, sql));
    }
    for (is, raw, folded) in [
        (&filter.contact_id, Column::ContactId, Column::ContactIdFolded),
        (&filter.contact_name, Column::ContactName, Column::ContactNameFolded),
    ] {
        parts.extend(is.iter().flat_map(|is| Text::of(raw, folded).filter(is, sql)));
    }
    let channel = Text::of(Column::ChannelId, Column::ChannelIdFolded).of_many_rows();
    parts.extend(filter.channel_id.iter().flat_map(|is| channel.filter(is, sql)));
    if let Some(assignees) = &filter.assignees {
        let members = one_of(assignee::Entity)
            .inner_join(staff::Entity, staff::Column::Id.into_expr().eq(assignee::Column::StaffId.into_expr()))
            .and_where(assignee::Column::ConversationId.into_expr().eq(column(Column::Id)))
            .to_owned();
        parts.extend(list(assignees, &members, |nested| super::staff::condition(nested, sql)));
    }
    if let Some(of) = &filter.customer {
        let thing =
            one_of(customer::Entity).and_where(customer::Column::Id.into_expr().eq(column(Column::CustomerId))).to_owned();
        parts.push(relation(thing, super::customer::condition(of, sql)));
    }
    if let Some(messages) = &filter.messages {
        parts.extend(list(messages, &super::message::of_conversation(), |nested| super::message::condition(nested, sql)));
    }
    all(parts)
}

/// The conversations of a customer, as members of a list relation.
pub(super) fn of_customer() -> SelectStatement {
    one_of(conversation::Entity).and_where(Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr())).to_owned()
}
