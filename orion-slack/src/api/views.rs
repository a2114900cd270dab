//! `views`. A view is given as JSON that serialises, with blocks made by [`block`](crate::block).

use orion_core::Result;
use serde::Serialize;
use serde_json::json;

use crate::{Slack, View};

impl Slack {
    /// Opens a modal (`views.open`). A trigger comes with what a person did, and is good once and for three seconds.
    ///
    /// # Errors
    /// `Expired` if the trigger is too old or was used.
    pub async fn views_open(&self, trigger: &str, view: &(impl Serialize + Sync)) -> Result<View> {
        self.one("views.open", &json!({"trigger_id": trigger, "view": view}), "view").await
    }

    /// Puts a modal on top of the one that is open (`views.push`): two of them at most.
    ///
    /// # Errors
    /// As [`views_open`](Self::views_open).
    pub async fn views_push(&self, trigger: &str, view: &(impl Serialize + Sync)) -> Result<View> {
        self.one("views.push", &json!({"trigger_id": trigger, "view": view}), "view").await
    }

    /// Changes a modal that is open (`views.update`). With the `hash` of the one that was seen, a change made meanwhile is not overwritten.
    ///
    /// # Errors
    /// `Conflict` if it has another hash now; `NotFound` if it was closed.
    pub async fn views_update(
        &self,
        id: &str,
        hash: Option<&str>,
        view: &(impl Serialize + Sync),
    ) -> Result<View> {
        self.one("views.update", &json!({"view_id": id, "hash": hash, "view": view}), "view").await
    }

    /// Sets the home tab that a person sees (`views.publish`).
    ///
    /// # Errors
    /// `Conflict` if it has another hash now.
    pub async fn views_publish(
        &self,
        user: &str,
        hash: Option<&str>,
        view: &(impl Serialize + Sync),
    ) -> Result<View> {
        self.one("views.publish", &json!({"user_id": user, "hash": hash, "view": view}), "view").await
    }
}
