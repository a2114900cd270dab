//! Transactions: their dates, numbers, currency and totals.

mod lines;
mod payments;
mod tax;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::entity::Entity;
use super::json::{Json, Object, reference};
use super::table::Key;
use super::{Company, Fault, currency, entity, moment, money};

pub(super) use payments::unapplied;

/// The custom field of the sample company, empty on every sales form (recorded).
const CUSTOM_FIELD: &str = r#"[{"DefinitionId":"1","Name":"Crew #","Type":"StringType"}]"#;

impl Company {
    pub(super) fn complete_transaction(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        object.set_default("TxnDate", moment::today(self.now).to_string());
        self.currency(object)?;
        super::links::keep(object, old);
        if let Some(old) = old {
            self.check_deposited(old)?;
        }
        let party = match entity.name {
            "Invoice" => "CustomerRef",
            "Bill" => "VendorRef",
            "Deposit" => "",
            _ => return self.complete_kind(entity, object, old),
        };
        let before = old.map(|old| self.links(entity, old)).unwrap_or_default();
        let after = self.links(entity, object);
        self.check_links(party, object, &before, &after)?;
        self.complete_kind(entity, object, old)
    }

    fn complete_kind(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        match entity.name {
            "Invoice" | "Estimate" | "SalesReceipt" | "CreditMemo" | "RefundReceipt" => {
                self.complete_sale(entity, object, old)
            }
            "Bill" | "Purchase" | "PurchaseOrder" | "VendorCredit" => {
                self.complete_purchase(entity, object, old)
            }
            "Payment" | "BillPayment" => self.complete_payment(entity, object, old),
            "JournalEntry" => lines::journal_entry(object, old),
            "Deposit" => lines::deposit(object, old),
            _ => Ok(()),
        }
    }

    /// The party's currency unless named, and the day's rate for one that is not the home currency.
    fn currency(&self, object: &mut Object) -> Result<(), Fault> {
        let party = [("Customer", "CustomerRef"), ("Vendor", "VendorRef")];
        let currency_of = |name: &str, property: &str| {
            let id = object.reference(property)?.parse().ok()?;
            match self.table(entity(name)?).key(id, "CurrencyRef")? {
                Key::Text(code) => Some(code.to_string()),
                _ => None,
            }
        };
        let own = party.iter().find_map(|(name, property)| currency_of(name, property));
        let code = object.reference("CurrencyRef").map(str::to_owned);
        if let Some((code, own)) = code.as_ref().zip(own.as_ref()).filter(|(code, own)| code != own) {
            let what =
                format!("The currency {code} of the transaction is not the {own} of its customer or vendor.");
            return Err(Fault::business(what));
        }
        let code = code.or(own).unwrap_or_else(|| "USD".to_owned());
        object.set("CurrencyRef", reference(&code, currency::name(&code).unwrap_or_default()));
        if code == "USD" {
            object.remove("ExchangeRate");
        } else if !object.has("ExchangeRate") {
            object.set("ExchangeRate", self.rate(&code));
        }
        Ok(())
    }

    /// How much home currency one unit is worth.
    fn rate(&self, code: &str) -> Decimal {
        let found = entity("ExchangeRate").zip(self.rate_id(code, None));
        match found.and_then(|(entity, id)| self.table(entity).key(id, "Rate")) {
            Some(Key::Number(rate)) => *rate,
            _ => Decimal::ONE,
        }
    }

    fn complete_sale(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        self.number(entity, object, old, "Sales");
        self.sale_defaults(entity, object)?;
        let customer = self.referred("Customer", object, "CustomerRef");
        if let Some(customer) = &customer {
            for name in ["BillAddr", "ShipAddr"] {
                if let Some(address) = customer.get(name).or_else(|| customer.get("BillAddr")) {
                    object.set_default(name, address.clone());
                }
            }
        }
        let totals = self.complete_lines(object, old)?;
        let places = money::places_of(object);
        let tax = self.complete_tax(object, &totals)?;
        let total = totals.subtotal - totals.discount + tax;
        if total < Decimal::ZERO {
            return Err(Fault::business("Transaction amount must be zero or greater."));
        }
        object.set("TotalAmt", money::amount(total, places));
        let applied = old.map_or(Decimal::ZERO, |old| {
            old.number("TotalAmt") - old.number("Deposit") - old.number("Balance")
        });
        let balance = match entity.name {
            "Invoice" => total - object.number("Deposit") - applied,
            "CreditMemo" => total - applied,
            _ => Decimal::ZERO,
        };
        if balance < Decimal::ZERO {
            return Err(Fault::business("The total is less than what has been applied to the transaction."));
        }
        if entity.name != "Estimate" {
            object.set("Balance", money::amount(balance, places));
        }
        if entity.name == "CreditMemo" {
            object.set("RemainingCredit", money::amount(balance, places));
        }
        home_amounts(object);
        Ok(())
    }

    fn sale_defaults(&self, entity: &Entity, object: &mut Object) -> Result<(), Fault> {
        if let Ok(fields) = Json::parse(CUSTOM_FIELD) {
            object.set_default("CustomField", fields);
        }
        object.set_default("ApplyTaxAfterDiscount", false);
        object.set_default("PrintStatus", "NeedToPrint");
        object.set_default("EmailStatus", "NotSet");
        match entity.name {
            "Invoice" => {
                for name in [
                    "AllowIPNPayment",
                    "AllowOnlinePayment",
                    "AllowOnlineCreditCardPayment",
                    "AllowOnlineACHPayment",
                ] {
                    object.set_default(name, false);
                }
                object.set_default("LinkedTxn", Vec::new());
                self.due_date(object, 30)?;
            }
            "Estimate" => {
                object.set_default("TxnStatus", "Pending");
            }
            "SalesReceipt" => {
                let undeposited = self.account("Undeposited Funds");
                object.set_default("DepositToAccountRef", undeposited);
            }
            _ => {}
        }
        Ok(())
    }

    /// A due date by the terms, or so many days after the transaction.
    fn due_date(&self, object: &mut Object, days: i64) -> Result<(), Fault> {
        let term = self.referred("Term", object, "SalesTermRef");
        let due_days = term.as_ref().and_then(|term| term.get("DueDays")).and_then(Json::as_number);
        let days = due_days.and_then(|days| i64::try_from(days).ok()).unwrap_or(days);
        let date = object.text("TxnDate").and_then(moment::date).ok_or_else(|| Fault::required("TxnDate"))?;
        if let Some(due) = TimeDelta::try_days(days).and_then(|days| date.checked_add_signed(days)) {
            object.set_default("DueDate", due.to_string());
        }
        Ok(())
    }

    /// A reference to an account by its name.
    pub(super) fn account(&self, name: &str) -> Json {
        let Some(entity) = entity("Account") else { return Json::Null };
        let table = self.table(entity);
        let found =
            table.iter().map(|(id, _)| id).find(|id| table.key(*id, "Name") == Some(&Key::Text(name.into())));
        found.map_or(Json::Null, |id| reference(&id.to_string(), name))
    }

    /// The next number of a series, for a new transaction that brings none.
    fn number(&mut self, entity: &Entity, object: &mut Object, old: Option<&Object>, series: &'static str) {
        if old.is_none() && !object.has("DocNumber") {
            let series = if entity.name == "PurchaseOrder" { "PurchaseOrder" } else { series };
            let number = 1000 + self.next(series);
            object.set("DocNumber", number.to_string());
        }
    }

    fn complete_purchase(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        if entity.name == "PurchaseOrder" {
            self.number(entity, object, old, "PurchaseOrder");
            object.set_default("POStatus", "Open");
            object.set_default("EmailStatus", "NotSet");
        }
        if matches!(entity.name, "Bill" | "VendorCredit") {
            let payable = self.account("Accounts Payable (A/P)");
            object.set_default("APAccountRef", payable);
        }
        if entity.name == "Bill" {
            self.due_date(object, 0)?;
            object.set_default("LinkedTxn", Vec::new());
        }
        let total = lines::expenses(object, old)?;
        let tax = object.at("TxnTaxDetail.TotalTax").and_then(Json::as_number).unwrap_or_default();
        let places = money::places_of(object);
        let total = total + tax;
        object.set("TotalAmt", money::amount(total, places));
        if matches!(entity.name, "Bill" | "VendorCredit") {
            let applied = old.map_or(Decimal::ZERO, |old| old.number("TotalAmt") - old.number("Balance"));
            if applied > total {
                return Err(Fault::business(
                    "The total is less than what has been applied to the transaction.",
                ));
            }
            object.set("Balance", money::amount(total - applied, places));
        }
        home_amounts(object);
        Ok(())
    }
}

/// The same amounts in the home currency, for a transaction in another.
pub(super) fn home_amounts(object: &mut Object) {
    let rate = object.get("ExchangeRate").and_then(Json::as_number);
    for (name, home) in [("TotalAmt", "HomeTotalAmt"), ("Balance", "HomeBalance")] {
        match rate.filter(|_| object.has(name)) {
            Some(rate) => object.set(home, money::amount(money::round(object.number(name) * rate, 2), 2)),
            None => {
                object.remove(home);
            }
        }
    }
}
