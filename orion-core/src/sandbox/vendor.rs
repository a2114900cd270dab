//! What a vendor adds to what all sandboxes share.

use std::future::ready;
use std::sync::Arc;

use http::StatusCode;

use super::{Call, Common, FaultKind, Reply, Scope};

/// A simulated vendor: its state, and how it answers.
///
/// A request goes through [`admit`](Vendor::admit), the fault plan, [`serve`](Vendor::serve) and [`finish`](Vendor::finish), in
/// this order. Nothing here waits: what takes time runs in [`Common::spawn`].
pub trait Vendor: Send + Sync + 'static {
    /// The part that all sandboxes have; the vendor keeps it, to read the clock and to run work in the background.
    fn common(&self) -> &Common;

    /// Answers one request.
    fn serve(self: &Arc<Self>, call: &Call, scope: &Scope) -> Reply;

    /// The classes that fault rules match a request by.
    fn scope(&self, call: &Call) -> Scope;

    /// The vendor's error envelope for 413, 414, 429, 500 and 503. The headers `Retry-After` and `Date` are added to it.
    fn failure(&self, status: StatusCode, call: &Call) -> Reply;

    /// Ends every session, as their timeout would; refresh tokens live on.
    fn expire_tokens(&self);

    /// Revokes every refresh token and ends every session.
    fn revoke_tokens(&self);

    /// Counts a request that has arrived, before a fault or a delay; a reply refuses it, as a throttle does.
    fn admit(&self, _call: &Call) -> Option<Reply> {
        None
    }

    /// The end of a request that was admitted, also of one that was cut.
    fn release(&self, _call: &Call) {}

    /// Carries out a fault of the vendor's own kind; a reply answers instead of [`serve`](Vendor::serve).
    fn inject(&self, _kind: &FaultKind, _call: &Call) -> Option<Reply> {
        None
    }

    /// The last touch to a reply, such as a header that every reply of the vendor has.
    fn finish(&self, _call: &Call, reply: Reply) -> Reply {
        reply
    }

    /// The name that a request is counted under: its method and the fixed part of its path.
    fn route(&self, call: &Call) -> String {
        format!("{} {}", call.method, call.parts().join("/"))
    }

    /// Serves the vendor's own part of `/_sandbox/…`, such as `deliver`; `None` if there is no such control.
    fn control(self: &Arc<Self>, _call: &Call) -> impl Future<Output = Option<Reply>> + Send {
        ready(None)
    }
}
