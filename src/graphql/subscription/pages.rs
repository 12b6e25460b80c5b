//! Live pages: lists that are kept up to date.
//!
//! The fields check their arguments like lists do. `live` determines the content of a page and the steps between pages, and
//! plans write them. The types here describe the payloads.

use std::borrow::Cow;

use async_graphql::{Context, Enum, ID, ObjectType, SimpleObject, TypeName};
use futures_util::stream::BoxStream;

use super::answered;
use crate::{
    domain::{
        page::{self, PageArgs},
        steps,
    },
    graphql::{
        connection::ListRequest,
        error::Result,
        filter,
        order::{Choice, ConversationOrder, CustomerOrder, MessageOrder, TicketOrder},
        request::RequestContext,
        types::{Conversation, Customer, Message, Ticket},
    },
    store::Parent,
};

/// The live pages, to be merged into the subscription root.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LivePages;

/// Declares live pages, each with its list and the type of its rows.
macro_rules! live_pages {
    ($(
        $(#[$doc:meta])*
        $field:ident(by $order:ident where $input:ident $(with $include_deleted:ident)?) => $node:ty;
    )+) => {
        #[async_graphql::Subscription]
        impl LivePages {$(
            $(#[$doc])*
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "The page has only items that match. Filters mean the same as in lists. Default: all.")]
                filter: Option<filter::$input>,
                #[graphql(desc = "The order of the list, of which the page has the first items.")]
                order_by: Option<$order>,
                #[graphql(desc = "The size of the page: at most 200. Default: 20.")]
                first: Option<i32>,
                #[graphql(
                    desc = "Resumes after this cursor, which is from an earlier payload, or from `head` in one query with the same \
                            list: the state that you have. If nothing on the page has changed since, the first payload has \
                            neither `page` nor `steps`. Otherwise it has `page`, as it has by default."
                )]
                after: Option<String>,
                $(
                    #[graphql(desc = "Whether to list and count deleted objects too: those with a `deletedAt`.", default)]
                    $include_deleted: bool,
                )?
            ) -> Result<BoxStream<'static, Result<LivePage<$node>>>> {
                let filter = filter::$input::of(filter, RequestContext::of(ctx).now())?;
                ListRequest::of(Parent::All, filter)
                    $(.with(|filter| filter.$include_deleted = $include_deleted))?
                    .sorted(order_by.map(Choice::<page::$order>::from))
                    .page(&PageArgs { first, ..PageArgs::default() })?;
                // `live` handles it.
                drop(after);
                Ok(answered(None))
            }
        )+}
    };
}

live_pages! {
    /// The first page of conversations, kept up to date, by default the one with the latest message first (`LAST_MESSAGE_AT`).
    conversations_live(by ConversationOrder where ConversationFilter) => Conversation;
    /// The first page of all messages of all conversations, kept up to date, by default latest first (`SENT_AT`).
    messages_live(by MessageOrder where MessageFilter) => Message;
    /// The first page of customers, kept up to date, by default newest first (`CREATED_AT`) and without deleted ones.
    customers_live(by CustomerOrder where CustomerFilter with include_deleted) => Customer;
    /// The first page of tickets, kept up to date, by default newest first (`CREATED_AT`) and without deleted ones. A filter by
    /// `isOverdue` follows the clock: a ticket enters or leaves the page when it becomes due.
    tickets_live(by TicketOrder where TicketFilter with include_deleted) => Ticket;
}

/// A payload of a live page: the whole page, or the steps from the previous page to the current one. Either way, the client's
/// page then has the same items, in the same order, as the corresponding list at `cursor`.
///
/// The first payload has `page`, unless the subscription resumed with `after` and nothing has changed. Every later payload has
/// either `steps`, to be applied one after another to the page that the client has, or `page` again, which replaces it. Several
/// changes close together may arrive as one payload. A payload with neither says that the page is as it was: only `totalCount`
/// or the cursor is new.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(in crate::graphql) struct LivePage<T: ObjectType> {
    /// The cursor of this state of the page. To resume after it, subscribe with `after` set to it.
    pub(in crate::graphql) cursor: String,
    /// The number of items in the whole list, not just on the page. Computed only when selected.
    pub(in crate::graphql) total_count: i32,
    /// The whole page: replace what you have. Null if `steps` lead to it, or if it has not changed.
    pub(in crate::graphql) page: Option<Vec<T>>,
    /// The steps from the previous page to this one: apply them in this order. Empty if `page` is not null.
    pub(in crate::graphql) steps: Vec<LiveStep<T>>,
}

impl<T: ObjectType> TypeName for LivePage<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}sLive", T::type_name()).into()
    }
}

/// A step from one state of a live page to the next. `kind` says what to do with the item that has this `id`.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(in crate::graphql) struct LiveStep<T: ObjectType> {
    /// What to do.
    pub(in crate::graphql) kind: StepKind,
    /// The global id of the item: the field `id` of the object.
    pub(in crate::graphql) id: ID,
    /// For `ENTERED` and `MOVED`: the id of the item to insert after. Null for the first place, and for other kinds.
    pub(in crate::graphql) after_id: Option<ID>,
    /// The item as it is now. Null for `LEFT`.
    pub(in crate::graphql) node: Option<T>,
}

impl<T: ObjectType> TypeName for LiveStep<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Step", T::type_name()).into()
    }
}

/// The kind of a step of a live page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "steps::StepKind")]
pub(in crate::graphql) enum StepKind {
    /// The item is new on the page: insert `node` after the item `afterId`, or in the first place if that is null.
    Entered,
    /// The item has moved: remove it, then insert `node` after the item `afterId`, or in the first place if that is null.
    Moved,
    /// A selected value of the item, or of an object that it leads to, has changed: replace the item with `node`, in the same
    /// place.
    Updated,
    /// The item is no longer on the page: remove it. It no longer matches, or other items have pushed it beyond the end of the
    /// page.
    Left,
}
