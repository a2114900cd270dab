//! Tax codes: the three that are not rows, and the service that makes new ones.

use super::json::{Json, Object, reference};
use super::{Company, Fault, check, entity};

/// Codes the vendor adds to every answer about tax codes, beside those asked for: python-quickbooks' integration tests
/// count on four rows for `MAXRESULTS 1`. Names are from Intuit's sample answers; the set is unverified.
pub(super) fn built_in() -> Vec<Json> {
    let code = |name: &str, taxable: bool| {
        let code = Object::new().with("Name", name).with("Description", name).with("Active", true);
        let code =
            code.with("Taxable", taxable).with("TaxGroup", false).with("domain", "QBO").with("sparse", false);
        Json::Object(code.with("Id", name).with("SyncToken", "0"))
    };
    vec![code("TAX", true), code("NON", false), code("CustomSalesTax", true)]
}

impl Company {
    /// Makes a tax code with its rates: the answer of `taxservice/taxcode`.
    ///
    /// # Errors
    /// 2020 without a name, rates or an agency, 2500 for an agency there is not, 6240 for a name in use.
    pub(crate) fn make_tax_code(&mut self, body: &Json) -> Result<Json, Fault> {
        let mut given = check::clean("TaxService", body)?;
        let name = given.text("TaxCode").ok_or_else(|| Fault::required("TaxCode"))?.to_owned();
        let Some(Json::List(mut details)) = given.remove("TaxRateDetails") else {
            return Err(Fault::required("TaxRateDetails"));
        };
        let (mut sales, mut purchases) = (Vec::new(), Vec::new());
        for detail in &mut details {
            let Json::Object(detail) = detail else { continue };
            let id = match detail.text("TaxRateId") {
                Some(id) => id.to_owned(),
                None => self.make_rate(detail)?,
            };
            detail.set("TaxRateId", id.as_str());
            let entry =
                Object::new().with("TaxRateRef", reference(&id, "")).with("TaxTypeApplicable", "TaxOnAmount");
            let list =
                if detail.text("TaxApplicableOn") == Some("Purchase") { &mut purchases } else { &mut sales };
            list.push(Json::Object(entry.with("TaxOrder", 0_i64)));
        }
        let list = |rates: Vec<Json>| Object::new().with("TaxRateDetail", rates);
        let code = Object::new()
            .with("Name", name.as_str())
            .with("Description", name.as_str())
            .with("Taxable", true);
        let code = code.with("TaxGroup", true).with("SalesTaxRateList", list(sales));
        self.save("TaxCode", &code.with("PurchaseTaxRateList", list(purchases)).into())?;
        let id = entity("TaxCode")
            .and_then(|code| self.sequences.get(code.sequence()))
            .copied()
            .unwrap_or_default();
        let answer = Object::new().with("TaxCode", name.as_str()).with("TaxCodeId", id.to_string());
        Ok(answer.with("TaxRateDetails", details).into())
    }

    fn make_rate(&mut self, detail: &Object) -> Result<String, Fault> {
        let name = detail.text("TaxRateName").ok_or_else(|| Fault::required("TaxRateName"))?;
        let agency = detail.text("TaxAgencyId").ok_or_else(|| Fault::required("TaxAgencyId"))?;
        let rate = detail.get("RateValue").ok_or_else(|| Fault::required("RateValue"))?;
        let body = Object::new().with("Name", name).with("Description", name).with("RateValue", rate.clone());
        let body = body.with("AgencyRef", reference(agency, "")).with("SpecialTaxType", "NONE");
        self.save("TaxRate", &body.with("DisplayType", "ReadOnly").into())?;
        let id = entity("TaxRate")
            .and_then(|rate| self.sequences.get(rate.sequence()))
            .copied()
            .unwrap_or_default();
        Ok(id.to_string())
    }
}
