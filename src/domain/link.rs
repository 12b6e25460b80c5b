//! Matches a conversation to a customer (docs/events.md): picks the best of the customers that match its contact.

use std::cmp::Reverse;

use super::time::Timestamp;

/// How a customer matches a contact, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// One of its social accounts has the contact's id on that platform.
    SocialAccount,
    /// Its own id is the contact's id.
    OwnId,
    /// The contact's id is its e-mail address or phone number.
    Address,
}

/// A customer that matches a contact.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The customer's id.
    pub id: String,
    /// How it matches.
    pub by: Match,
    /// Whether it is deleted.
    pub deleted: bool,
    /// When it was last updated.
    pub updated_at: Option<Timestamp>,
}

/// Picks the best candidate: by kind of match, then live before deleted, then the latest update (missing ones last), then the
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

/// Whether an account on platform `account` can be a contact on `platform_key`. An account without a platform matches any.
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
    fn candidates_are_ranked_by_match_then_not_deleted_then_last_update_then_id() {
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
