//! The entities a company has, declared as data.

/// How an entity may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Customer, Vendor, Employee: made inactive, never deleted; names are unique across the three.
    Name,
    /// A list with `Active`: made inactive, never deleted.
    List,
    /// Deleted for good; some can be voided.
    Transaction,
    /// Deleted for good, but not a transaction.
    Document,
    /// Neither inactive nor deleted.
    Fixed,
}

#[derive(Debug)]
pub(crate) struct Entity {
    /// Position in [`ENTITIES`], and of its table in the company.
    pub(crate) index: usize,
    pub(crate) name: &'static str,
    /// The type in the schema, where it has another name.
    pub(crate) class: &'static str,
    pub(crate) kind: Kind,
    /// The property that names a row, and by which lists are ordered. Empty if none does.
    pub(crate) label: &'static str,
    pub(crate) required: &'static [&'static str],
    /// What a query may filter and sort by, beside `Id` and `MetaData`.
    pub(crate) filter: &'static [&'static str],
}

impl Entity {
    const fn new(
        name: &'static str,
        kind: Kind,
        required: &'static [&'static str],
        filter: &'static [&'static str],
    ) -> Self {
        let label = match kind {
            Kind::Name => "DisplayName",
            Kind::List => "Name",
            _ => "",
        };
        Self { index: 0, name, class: name, kind, label, required, filter }
    }

    const fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    const fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// Whether rows are hidden from a query once inactive.
    pub(crate) fn has_active(&self) -> bool {
        matches!(self.kind, Kind::Name | Kind::List)
    }

    pub(crate) fn is_transaction(&self) -> bool {
        self.kind == Kind::Transaction
    }

    pub(crate) fn can_delete(&self) -> bool {
        matches!(self.kind, Kind::Transaction | Kind::Document)
    }

    /// Intuit docs list void for these four.
    pub(crate) fn can_void(&self) -> bool {
        ["Invoice", "Payment", "SalesReceipt", "BillPayment"].contains(&self.name)
    }

    pub(crate) fn can_send(&self) -> bool {
        let sent = [
            "Invoice",
            "Estimate",
            "CreditMemo",
            "SalesReceipt",
            "RefundReceipt",
            "Payment",
            "PurchaseOrder",
        ];
        sent.contains(&self.name)
    }

    /// Not offered by change data capture (Intuit docs).
    pub(crate) fn is_tracked(&self) -> bool {
        !["TaxAgency", "TimeActivity", "TaxCode", "TaxRate", "CompanyInfo", "Preferences", "ExchangeRate"]
            .contains(&self.name)
    }

    /// Which counter its ids come from: names share one, transactions share another.
    pub(crate) fn sequence(&self) -> &'static str {
        match self.kind {
            Kind::Name => "Name",
            Kind::Transaction => "Transaction",
            _ => self.name,
        }
    }
}

/// The entity of this name, in any case.
pub(crate) fn entity(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|entity| entity.name.eq_ignore_ascii_case(name))
}

const NAMES: &[&str] = &[
    "DisplayName",
    "GivenName",
    "MiddleName",
    "FamilyName",
    "CompanyName",
    "FullyQualifiedName",
    "PrintOnCheckName",
    "Title",
    "Suffix",
    "PrimaryEmailAddr",
    "PrimaryPhone",
    "Active",
    "Balance",
    "BalanceWithJobs",
    "CurrencyRef",
    "Job",
    "Taxable",
    "ParentRef",
    "PreferredDeliveryMethod",
    "CustomerTypeRef",
    "AcctNum",
    "Vendor1099",
    "EmployeeNumber",
    "BillableTime",
    "HiredDate",
    "ReleasedDate",
];
const SALES: &[&str] = &[
    "DocNumber",
    "TxnDate",
    "DueDate",
    "CustomerRef",
    "Balance",
    "TotalAmt",
    "ShipDate",
    "SalesTermRef",
    "DepartmentRef",
    "ClassRef",
    "CurrencyRef",
    "TrackingNum",
    "ExpirationDate",
    "TxnStatus",
    "PaymentMethodRef",
    "PaymentRefNum",
    "DepositToAccountRef",
    "UnappliedAmt",
];
const PURCHASES: &[&str] = &[
    "DocNumber",
    "TxnDate",
    "DueDate",
    "VendorRef",
    "EntityRef",
    "Balance",
    "TotalAmt",
    "SalesTermRef",
    "DepartmentRef",
    "CurrencyRef",
    "PaymentType",
    "PayType",
    "POStatus",
    "AccountRef",
    "APAccountRef",
];
const LISTED: &[&str] =
    &["Name", "FullyQualifiedName", "Active", "ParentRef", "Type", "SubClass", "SubDepartment", "DueDays"];
const MOVES: &[&str] = &[
    "DocNumber",
    "TxnDate",
    "TotalAmt",
    "Amount",
    "DepositToAccountRef",
    "FromAccountRef",
    "ToAccountRef",
    "Adjustment",
    "CurrencyRef",
];

/// Every entity. Required properties are Intuit's per-entity reference; the filter lists follow public mirrors of it
/// (Gravity, ComponentOne) and real traffic, and are wider than the vendor's where those disagree (unverified).
pub(crate) const ENTITIES: &[Entity] = &number([
    Entity::new("Customer", Kind::Name, &[], NAMES),
    Entity::new("Vendor", Kind::Name, &[], NAMES),
    Entity::new("Employee", Kind::Name, &[], NAMES),
    Entity::new(
        "Item",
        Kind::List,
        &["Name"],
        &[
            "Name",
            "Active",
            "Type",
            "Sku",
            "Description",
            "FullyQualifiedName",
            "UnitPrice",
            "PurchaseCost",
            "QtyOnHand",
            "Taxable",
            "TrackQtyOnHand",
            "ParentRef",
            "SubItem",
            "InvStartDate",
            "IncomeAccountRef",
            "ExpenseAccountRef",
            "AssetAccountRef",
        ],
    ),
    Entity::new("Invoice", Kind::Transaction, &["Line", "CustomerRef"], SALES),
    Entity::new("Payment", Kind::Transaction, &["CustomerRef"], SALES),
    Entity::new("CreditMemo", Kind::Transaction, &["Line", "CustomerRef"], SALES),
    Entity::new("Estimate", Kind::Transaction, &["Line", "CustomerRef"], SALES),
    Entity::new("SalesReceipt", Kind::Transaction, &["Line"], SALES),
    Entity::new("RefundReceipt", Kind::Transaction, &["Line", "DepositToAccountRef"], SALES),
    Entity::new("Bill", Kind::Transaction, &["Line", "VendorRef"], PURCHASES),
    Entity::new("BillPayment", Kind::Transaction, &["VendorRef", "PayType", "TotalAmt"], PURCHASES),
    Entity::new("Purchase", Kind::Transaction, &["Line", "AccountRef", "PaymentType"], PURCHASES),
    Entity::new("PurchaseOrder", Kind::Transaction, &["Line", "VendorRef"], PURCHASES),
    Entity::new("VendorCredit", Kind::Transaction, &["Line", "VendorRef"], PURCHASES),
    Entity::new("JournalEntry", Kind::Transaction, &["Line"], MOVES),
    Entity::new("Deposit", Kind::Transaction, &["Line", "DepositToAccountRef"], MOVES),
    Entity::new("Transfer", Kind::Transaction, &["Amount", "FromAccountRef", "ToAccountRef"], MOVES),
    Entity::new(
        "CreditCardPayment",
        Kind::Transaction,
        &["Amount", "BankAccountRef", "CreditCardAccountRef"],
        MOVES,
    )
    .class("CreditCardPaymentTxn"),
    Entity::new(
        "TimeActivity",
        Kind::Document,
        &["NameOf"],
        &["TxnDate", "NameOf", "EmployeeRef", "VendorRef", "CustomerRef", "ItemRef", "BillableStatus"],
    ),
    Entity::new(
        "Account",
        Kind::List,
        &["Name"],
        &[
            "Name",
            "FullyQualifiedName",
            "Active",
            "Classification",
            "AccountType",
            "AccountSubType",
            "AcctNum",
            "CurrentBalance",
            "SubAccount",
            "ParentRef",
            "Description",
            "CurrencyRef",
        ],
    ),
    Entity::new("Class", Kind::List, &["Name"], LISTED),
    Entity::new("Department", Kind::List, &["Name"], LISTED),
    Entity::new("Term", Kind::List, &["Name"], LISTED),
    Entity::new("PaymentMethod", Kind::List, &["Name"], LISTED),
    Entity::new("CustomerType", Kind::List, &["Name"], LISTED),
    Entity::new(
        "TaxCode",
        Kind::List,
        &["Name"],
        &["Name", "Description", "Active", "Hidden", "Taxable", "TaxGroup"],
    ),
    Entity::new(
        "TaxRate",
        Kind::List,
        &["Name"],
        &["Name", "Description", "Active", "RateValue", "AgencyRef"],
    ),
    Entity::new("TaxAgency", Kind::Fixed, &["DisplayName"], &["DisplayName"]).label("DisplayName"),
    Entity::new("CompanyCurrency", Kind::List, &["Code"], &["Name", "Code", "Active"]),
    Entity::new(
        "ExchangeRate",
        Kind::Fixed,
        &["SourceCurrencyCode", "Rate"],
        &["SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate", "Rate"],
    ),
    Entity::new("CompanyInfo", Kind::Fixed, &[], &["CompanyName", "LegalName", "Country"]),
    Entity::new("Preferences", Kind::Fixed, &[], &[]),
    Entity::new(
        "Attachable",
        Kind::Document,
        &[],
        &["FileName", "Note", "ContentType", "Category", "Tag", "Size"],
    ),
    Entity::new("RecurringTransaction", Kind::Document, &[], &["Type"]),
    Entity::new("Budget", Kind::List, &["Name"], &["Name", "Active", "BudgetType", "StartDate", "EndDate"]),
]);

const fn number<const N: usize>(mut entities: [Entity; N]) -> [Entity; N] {
    let mut index = 0;
    while index < N {
        entities[index].index = index;
        index += 1;
    }
    entities
}
