//! Sales tax of a company in the United States: lines say TAX or NON, and one tax code on the transaction says at
//! what rates.

use rust_decimal::Decimal;

use super::super::json::{Json, Object, reference};
use super::super::{Company, Fault, entity, money};
use super::lines::Totals;

impl Company {
    /// Sets `TxnTaxDetail` and returns the tax. A total that comes without a tax code is taken as it is.
    pub(super) fn complete_tax(&self, object: &mut Object, totals: &Totals) -> Result<Decimal, Fault> {
        let places = money::places_of(object);
        let mut detail = match object.remove("TxnTaxDetail") {
            Some(Json::Object(detail)) => detail,
            _ => Object::new(),
        };
        if !detail.has("TxnTaxCodeRef")
            && !detail.has("TotalTax")
            && totals.taxable > Decimal::ZERO
            && self.automated_tax()
        {
            // Automated sales tax chooses the rate itself; which one it would choose is unverified.
            if let Some(code) = self.referred("Customer", object, "CustomerRef").and_then(|customer| {
                customer
                    .reference("DefaultTaxCodeRef")
                    .filter(|_| customer.flag("Taxable"))
                    .map(str::to_owned)
            }) {
                detail.set("TxnTaxCodeRef", reference(&code, ""));
            }
        }
        let rates = self.rates(&detail);
        let Some(rates) = rates else {
            let tax = detail.number("TotalTax");
            detail.set("TotalTax", money::amount(tax, places));
            object.set("TxnTaxDetail", detail);
            return Ok(tax);
        };
        let taxed = taxed(object, totals, places);
        let (mut lines, mut tax) = (Vec::new(), Decimal::ZERO);
        for (id, percent) in rates {
            let amount = money::round(taxed * percent / Decimal::ONE_HUNDRED, places);
            tax += amount;
            let part = Object::new().with("TaxRateRef", reference(&id, "")).with("PercentBased", true);
            let part =
                part.with("TaxPercent", percent).with("NetAmountTaxable", money::amount(taxed, places));
            let line = Object::new()
                .with("Amount", money::amount(amount, places))
                .with("DetailType", "TaxLineDetail");
            lines.push(Json::Object(line.with("TaxLineDetail", part)));
        }
        let code = detail.get("TxnTaxCodeRef").cloned().unwrap_or_default();
        let detail = Object::new().with("TxnTaxCodeRef", code).with("TotalTax", money::amount(tax, places));
        object.set("TxnTaxDetail", detail.with("TaxLine", lines));
        Ok(tax)
    }

    fn automated_tax(&self) -> bool {
        let preferences = entity("Preferences").and_then(|entity| self.object(entity, 1));
        preferences
            .and_then(|p| p.at("TaxPrefs.PartnerTaxEnabled").and_then(Json::as_bool))
            .unwrap_or_default()
    }

    /// Ids and percentages of the rates of a detail's tax code. None if it names no code.
    fn rates(&self, detail: &Object) -> Option<Vec<(String, Decimal)>> {
        let code = self.referred("TaxCode", detail, "TxnTaxCodeRef")?;
        let list = code.object("SalesTaxRateList").map(|list| list.list("TaxRateDetail")).unwrap_or_default();
        let rate = |entry: &Object| {
            let rate = self.referred("TaxRate", entry, "TaxRateRef")?;
            Some((entry.reference("TaxRateRef")?.to_owned(), rate.number("RateValue")))
        };
        Some(list.iter().filter_map(Json::as_object).filter_map(rate).collect())
    }
}

/// What the rates apply to: the taxed lines, less their share of the discount if tax comes after it.
fn taxed(object: &Object, totals: &Totals, places: u32) -> Decimal {
    let discount: Decimal = object
        .list("Line")
        .iter()
        .filter_map(Json::as_object)
        .filter(|line| line.has("DiscountLineDetail"))
        .map(|line| line.number("Amount"))
        .sum();
    if !object.flag("ApplyTaxAfterDiscount") || totals.subtotal.is_zero() {
        return totals.taxable;
    }
    totals.taxable - money::round(discount * totals.taxable / totals.subtotal, places)
}
