//! Messages.

use entity::{
    conversation, customer,
    message::{self, Column},
    read_by, staff,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{ExprTrait, SimpleExpr},
};

use super::{
    Dialect, all,
    comparator::{Text, flag, ids, times, truth, words},
    list, logic, one_of, relation,
};
use crate::{
    domain::filter::MessageFilter,
    store::search::{self, Searched},
};

pub(super) fn condition(filter: &MessageFilter, sql: Dialect) -> Option<SimpleExpr> {
    let column = |column: Column| column.into_expr();
    let mut parts = logic(&filter.logic, |nested| condition(nested, sql));
    parts.extend(filter.id.iter().flat_map(|is| ids(&column(Column::Key), is)));
    parts.extend(filter.conversation_id.iter().flat_map(|is| ids(&column(Column::ConversationId), is)));
    parts.extend(filter.customer_id.iter().flat_map(|is| ids(&column(Column::CustomerId), is)));
    parts.extend(filter.platform.iter().flat_map(|is| words(&column(Column::Platform), is)));
    parts.extend(filter.outbound.iter().flat_map(|is| words(&column(Column::Outbound), is)));
    parts.extend(filter.kind.iter().flat_map(|is| words(&column(Column::TypeKey), is)));
    parts.extend(filter.is_read.iter().flat_map(|is| flag(Column::IsRead, is)));
    parts.extend(filter.sent_at.iter().flat_map(|is| times(&column(Column::SentAt), is)));
    parts.extend(filter.has_attachments.iter().flat_map(|is| truth(&column(Column::Attachments).is_not_null(), is)));
    for (is, raw, folded) in [
        (&filter.platform_name, Column::PlatformName, Column::PlatformNameFolded),
        (&filter.type_name, Column::TypeName, Column::TypeNameFolded),
        (&filter.text, Column::Text, Column::TextFolded),
        (&filter.sender_id, Column::SenderId, Column::SenderIdFolded),
        (&filter.sender_name, Column::SenderName, Column::SenderNameFolded),
    ] {
        parts.extend(is.iter().flat_map(|is| Text::of(raw, folded).filter(is, sql)));
    }
    let channel = Text::of(Column::ChannelId, Column::ChannelIdFolded).of_many_rows();
    parts.extend(filter.channel_id.iter().flat_map(|is| channel.filter(is, sql)));
    parts.extend(filter.search.as_deref().map(|text| search::condition(Searched::Message, text, sql)));
    if let Some(readers) = &filter.read_by {
        let members = one_of(read_by::Entity)
            .inner_join(staff::Entity, staff::Column::Id.into_expr().eq(read_by::Column::StaffId.into_expr()))
            .and_where(read_by::Column::MessageKey.into_expr().eq(column(Column::Key)))
            .to_owned();
        parts.extend(list(readers, &members, |nested| super::staff::condition(nested, sql)));
    }
    if let Some(of) = &filter.conversation {
        let thing = one_of(conversation::Entity)
            .and_where(conversation::Column::Id.into_expr().eq(column(Column::ConversationId)))
            .to_owned();
        parts.push(relation(thing, super::conversation::condition(of, sql)));
    }
    if let Some(of) = &filter.customer {
        let thing =
            one_of(customer::Entity).and_where(customer::Column::Id.into_expr().eq(column(Column::CustomerId))).to_owned();
        parts.push(relation(thing, super::customer::condition(of, sql)));
    }
    all(parts)
}

/// The messages of a conversation or a customer, as members of a list relation.
pub(super) fn of_conversation() -> sea_orm::sea_query::SelectStatement {
    one_of(message::Entity).and_where(Column::ConversationId.into_expr().eq(conversation::Column::Id.into_expr())).to_owned()
}
