//! Methods of the Web API with types, by the vendor's names: `conversations.history` is [`Slack::conversations_history`](crate::Slack::conversations_history). Any other goes
//! through [`Slack::call`](crate::Slack::call).

mod chat;
mod conversations;
mod marks;
mod people;
mod views;

use std::collections::HashMap;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use orion_core::{Error, ErrorKind, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

pub use chat::Scheduled;
pub use conversations::Range;
pub use people::AuthTest;

use crate::{NAME, Slack, wire::Answer};

/// How many of a list to ask for at a time (docs, "Pagination": no more than 200 is advised).
const PAGE: u32 = 200;

type Members = HashMap<String, Box<RawValue>>;

impl Slack {
    /// Calls a method of which only that it worked is of interest.
    async fn done(&self, method: &'static str, args: &(impl Serialize + Sync)) -> Result<()> {
        self.call::<serde::de::IgnoredAny>(method, args).await.map(drop)
    }

    /// As [`done`](Self::done); that it was done before is no error, since a call whose answer was lost is made again.
    async fn set(&self, method: &'static str, args: &(impl Serialize + Sync), before: &[&str]) -> Result<()> {
        match self.done(method, args).await {
            Err(error) if error.fault().is_some_and(|fault| before.contains(&&*fault.code)) => Ok(()),
            other => other,
        }
    }

    /// Calls a method and takes one member of its answer.
    async fn one<T: DeserializeOwned>(
        &self,
        method: &'static str,
        args: &(impl Serialize + Sync),
        member: &'static str,
    ) -> Result<T> {
        take(&self.call::<Members>(method, args).await?.value, method, member)
    }

    /// One page of a list, and where the next one is.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        method: &'static str,
        args: &Value,
        member: &'static str,
    ) -> Result<(Vec<T>, Option<String>)> {
        let Answer { value, notes } = self.call::<Members>(method, args).await?;
        Ok((take(&value, method, member)?, notes.next_cursor))
    }

    /// A list, page after page as it is asked for. A page may be short or empty and not the last (docs, "Pagination").
    fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        method: &'static str,
        args: Value,
        member: &'static str,
    ) -> BoxStream<'_, Result<T>> {
        let pages = stream::try_unfold(Some((args, None::<String>)), move |state| async move {
            let Some((mut args, cursor)) = state else { return Ok(None) };
            args["limit"] = PAGE.into();
            if let Some(cursor) = &cursor {
                args["cursor"] = cursor.as_str().into();
            }
            let (page, next) = self.page::<T>(method, &args, member).await?;
            if next.is_some() && next == cursor {
                let message = "the page names itself as the next one; the list would never end";
                return Err(Error::new(ErrorKind::Malformed, message).during(NAME, method));
            }
            Ok(Some((stream::iter(page.into_iter().map(Ok)), next.map(|next| (args, Some(next))))))
        });
        pages.try_flatten().boxed()
    }
}

fn take<T: DeserializeOwned>(members: &Members, method: &'static str, member: &'static str) -> Result<T> {
    let malformed = |what: &str| {
        Error::new(ErrorKind::Malformed, format!("the answer's `{member}` {what}")).during(NAME, method)
    };
    let raw = members.get(member).ok_or_else(|| malformed("is missing"))?;
    serde_json::from_str(raw.get()).map_err(|_| malformed("has another shape than documented"))
}
