//! References: each must lead to a row, and carries that row's name.

use super::entity::{Entity, entity};
use super::json::{Json, Object};
use super::table::Key;
use super::{Company, Fault};

/// Which entity a reference leads to, by its name. Those not here lead outside what the company keeps, and are taken
/// as they come.
const TARGETS: [(&str, &str); 42] = [
    ("CustomerRef", "Customer"),
    ("VendorRef", "Vendor"),
    ("PrefVendorRef", "Vendor"),
    ("EmployeeRef", "Employee"),
    ("ItemRef", "Item"),
    ("GroupItemRef", "Item"),
    ("DefaultItem", "Item"),
    ("AccountRef", "Account"),
    ("ARAccountRef", "Account"),
    ("APAccountRef", "Account"),
    ("BankAccountRef", "Account"),
    ("CCAccountRef", "Account"),
    ("CreditCardAccountRef", "Account"),
    ("DepositToAccountRef", "Account"),
    ("FromAccountRef", "Account"),
    ("ToAccountRef", "Account"),
    ("IncomeAccountRef", "Account"),
    ("ExpenseAccountRef", "Account"),
    ("COGSAccountRef", "Account"),
    ("AssetAccountRef", "Account"),
    ("DiscountAccountRef", "Account"),
    ("ItemAccountRef", "Account"),
    ("DefaultMarkupAccount", "Account"),
    ("DefaultARAccount", "Account"),
    ("DefaultAPAccount", "Account"),
    ("AdjustAccountRef", "Account"),
    ("ClassRef", "Class"),
    ("DepartmentRef", "Department"),
    ("SalesTermRef", "Term"),
    ("TermRef", "Term"),
    ("DefaultTerms", "Term"),
    ("PaymentMethodRef", "PaymentMethod"),
    ("CustomerTypeRef", "CustomerType"),
    ("TxnTaxCodeRef", "TaxCode"),
    ("DefaultTaxCodeRef", "TaxCode"),
    ("SalesTaxCodeRef", "TaxCode"),
    ("PurchaseTaxCodeRef", "TaxCode"),
    ("TaxGroupCodeRef", "TaxCode"),
    ("TaxRateRef", "TaxRate"),
    ("AgencyRef", "TaxAgency"),
    ("PrefillAccountRef", "Account"),
    ("TaxOnPurchasesAccountRef", "Account"),
];

/// Properties whose target the `type` beside them names.
const TYPED: [&str; 3] = ["EntityRef", "Entity", "DropShipToEntity"];

impl Company {
    /// Checks every reference in a row and fills in the names. An update may keep a reference to what has become
    /// inactive since.
    ///
    /// # Errors
    /// 2500 for a row that never was, 610 for an inactive one.
    pub(super) fn resolve(
        &self,
        owner: &'static Entity,
        object: &mut Object,
        is_update: bool,
    ) -> Result<(), Fault> {
        for (name, value) in object.iter_mut() {
            match value {
                Json::List(items) => {
                    for item in items.iter_mut() {
                        if let Json::Object(part) = item {
                            self.resolve(owner, part, is_update)?;
                        }
                    }
                }
                Json::Object(part) if part.has("value") && name != "CustomerMemo" => {
                    self.resolve_one(owner, name, part, is_update)?;
                }
                Json::Object(part) => self.resolve(owner, part, is_update)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn resolve_one(
        &self,
        owner: &'static Entity,
        name: &str,
        part: &mut Object,
        is_update: bool,
    ) -> Result<(), Fault> {
        let id = part.text("value").unwrap_or_default().to_owned();
        if name == "CurrencyRef" {
            let currency = super::currency::name(&id).ok_or_else(|| Fault::invalid_reference(name, &id))?;
            part.set("name", currency);
            return Ok(());
        }
        let Some(target) = self.target(owner, name, part)? else { return Ok(()) };
        if target.name == "TaxCode" && ["TAX", "NON"].contains(&&*id) {
            return Ok(());
        }
        let found = id.parse().ok().and_then(|id| Some((id, self.table(target).get(id)?)));
        let Some((id, _)) = found else {
            return Err(Fault::invalid_reference(
                name,
                &format!("{} element id {id} not found", target.name),
            ));
        };
        if !is_update && self.table(target).key(id, "Active") == Some(&Key::Flag(false)) {
            return Err(Fault::not_found());
        }
        if target.name != "TaxCode"
            && target.name != "TaxRate"
            && let Some(label) = self.label(target, id)
        {
            part.set("name", label);
        }
        if !TYPED.contains(&name) {
            part.remove("type");
        }
        Ok(())
    }

    fn target(
        &self,
        owner: &'static Entity,
        name: &str,
        part: &Object,
    ) -> Result<Option<&'static Entity>, Fault> {
        if name == "ParentRef" {
            return Ok(Some(owner));
        }
        if TYPED.contains(&name) {
            let kind = part.text("type").unwrap_or_default();
            return Ok(entity(kind));
        }
        let target = TARGETS.iter().find(|(reference, _)| *reference == name);
        Ok(target.and_then(|(_, target)| entity(target)))
    }

    /// The name under which references show a row.
    pub(super) fn label(&self, target: &'static Entity, id: u64) -> Option<&str> {
        let path = match target.name {
            "Account" | "Class" | "Department" => "FullyQualifiedName",
            _ => target.label,
        };
        match self.table(target).key(id, path)? {
            Key::Text(text) => Some(text),
            _ => None,
        }
    }
}
