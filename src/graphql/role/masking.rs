//! Masked fields in async-graphql's responses: null, or `{}` if the field is not nullable. Plans mask fields themselves.

use std::sync::Arc;

use async_graphql::{
    ServerResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use async_trait::async_trait;

use crate::domain::scope::Masks;

/// An extension that masks fields. Only executors of roles with masks use it, since it is called for every field.
#[derive(Clone)]
pub(in crate::graphql) struct Masking(pub(in crate::graphql) Arc<Masks>);

impl ExtensionFactory for Masking {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl Extension for Masking {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if self.0.hide(info.parent_type, info.name) {
            let hidden = if info.return_type.ends_with('!') { Value::Object(<_>::default()) } else { Value::Null };
            return Ok(Some(hidden));
        }
        next.run(ctx, info).await
    }
}
