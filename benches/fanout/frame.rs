//! The frame that the baseline sends: one of the gateway's, with the number of each message inserted. So both send the same
//! bytes.

use std::sync::Arc;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    measure::PATIENCE,
    server::{Kind, Server},
    setting::Setting,
    subscriber::Connection,
    traffic::{MARK, Message, Traffic},
};

/// The text between the ids of a message.
#[derive(Clone)]
pub(crate) struct Frame(Arc<[String]>);

impl Frame {
    /// Records a frame from a gateway.
    pub(crate) async fn of_gateway() -> anyhow::Result<Self> {
        let traffic = Traffic::new(Setting::Common, 1);
        // This kind of server needs no frame.
        let none = Self(Arc::new([]));
        let (gateway, last) = Server::start(Kind::Gateway, &traffic, &none).await?;
        let subscription = traffic.setting.subscription(0);
        let mut connection = Connection::open(&gateway.address(), &gateway.path(0)).await?;
        let variables = json!({ "after": gateway.head().await?, "filter": subscription.filter });
        connection.subscribe(&subscription.document, &variables).await?;
        gateway.post(&traffic, &traffic.message(last + 1)).await?;
        let text = timeout(PATIENCE, connection.next_with(MARK)).await.context("no frame arrived in time")??;

        let frame: Value = serde_json::from_str(&text)?;
        let message = &frame["payload"]["data"]["messageAdded"]["message"];
        for link in [&message["customer"]["id"], &message["conversation"]["contact"]["name"], &message["sender"]["name"]] {
            ensure!(link.is_string(), "a link is null: {text}");
        }
        Ok(Self(text.split(&Message::id(last + 1)).map(str::to_owned).collect()))
    }

    /// The frame of a message.
    pub(crate) fn of(&self, number: u64) -> String {
        self.0.join(&Message::id(number))
    }

    pub(crate) fn len(&self) -> usize {
        self.of(0).len()
    }
}
