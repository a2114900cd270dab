//! Reports by account.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::json::{Json, Object};
use super::super::table::Key;
use super::super::{Company, entity};
use super::{Asked, Report, amount, cell, data, named, section, summary};

/// Sections of the statements: title, account types, group.
const INCOME: (&str, &[&str], &str) = ("Income", &["Income"], "Income");
const GOODS: (&str, &[&str], &str) = ("Cost of Goods Sold", &["Cost of Goods Sold"], "COGS");
const EXPENSES: (&str, &[&str], &str) = ("Expenses", &["Expense"], "Expenses");
const OTHER_INCOME: (&str, &[&str], &str) = ("Other Income", &["Other Income"], "OtherIncome");
const OTHER_EXPENSES: (&str, &[&str], &str) = ("Other Expenses", &["Other Expense"], "OtherExpenses");
const ASSETS: (&str, &[&str], &str) = (
    "ASSETS",
    &["Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset"],
    "TotalAssets",
);
const LIABILITIES: (&str, &[&str], &str) = (
    "Liabilities",
    &["Accounts Payable", "Credit Card", "Other Current Liability", "Long Term Liability"],
    "Liabilities",
);
const EQUITY: (&str, &[&str], &str) = ("Equity", &["Equity"], "Equity");

type Sums = BTreeMap<u64, Decimal>;

impl Company {
    /// Debits less credits of every account, over transactions of a period.
    fn sums(&self, from: Option<NaiveDate>, to: NaiveDate, party: Option<&str>) -> Sums {
        let mut sums = Sums::new();
        self.dated(from, to, |entity, _, object| {
            let owner = object.reference("CustomerRef").or(object.reference("VendorRef"));
            if party.is_none_or(|party| owner == Some(party)) {
                for (account, amount) in self.postings(entity, &object) {
                    *sums.entry(account).or_default() += amount;
                }
            }
        });
        sums
    }

    fn account_key(&self, id: u64, path: &str) -> &str {
        match entity("Account").and_then(|account| self.table(account).key(id, path)) {
            Some(Key::Text(text)) => text,
            _ => "",
        }
    }

    /// A section of a statement and its total, credits counted as positive if `sign` is negative.
    fn statement(&self, sums: &Sums, part: (&str, &[&str], &str), sign: Decimal) -> (Json, Decimal) {
        let (title, kinds, group) = part;
        let (mut rows, mut total) = (Vec::new(), Decimal::ZERO);
        for (id, sum) in sums.iter().filter(|(id, _)| kinds.contains(&self.account_key(**id, "AccountType")))
        {
            total += sum * sign;
            rows.push(data(vec![named(self.account_key(*id, "FullyQualifiedName"), id), amount(sum * sign)]));
        }
        let sum = vec![cell(format!("Total {title}")), amount(total)];
        (section(vec![cell(title), cell("")], rows, sum, group), total)
    }

    pub(super) fn profit_and_loss(&self, asked: Asked<'_>) -> Report {
        let sums = self.sums(Some(asked.start), asked.end, asked.party);
        let (income, earned) = self.statement(&sums, INCOME, -Decimal::ONE);
        let (goods, cost) = self.statement(&sums, GOODS, Decimal::ONE);
        let (expenses, spent) = self.statement(&sums, EXPENSES, Decimal::ONE);
        let (other_income, other_earned) = self.statement(&sums, OTHER_INCOME, -Decimal::ONE);
        let (other_expenses, other_spent) = self.statement(&sums, OTHER_EXPENSES, Decimal::ONE);
        let line = |title: &str, sum, group| summary(vec![cell(title), amount(sum)], group);
        let operating = earned - cost - spent;
        let rows = vec![
            income,
            goods,
            line("Gross Profit", earned - cost, "GrossProfit"),
            expenses,
            line("Net Operating Income", operating, "NetOperatingIncome"),
            other_income,
            other_expenses,
            line("Net Other Income", other_earned - other_spent, "NetOtherIncome"),
            line("Net Income", operating + other_earned - other_spent, "NetIncome"),
        ];
        Report { columns: vec![("", "Account"), ("Total", "Money")], rows }
    }

    pub(super) fn balance_sheet(&self, asked: Asked<'_>) -> Report {
        let sums = self.sums(None, asked.end, None);
        let (assets, _) = self.statement(&sums, ASSETS, Decimal::ONE);
        let (liabilities, owed) = self.statement(&sums, LIABILITIES, -Decimal::ONE);
        let (equity, own) = self.statement(&sums, EQUITY, -Decimal::ONE);
        // Every account that is on neither side is one of profit and loss.
        let kept = [ASSETS, LIABILITIES, EQUITY].iter().flat_map(|part| part.1).collect::<Vec<_>>();
        let earned = sums.iter().filter(|(id, _)| !kept.contains(&&self.account_key(**id, "AccountType")));
        let net = -earned.map(|(_, sum)| sum).sum::<Decimal>();
        let total = owed + own + net;
        let net = data(vec![cell("Net Income"), amount(net)]);
        let sum = vec![cell("TOTAL LIABILITIES AND EQUITY"), amount(total)];
        let title = vec![cell("LIABILITIES AND EQUITY"), cell("")];
        let other = section(title, vec![liabilities, equity, net], sum, "TotalLiabilitiesAndEquity");
        Report { columns: vec![("", "Account"), ("Total", "Money")], rows: vec![assets, other] }
    }

    pub(super) fn trial_balance(&self, asked: Asked<'_>) -> Report {
        let sums = self.sums(None, asked.end, None);
        let (mut rows, mut debits) = (Vec::new(), Decimal::ZERO);
        for (id, sum) in sums.iter().filter(|(_, sum)| !sum.is_zero()) {
            let (debit, credit) =
                if *sum > Decimal::ZERO { (*sum, Decimal::ZERO) } else { (Decimal::ZERO, -*sum) };
            debits += debit;
            rows.push(data(vec![
                named(self.account_key(*id, "FullyQualifiedName"), id),
                amount(debit),
                amount(credit),
            ]));
        }
        rows.push(summary(vec![cell("TOTAL"), amount(debits), amount(debits)], "GrandTotal"));
        Report { columns: vec![("", "Account"), ("Debit", "Money"), ("Credit", "Money")], rows }
    }

    pub(super) fn cash_flow(&self, asked: Asked<'_>) -> Report {
        let moved = self.sums(Some(asked.start), asked.end, None);
        let is_cash = |id: &u64| self.account_key(*id, "AccountType") == "Bank" || *id == 4;
        let rows = moved.iter().filter(|(id, sum)| !is_cash(id) && !sum.is_zero());
        let rows: Vec<Json> = rows
            .map(|(id, sum)| data(vec![named(self.account_key(*id, "FullyQualifiedName"), id), amount(-sum)]))
            .collect();
        let net: Decimal = moved.iter().filter(|(id, _)| is_cash(id)).map(|(_, sum)| sum).sum();
        let header = vec![cell("OPERATING ACTIVITIES"), cell("")];
        let total = vec![cell("Net cash provided by operating activities"), amount(net)];
        let rows = vec![
            section(header, rows, total, "OperatingActivities"),
            summary(vec![cell("Net cash increase for period"), amount(net)], "CashIncrease"),
        ];
        Report { columns: vec![("", "Account"), ("Total", "Money")], rows }
    }

    pub(super) fn general_ledger(&self, asked: Asked<'_>) -> Report {
        let columns = vec![
            ("Date", "tx_date"),
            ("Transaction Type", "txn_type"),
            ("Num", "doc_num"),
            ("Name", "name"),
            ("Memo/Description", "memo"),
            ("Split", "split_acc"),
            ("Amount", "subt_nat_amount"),
            ("Balance", "rbal_nat_amount"),
        ];
        let mut balances = match asked.start.pred_opt() {
            Some(before) => self.sums(None, before, None),
            None => Sums::new(),
        };
        let mut lines: BTreeMap<u64, Vec<(Vec<Json>, Decimal)>> = BTreeMap::new();
        self.dated(Some(asked.start), asked.end, |entity, id, object| {
            let postings = self.postings(entity, &object);
            for (account, sum) in &postings {
                let split =
                    postings.iter().find(|(other, _)| other != account).map_or(0, |(other, _)| *other);
                let cells = self.ledger_cells(entity.name, id, &object, split);
                lines.entry(*account).or_default().push((cells, *sum));
            }
        });
        let blank = |first: Json, last: Decimal, total: Decimal| {
            let empty = || cell("");
            vec![first, empty(), empty(), empty(), empty(), empty(), amount(total), amount(last)]
        };
        let mut rows = Vec::new();
        for id in lines.keys().chain(balances.keys()).copied().collect::<std::collections::BTreeSet<u64>>() {
            let name = self.account_key(id, "FullyQualifiedName");
            let balance = balances.entry(id).or_default();
            let mut inner = vec![data(blank(cell("Beginning Balance"), *balance, Decimal::ZERO))];
            let mut total = Decimal::ZERO;
            for (mut cells, sum) in lines.remove(&id).unwrap_or_default() {
                *balance += sum;
                total += sum;
                cells.extend([amount(sum), amount(*balance)]);
                inner.push(data(cells));
            }
            let sum = blank(cell(format!("Total for {name}")), Decimal::ZERO, total);
            rows.push(section(blank(named(name, id), Decimal::ZERO, Decimal::ZERO), inner, sum, ""));
        }
        Report { columns, rows }
    }

    fn ledger_cells(&self, kind: &str, id: u64, object: &Object, split: u64) -> Vec<Json> {
        let text = |name: &str| object.text(name).unwrap_or_default();
        let party = ["CustomerRef", "VendorRef"].iter().find_map(|name| object.object(name));
        let part = |name: &str| party.and_then(|party| party.text(name)).unwrap_or_default();
        vec![
            cell(text("TxnDate")),
            named(kind, id),
            cell(text("DocNumber")),
            named(part("name"), part("value")),
            cell(text("PrivateNote")),
            named(self.account_key(split, "FullyQualifiedName"), split),
        ]
    }
}
