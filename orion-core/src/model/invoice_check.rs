//! Whether an invoice's amounts add up.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use thiserror::Error;

use super::{LineKind, TaxMode, UnifiedInvoice, UnifiedLineItem};
use crate::{Currency, Money};

/// Something about an invoice's amounts that does not add up.
///
/// A warning: vendors and people do produce such invoices, and they have to be kept as they are. `Display` shows no
/// amount, because it is the tenant's data; the fields hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvoiceFinding {
    /// An amount is in another currency than the invoice; nothing else was checked.
    #[error("an amount is in {found} on an invoice in {expected}")]
    MixedCurrencies {
        /// The invoice's currency, or that of its first amount.
        expected: Currency,
        /// The first other one.
        found: Currency,
    },
    /// The lines do not sum to the subtotal.
    #[error("the lines do not sum to the subtotal")]
    Lines {
        /// Sum of the lines.
        sum: Money,
        /// The subtotal given.
        subtotal: Money,
    },
    /// Subtotal, less discount, plus tax and shipping, is not the total.
    #[error("subtotal, discount, tax and shipping do not make up the total")]
    Total {
        /// What they make up.
        sum: Money,
        /// The total given.
        total: Money,
    },
    /// The balance is not between nothing and the total.
    #[error("the balance is not between zero and the total")]
    Balance {
        /// The balance given.
        balance: Money,
        /// The total given.
        total: Money,
    },
}

impl UnifiedInvoice {
    /// Checks that the lines sum to the subtotal, that the parts make up the total, and that the balance lies
    /// between zero and the total.
    ///
    /// A check whose amounts are not all known is left out; a discount, tax or shipping that is not given counts as
    /// zero. Lines may be off by half a minor unit each, because each was rounded. With amounts that contain tax,
    /// the subtotal may contain it or not, as the source has it.
    ///
    /// ```
    /// use orion_core::{Currency, InvoiceFinding, Money, UnifiedInvoice};
    ///
    /// let mut invoice = UnifiedInvoice::default();
    /// invoice.total = Some(Money::parse("45.00", Currency::USD)?);
    /// invoice.balance = Some(Money::parse("45.01", Currency::USD)?);
    /// assert!(matches!(invoice.findings()[..], [InvoiceFinding::Balance { .. }]));
    /// # Ok::<(), orion_core::MoneyError>(())
    /// ```
    #[must_use]
    pub fn findings(&self) -> Vec<InvoiceFinding> {
        if let Some(mixed) = self.mixed_currencies() {
            return vec![mixed];
        }
        [self.check_lines(), self.check_total(), self.check_balance()].into_iter().flatten().collect()
    }

    fn mixed_currencies(&self) -> Option<InvoiceFinding> {
        let discount = self.discount.as_ref().and_then(|discount| discount.amount);
        let header = [self.subtotal, discount, self.shipping, self.total_tax, self.total, self.balance];
        let lines = self.lines.iter().map(|line| line.amount);
        let mut found = header.into_iter().chain(lines).flatten().map(|money| money.currency);
        let expected = self.currency.or_else(|| found.clone().next())?;
        let found = found.find(|currency| *currency != expected)?;
        Some(InvoiceFinding::MixedCurrencies { expected, found })
    }

    fn check_lines(&self) -> Option<InvoiceFinding> {
        let subtotal = self.subtotal?;
        let (mut sum, mut counted) = (Money::zero(subtotal.currency), 0_i64);
        for line in self.lines.iter().filter(|line| adds_to_subtotal(line)) {
            sum = sum.checked_add(line.amount?).ok()?;
            counted += 1;
        }
        let tolerance = Decimal::new(counted * 5, subtotal.currency.minor_units() + 1);
        let near = |expected: Money| (sum.amount - expected.amount).abs() <= tolerance;
        let fits =
            near(subtotal) || self.tax_within().is_some_and(|tax| subtotal.checked_add(tax).is_ok_and(near));
        (counted > 0 && !fits).then_some(InvoiceFinding::Lines { sum, subtotal })
    }

    fn check_total(&self) -> Option<InvoiceFinding> {
        let (subtotal, total) = (self.subtotal?, self.total?);
        let none = Money::zero(total.currency);
        let discount = match &self.discount {
            Some(discount) => discount.amount?,
            None => none,
        };
        let net = subtotal
            .checked_sub(discount)
            .and_then(|net| net.checked_add(self.shipping.unwrap_or(none)))
            .ok()?;
        let sum = net.checked_add(self.total_tax.unwrap_or(none)).ok()?;
        let fits = sum == total || (self.tax_within().is_some() && net == total);
        (!fits).then_some(InvoiceFinding::Total { sum, total })
    }

    fn check_balance(&self) -> Option<InvoiceFinding> {
        let (balance, total) = (self.balance?, self.total?);
        let none = Money::zero(total.currency);
        // Some sources give credit notes a negative total.
        let fits = if total < none {
            total <= balance && balance <= none
        } else {
            none <= balance && balance <= total
        };
        (!fits).then_some(InvoiceFinding::Balance { balance, total })
    }

    /// The tax, if line amounts contain it.
    fn tax_within(&self) -> Option<Money> {
        self.total_tax.filter(|_| self.tax_mode == Some(TaxMode::Inclusive))
    }
}

/// Parts of a bundle are in the bundle's amount; discount, tax and shipping have fields of their own.
fn adds_to_subtotal(line: &UnifiedLineItem) -> bool {
    let apart = matches!(
        line.kind,
        Some(
            LineKind::Discount
                | LineKind::Subtotal
                | LineKind::Description
                | LineKind::Tax
                | LineKind::Shipping
        )
    );
    !apart && line.parent_line.is_none()
}
