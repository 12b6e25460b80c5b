//! Full-text search over customers, conversations, messages and tickets. To clients, its connection is like that of any list.
//! In the store it is not a list: results are ranked anew for each page, and a cursor is a position in the ranking for one text
//! and one set of types.

use std::collections::BTreeSet;

use async_graphql::{Context, Enum, Object, SimpleObject, Union};
use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    connection::PageInfo,
    error::{Error, Result},
    loader::{ConversationById, CustomerById, MessageByKey, TicketById, load},
    request::RequestContext,
    scalars::int,
    types::{Conversation, Customer, Message, Ticket},
};
use crate::{
    domain::{
        digest::digest,
        id::NodeId,
        page::{self, Cursor, Direction, PageArgs, PageRequest, SortValue},
        search::SearchText,
    },
    store::{Hit, Searched},
};

/// The field `search`, to be flattened into the query root.
pub(crate) struct Searching;

#[Object]
impl Searching {
    /// Full-text search over objects of all types, best match first: customers by name, phone number, email address and note;
    /// conversations by the name of the contact; messages by text; tickets by name and description.
    ///
    /// Every word of `text` must occur as a word or as the beginning of one: `ngu` finds `Nguyễn`. Case and diacritics are
    /// ignored, but matches with the same diacritics rank higher. Phone numbers match in any notation. All other characters
    /// separate words; there are no operators. Only the first 16 words count. A text without words finds nothing.
    ///
    /// For each type, only the newest matches are ranked and counted: 10,000 by default, configurable on the gateway
    /// (`graphql.search_matches`). Deleted customers and tickets are not found.
    async fn search(
        &self,
        #[graphql(desc = "The search text, as typed by the user.")] text: String,
        #[graphql(desc = "Searches only these types. Default: all.")] types: Option<Vec<SearchType>>,
        #[graphql(desc = "Returns the first n results: at most 200; 20 by default.")] first: Option<i32>,
        #[graphql(
            desc = "Returns results after this cursor: `pageInfo.endCursor` of the previous page, with the same `text` and `types`."
        )]
        after: Option<String>,
    ) -> Result<SearchConnection> {
        let types: BTreeSet<Searched> =
            types.map_or_else(|| Searched::ALL.into(), |types| types.into_iter().map(Into::into).collect());
        let types: Vec<Searched> = types.into_iter().collect();
        let of_all = PageArgs { first, ..PageArgs::default() };
        let limit = PageRequest::new(&of_all, Ranking, Direction::Desc, page::MAX_SIZE)?.limit;
        let order = format!("search.{}", digest(&[&text, &format!("{types:?}")]));
        let after = after.map(|after| hit(&after, &order)).transpose()?;
        Ok(SearchConnection { text: SearchText::read(&text), types, limit, order, after, page: OnceCell::new() })
    }
}

/// The order of search results.
#[derive(Clone, Copy)]
struct Ranking;

impl page::Order for Ranking {
    fn name(self) -> &'static str {
        "search"
    }
}

/// A type of object that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Searched")]
pub(crate) enum SearchType {
    /// Customers, by name, phone number, email address and note.
    Customer,
    /// Conversations, by the name of the contact.
    Conversation,
    /// Messages, by text.
    Message,
    /// Tickets, by name and description.
    Ticket,
}

/// An object found by a search.
#[derive(Clone, Union)]
pub(crate) enum SearchResult {
    /// A customer.
    Customer(Customer),
    /// A conversation.
    Conversation(Conversation),
    /// A message.
    Message(Message),
    /// A ticket.
    Ticket(Ticket),
}

/// A page of search results; each part is read when selected.
pub(crate) struct SearchConnection {
    text: SearchText,
    types: Vec<Searched>,
    limit: u32,
    order: String,
    after: Option<Hit>,
    page: OnceCell<SearchPage>,
}

struct SearchPage {
    edges: Vec<SearchEdge>,
    has_next: bool,
}

/// A search result, with its cursor and score.
#[derive(Clone, SimpleObject)]
pub(crate) struct SearchEdge {
    /// The position of this result, for the argument `after` with the same `text` and `types`. The string is opaque.
    cursor: String,
    /// The object found.
    node: SearchResult,
    /// The quality of the match, from 0 to 1, where 1 is the best match of its type. Scores are comparable only within one search.
    score: f64,
}

/// One page of search results, as the Relay specification defines it. A page has up to 20 results by default and up to 200 with
/// `first`.
#[Object]
impl SearchConnection {
    /// The results of this page, each with its cursor and score.
    async fn edges(&self, ctx: &Context<'_>) -> Result<Vec<SearchEdge>> {
        Ok(self.page(ctx).await?.edges.clone())
    }

    /// The results of this page without cursors and scores: shorthand for `edges { node }`.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<SearchResult>> {
        Ok(self.page(ctx).await?.edges.iter().map(|edge| edge.node.clone()).collect())
    }

    /// Whether there are more pages, and the cursor to request the next one with.
    async fn page_info(&self, ctx: &Context<'_>) -> Result<PageInfo> {
        let SearchPage { edges, has_next } = self.page(ctx).await?;
        Ok(PageInfo {
            has_next_page: *has_next,
            has_previous_page: self.after.is_some(),
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        })
    }

    /// The number of results across all pages, counting at most the ranked matches of each type. Computed only when selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(RequestContext::of(ctx).reader.search_count(&self.text, &self.types).await?))
    }
}

impl SearchConnection {
    async fn page(&self, ctx: &Context<'_>) -> Result<&SearchPage> {
        self.page.get_or_try_init(|| self.read(ctx)).await
    }

    async fn read(&self, ctx: &Context<'_>) -> Result<SearchPage> {
        if self.limit == 0 {
            return Ok(SearchPage { edges: Vec::new(), has_next: false });
        }
        let reader = &RequestContext::of(ctx).reader;
        let mut hits = reader.search(&self.text, &self.types, self.after.as_ref(), self.limit + 1).await?;
        let has_next = hits.len() > self.limit as usize;
        hits.truncate(self.limit as usize);
        let edges = try_join_all(hits.into_iter().map(|hit| self.edge(ctx, hit))).await?;
        Ok(SearchPage { edges, has_next })
    }

    async fn edge(&self, ctx: &Context<'_>, hit: Hit) -> Result<SearchEdge> {
        let id = hit.id.clone();
        let node = match hit.searched {
            Searched::Customer => load(ctx, CustomerById(id)).await?.map(SearchResult::Customer),
            Searched::Conversation => load(ctx, ConversationById(id)).await?.map(SearchResult::Conversation),
            Searched::Message => load(ctx, MessageByKey(id)).await?.map(SearchResult::Message),
            Searched::Ticket => load(ctx, TicketById(id)).await?.map(SearchResult::Ticket),
        };
        let node = node.ok_or_else(|| Error::dangling("search", &hit.id))?;
        let score = hit.score;
        let value = SortValue::Int(score.to_bits().cast_signed());
        let cursor = Cursor { order: self.order.clone(), value, id: node_id(hit).to_string() };
        Ok(SearchEdge { cursor: cursor.encode(), node, score })
    }
}

fn node_id(hit: Hit) -> NodeId {
    match hit.searched {
        Searched::Customer => NodeId::Customer(hit.id),
        Searched::Conversation => NodeId::Conversation(hit.id),
        Searched::Message => NodeId::Message(hit.id),
        Searched::Ticket => NodeId::Ticket(hit.id),
    }
}

/// The search hit that a cursor points to.
fn hit(after: &str, order: &str) -> Result<Hit> {
    let bad = |message: &str| Error::BadInput { argument: "after".into(), message: message.to_owned() };
    let foreign = || bad("`after` is not a cursor of this API: expected one from `pageInfo` or `edges`, unchanged");
    let cursor = Cursor::decode(after).ok_or_else(foreign)?;
    if cursor.order != order {
        return Err(bad("`after` is a cursor of another list or search: use it with the text and types it was given for"));
    }
    let SortValue::Int(bits) = cursor.value else { return Err(foreign()) };
    let (searched, id) = match cursor.id.parse() {
        Ok(NodeId::Customer(id)) => (Searched::Customer, id),
        Ok(NodeId::Conversation(id)) => (Searched::Conversation, id),
        Ok(NodeId::Message(id)) => (Searched::Message, id),
        Ok(NodeId::Ticket(id)) => (Searched::Ticket, id),
        Ok(NodeId::Staff(_) | NodeId::Event(_)) | Err(_) => return Err(foreign()),
    };
    Ok(Hit { searched, id, score: f64::from_bits(bits.cast_unsigned()) })
}
