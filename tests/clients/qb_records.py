"""Queries, records and documents with python-quickbooks."""

import uuid
from decimal import Decimal

from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects import (
    Attachable,
    CompanyInfo,
    Customer,
    Estimate,
    Invoice,
    Item,
    Payment,
    PaymentLine,
    Preferences,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.base import AttachableRef, LinkedTxn

from steps import equal, step


def refused(call, kind, code):
    """Runs a call that the service has to refuse with an error code."""
    try:
        found = call()
    except kind as error:
        equal(error.error_code, code, "error code")
        return error
    raise AssertionError(f"expected {code}, got {found!r}")


def line(world, amount):
    """A line of an invoice: one piece at a price."""
    one = SalesItemLine()
    one.Amount = amount
    one.SalesItemLineDetail = SalesItemLineDetail()
    one.SalesItemLineDetail.ItemRef = world.items[0].to_ref()
    one.SalesItemLineDetail.UnitPrice = amount
    one.SalesItemLineDetail.Qty = 1
    return one


def invoice(world, *amounts):
    new = Invoice()
    new.CustomerRef = world.customer.to_ref()
    new.Line = [line(world, amount) for amount in amounts]
    return new


@step("queries with conditions, order, pages and counts")
def _(world):
    qb = world.qb
    world.items = Item.filter(Type="Service", Active=True, qb=qb)
    assert world.items, "no item is seeded"
    total = Customer.count(qb=qb)
    pages = []
    while page := Customer.all(order_by="Id", start_position=len(pages) + 1, max_results=100, qb=qb):
        pages.extend(page)
    equal(len(pages), total, "rows of all pages")
    equal(len({customer.Id for customer in pages}), total, "different rows")
    names = [customer.DisplayName for customer in Customer.where("Active = true", order_by="DisplayName", max_results=20, qb=qb)]
    equal(names, sorted(names, key=str.lower), "order")
    unpaid = Invoice.where("Balance > '0' AND TxnDate >= '2000-01-01'", qb=qb)
    assert unpaid and all(one.Balance > 0 for one in unpaid), "balances"
    few = Invoice.choose([one.Id for one in unpaid[:3]], field="Id", qb=qb)
    equal({one.Id for one in few}, {one.Id for one in unpaid[:3]}, "chosen rows")
    equal(Customer.where("DisplayName LIKE 'no such %'", qb=qb), [], "rows of an empty answer")


@step("names what is wrong with a query")
def _(world):
    refused(lambda: world.qb.query("select * from Custmoer"), ValidationException, 4001)
    refused(lambda: world.qb.query("selct * from Customer"), ValidationException, 4000)
    refused(lambda: Customer.filter(NoSuchField="1", qb=world.qb), ValidationException, 4001)


@step("reads the company and its preferences")
def _(world):
    company = CompanyInfo.get(world.facts.realm_id, qb=world.qb)
    assert company.CompanyName, "no name"
    assert Preferences.get(qb=world.qb).CurrencyPrefs, "no currency preferences"


@step("creates, reads, updates and deactivates a customer")
def _(world):
    qb = world.qb
    new = Customer()
    new.DisplayName = f"O'Neil \\ Söhne {uuid.uuid4().hex[:8]}"
    new.GivenName = "Grace"
    saved = new.save(qb=qb)
    equal((saved.SyncToken, saved.Active, saved.Balance), ("0", True, 0))
    saved.Notes = "first"
    again = saved.save(qb=qb)
    equal((again.SyncToken, again.Notes, again.GivenName), ("1", "first", "Grace"))
    refused(lambda: saved.save(qb=qb), QuickbooksException, 5010)
    other = Customer()
    other.DisplayName = new.DisplayName
    refused(lambda: other.save(qb=qb), QuickbooksException, 6240)
    again.Active = False
    again.save(qb=qb)
    equal(Customer.filter(Id=again.Id, qb=qb), [], "rows that hide the inactive")
    equal(len(Customer.filter(Id=again.Id, Active=False, qb=qb)), 1, "inactive rows")
    world.customer = Customer.all(max_results=1, qb=qb)[0]


@step("changes only what a sparse update names")
def _(world):
    qb = world.qb
    before = world.customer
    url = f"{qb.api_url}/company/{qb.company_id}/customer"
    body = f'{{"Id": "{before.Id}", "SyncToken": "{before.SyncToken}", "sparse": true, "Notes": "sparse"}}'
    after = Customer.from_json(qb.post(url, body)["Customer"])
    equal((after.Notes, after.DisplayName), ("sparse", before.DisplayName))
    equal(int(after.SyncToken), int(before.SyncToken) + 1, "SyncToken")
    body = f'{{"Id": "{after.Id}", "SyncToken": "{after.SyncToken}", "sparse": true, "Notes": "sparse"}}'
    equal(qb.post(url, body)["Customer"]["SyncToken"], after.SyncToken, "SyncToken after a change of nothing")


@step("creates an invoice once, however often its request is sent")
def _(world):
    qb, key = world.qb, str(uuid.uuid4())
    first = invoice(world, 100, 20.5).save(qb=qb, request_id=key)
    second = invoice(world, 100, 20.5).save(qb=qb, request_id=key)
    equal(second.Id, first.Id)
    equal((first.TotalAmt, first.Balance), (120.5, 120.5))
    equal(first.Line[-1].DetailType, "SubTotalLineDetail")
    assert first.DocNumber and first.DueDate, "defaults are missing"
    world.invoice = first


@step("pays an invoice, and frees it again")
def _(world):
    qb = world.qb
    linked = LinkedTxn()
    linked.TxnId, linked.TxnType = world.invoice.Id, "Invoice"
    part = PaymentLine()
    part.Amount, part.LinkedTxn = 20.5, [linked]
    payment = Payment()
    payment.CustomerRef, payment.TotalAmt, payment.Line = world.customer.to_ref(), 50, [part]
    saved = payment.save(qb=qb)
    equal(saved.UnappliedAmt, 29.5)
    paid = Invoice.get(world.invoice.Id, qb=qb)
    equal((paid.Balance, paid.LinkedTxn[0].TxnId), (100, saved.Id))
    saved.void(qb=qb)
    equal(Payment.get(saved.Id, qb=qb).TotalAmt, 0)
    world.invoice = Invoice.get(world.invoice.Id, qb=qb)
    equal(world.invoice.Balance, 120.5)


@step("sends an invoice")
def _(world):
    sent = world.invoice.send(qb=world.qb, send_to="ada+billing@example.com")["Invoice"]
    equal((sent["EmailStatus"], sent["BillEmail"]["Address"]), ("EmailSent", "ada+billing@example.com"))
    equal(sent["DeliveryInfo"]["DeliveryType"], "Email")


@step("downloads an invoice as PDF")
def _(world):
    pdf = world.invoice.download_pdf(qb=world.qb)
    assert pdf.startswith(b"%PDF-1.") and pdf.rstrip().endswith(b"%%EOF"), pdf[:40]
    assert world.invoice.DocNumber.encode() in pdf, "the number is not on it"
    refused(lambda: world.qb.download_pdf("Invoice", "99999999"), ObjectNotFoundException, 610)


@step("voids an invoice")
def _(world):
    fresh = Invoice.get(world.invoice.Id, qb=world.qb)
    fresh.void(qb=world.qb)
    voided = Invoice.get(fresh.Id, qb=world.qb)
    equal((voided.TotalAmt, voided.Balance, int(voided.SyncToken)), (0, 0, int(fresh.SyncToken) + 1))
    assert voided.PrivateNote.startswith("Voided"), voided.PrivateNote


@step("deletes an invoice and an estimate")
def _(world):
    qb = world.qb
    doomed = invoice(world, 1).save(qb=qb)
    answer = doomed.delete(qb=qb)["Invoice"]
    equal((answer["status"], answer["Id"]), ("Deleted", doomed.Id))
    refused(lambda: Invoice.get(doomed.Id, qb=qb), ObjectNotFoundException, 610)
    estimate = Estimate()
    estimate.CustomerRef, estimate.Line = world.customer.to_ref(), [line(world, 5)]
    estimate = estimate.save(qb=qb)
    equal(estimate.delete(qb=qb)["Estimate"]["status"], "Deleted")


@step("keeps decimals to the digit")
def _(world):
    qb = world.qb
    qb.use_decimal = True
    saved = invoice(world, "1234567890.12", "0.07").save(qb=qb)
    read = Invoice.get(saved.Id, qb=qb)
    qb.use_decimal = False
    equal(Decimal(read.TotalAmt), Decimal("1234567890.19"))
    Invoice.get(saved.Id, qb=qb).delete(qb=qb)


@step("uploads a file, and downloads it")
def _(world):
    qb = world.qb
    file = Attachable()
    file.FileName, file.ContentType, file.Note = "note.txt", "text/plain", "a note"
    entity = AttachableRef()
    entity.EntityRef = world.customer.to_ref()
    file.AttachableRef = [entity]
    file._FileBytes = b"one\ntwo\n"
    saved = file.save(qb=qb)
    equal((saved.FileName, saved.Size), ("note.txt", 8))
    found = Attachable.get(saved.Id, qb=qb)
    content = qb.session.get(found.TempDownloadUri)
    equal((content.content, content.headers["content-type"]), (b"one\ntwo\n", "text/plain"))
    found.delete(qb=qb)


@step("makes reports")
def _(world):
    for name in ("ProfitAndLoss", "BalanceSheet", "AgedReceivables", "CustomerBalance", "TransactionList"):
        report = world.qb.get_report(name, {"start_date": "2000-01-01", "end_date": "2100-01-01"})
        equal(report["Header"]["ReportName"], name, "name")
        width = len(report["Columns"]["Column"])
        rows = report["Rows"]["Row"]
        assert rows, f"{name} has no rows"
        while rows:
            row = rows.pop()
            for part in (row, row.get("Header", {}), row.get("Summary", {})):
                equal(len(part.get("ColData", [None] * width)), width, f"columns of {name}")
            rows.extend(row.get("Rows", {}).get("Row", []))


@step("refuses what it cannot do in the vendor's words")
def _(world):
    qb = world.qb
    url = f"{qb.api_url}/company/{qb.company_id}"
    refused(lambda: qb.get(f"{url}/nosuchthing/1"), UnsupportedException, 500)
    refused(lambda: qb.get(f"{url}/customer/1.5"), ValidationException, 2030)
    refused(lambda: qb.post(f"{url}/invoice", '{"BadJson": 1}'), ValidationException, 2010)
    refused(lambda: Invoice().save(qb=qb), ValidationException, 2020)


@step("refuses another company's id, and a token that is none")
def _(world):
    qb = world.qb
    wrong = qb.session.get(f"{qb.api_url}/company/1/companyinfo/1", headers={"Accept": "application/json"})
    equal((wrong.status_code, wrong.json()["fault"]["error"][0]["code"]), (403, "3100"))
    token, qb.session.access_token = qb.session.access_token, "none"
    error = refused(lambda: Customer.all(qb=qb), AuthorizationException, 401)
    qb.session.access_token = token
    assert "errorCode=003200" in error.detail, error.detail
