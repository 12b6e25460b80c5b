//! Messages.

use entity::{message::Column, staff};
use sea_orm::{
    ColumnTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};

use super::{Compiler, Stored, Table, View};
use crate::{
    domain::{
        filter::{MessageField, MessageRelation, Messages},
        time::Timestamp,
    },
    store::search::{self, Searched},
};

impl Table for Messages {
    fn stored(field: MessageField, _: Timestamp, view: View) -> Stored {
        match field {
            MessageField::Id => Stored::plain(Column::Key),
            MessageField::ConversationId => Stored::plain(Column::ConversationId),
            MessageField::CustomerId => Stored::link(Column::CustomerId, view),
            MessageField::Platform => Stored::platform(Column::Platform),
            MessageField::PlatformName => Stored::text(Column::PlatformName, Column::PlatformNameFolded),
            MessageField::Direction => Stored::flag(Column::Outbound),
            MessageField::Type => Stored::reading(Column::TypeKey),
            MessageField::TypeName => Stored::text(Column::TypeName, Column::TypeNameFolded),
            MessageField::Text => Stored::text(Column::Text, Column::TextFolded),
            MessageField::IsRead => Stored::flag(Column::IsRead),
            MessageField::SentAt => Stored::plain(Column::SentAt),
            MessageField::CreatedAt => Stored::plain(Column::CreatedAt),
            MessageField::SenderId => Stored::text(Column::SenderId, Column::SenderIdFolded),
            MessageField::SenderName => Stored::text(Column::SenderName, Column::SenderNameFolded),
            MessageField::ChannelId => Stored::shared_text(Column::ChannelId, Column::ChannelIdFolded),
            MessageField::HasAttachments => Stored::Condition(Column::Attachments.into_expr().is_not_null()),
        }
    }

    fn related(relation: &MessageRelation, compiler: Compiler) -> Option<SimpleExpr> {
        match relation {
            MessageRelation::ReadBy(staff_members) => {
                let readers = Alias::new("readers");
                let is_reader = staff::Column::Id.into_expr().eq(Expr::col((readers.clone(), Alias::new("value"))));
                let rows = Query::select()
                    .expr(Expr::value(1))
                    .from_function(compiler.view.sql.elements(Column::ReadBy.into_expr()), readers)
                    .inner_join(staff::Entity, is_reader)
                    .to_owned();
                compiler.many(&rows, staff_members)
            }
            MessageRelation::Search(words) => Some(search::condition(Searched::Message, words, compiler.view)),
            MessageRelation::Conversation(conversation) => {
                Some(compiler.one(compiler.conversation(Column::ConversationId), conversation))
            }
            MessageRelation::Customer(customer) => Some(compiler.one(compiler.linked_customer(Column::CustomerId), customer)),
        }
    }
}
