//! Conversations.

use entity::{assignee, conversation::Column, staff};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::{Compiler, Stored, Table, View, one_of, stored::Text};
use crate::{
    domain::{
        filter::{ConversationField, ConversationRelation, Conversations},
        time::Timestamp,
        words::UNKNOWN_PLATFORM,
    },
    store::page::unindexed,
};

impl Table for Conversations {
    fn stored(field: ConversationField, _: Timestamp, view: View) -> Stored {
        match field {
            ConversationField::Id => Stored::plain(Column::Id),
            ConversationField::CustomerId => Stored::link(Column::CustomerId, view),
            ConversationField::Platform => Stored::platform(Column::Platform),
            ConversationField::PlatformName => {
                let known = Func::coalesce([Column::PlatformName.into_expr(), Expr::value(UNKNOWN_PLATFORM)]);
                Stored::Text(Text::new(known.into(), Column::PlatformNameFolded.into_expr()))
            }
            ConversationField::ChannelId => Stored::shared_text(Column::ChannelId, Column::ChannelIdFolded),
            ConversationField::IsClosed => Stored::flag(Column::IsClosed),
            ConversationField::ChatMode => Stored::chat_mode(Column::ChatMode),
            ConversationField::ContactId => Stored::text(Column::ContactId, Column::ContactIdFolded),
            ConversationField::ContactName => Stored::text(Column::ContactName, Column::ContactNameFolded),
            ConversationField::AssignedAt => Stored::plain(Column::AssignedAt),
            ConversationField::StartedAt => Stored::plain(Column::StartedAt),
            ConversationField::LastMessageAt => Stored::plain(Column::LastMessageAt),
            ConversationField::MessageCount => Stored::plain(Column::MessageCount),
            // Nearly all or nearly no conversations have unread messages, so the page is read in its sort order.
            ConversationField::UnreadCount => Stored::Plain(unindexed(Column::UnreadCount)),
            ConversationField::HasCustomer => Stored::Condition(Column::CustomerId.into_expr().is_not_null()),
        }
    }

    fn related(relation: &ConversationRelation, compiler: Compiler) -> Option<SimpleExpr> {
        match relation {
            ConversationRelation::Assignees(staff_members) => {
                let rows = one_of(assignee::Entity)
                    .inner_join(staff::Entity, staff::Column::Id.into_expr().eq(assignee::Column::StaffId.into_expr()))
                    .and_where(assignee::Column::ConversationId.into_expr().eq(Column::Id.into_expr()))
                    .to_owned();
                compiler.many(&rows, staff_members)
            }
            ConversationRelation::Customer(customer) => {
                Some(compiler.one(compiler.linked_customer(Column::CustomerId), customer))
            }
            ConversationRelation::Messages(messages) => compiler.many(&compiler.messages_of_conversation(), messages),
        }
    }
}
