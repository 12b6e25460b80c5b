//! Who reads. Every read of the store is given a scope; rules by role will narrow it here and nowhere else.

/// What a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Everything: until credentials exist, whoever can reach the gateway may read all of it.
    #[default]
    Everything,
}
