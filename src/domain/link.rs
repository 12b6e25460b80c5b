//! How a conversation finds its customer (docs/events.md): a pure choice among the customers that match its contact.

use std::cmp::Reverse;

use super::time::Timestamp;

/// In what way a customer matches a contact, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// One of its social accounts has the contact's id on that platform.
    SocialAccount,
    /// Its own id is the contact's id.
    OwnId,
    /// The contact's id is its e-mail address or phone number.
    Address,
}

/// A customer that matches.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The customer's id.
    pub id: String,
    /// How it matches.
    pub by: Match,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Its last update.
    pub updated_at: Option<Timestamp>,
}

/// The best: by the way it matches, then a live one before a deleted one, then the latest update (absent last), then the
/// smallest id.
pub fn choose(candidates: impl IntoIterator<Item = Candidate>) -> Option<String> {
    candidates
        .into_iter()
        .min_by(|a, b| {
            let rank = |c: &Candidate| (c.by, c.deleted, Reverse(c.updated_at));
            rank(a).cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
        })
        .map(|best| best.id)
}

/// Whether a social account of this platform can be a contact's on `platform_key`: one without a platform matches any.
pub fn platform_matches(account: Option<&str>, platform_key: &str) -> bool {
    account.is_none_or(|platform| platform == platform_key)
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Match, choose};
    use crate::domain::time::Timestamp;

    fn candidate(id: &str, by: Match, deleted: bool, updated_at: Option<i64>) -> Candidate {
        Candidate { id: id.into(), by, deleted, updated_at: updated_at.and_then(Timestamp::from_millis) }
    }

    #[test]
    fn the_way_of_matching_counts_first_then_life_then_freshness_then_id() {
        let social = candidate("z", Match::SocialAccount, true, None);
        let own = candidate("a", Match::OwnId, false, Some(9));
        assert_eq!(choose([own.clone(), social]).as_deref(), Some("z"));
        let dead = candidate("b", Match::OwnId, true, Some(10));
        assert_eq!(choose([dead, own.clone()]).as_deref(), Some("a"));
        let fresher = candidate("c", Match::OwnId, false, Some(10));
        let undated = candidate("0", Match::OwnId, false, None);
        assert_eq!(choose([own.clone(), fresher, undated]).as_deref(), Some("c"));
        let same = candidate("A", Match::OwnId, false, Some(9));
        assert_eq!(choose([own, same]).as_deref(), Some("A"));
    }
}
