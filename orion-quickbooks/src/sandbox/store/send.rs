//! Transactions sent by e-mail.

use super::journal::Operation;
use super::json::{Json, Object};
use super::read::parse_id;
use super::{Company, Fault, entity, moment};

impl Company {
    /// Marks a transaction as sent, to the address given or the one it carries. Answers with the row.
    ///
    /// # Errors
    /// 500 for an entity that is not sent, 610, and 6000 without an address (unverified).
    pub(crate) fn send(&mut self, name: &str, id: &str, to: Option<&str>) -> Result<Json, Fault> {
        let entity = entity(name).filter(|entity| entity.can_send());
        let entity = entity.ok_or_else(|| Fault::unsupported(format_args!("send on {name}")))?;
        let id = parse_id(id)?;
        let mut object = self.object(entity, id).ok_or_else(Fault::not_found)?;
        if let Some(to) = to {
            if !to.contains('@') {
                return Err(Fault::business("The email address is not valid."));
            }
            object.set("BillEmail", Object::new().with("Address", to));
        }
        let has_address =
            ["BillEmail.Address", "POEmail.Address"].iter().any(|path| object.at(path).is_some());
        if !has_address && entity.name != "Payment" {
            return Err(Fault::business("An email address is required to send the transaction."));
        }
        object.set("EmailStatus", "EmailSent");
        let delivery =
            Object::new().with("DeliveryType", "Email").with("DeliveryTime", moment::stamp(self.now));
        object.set("DeliveryInfo", delivery);
        self.stamp(&mut object, true);
        self.finish(entity, id, &mut object);
        self.journal.note(entity.name, id, Operation::Emailed, self.now);
        Ok(self.raw(entity, id))
    }
}
