"""Every page of the console with the permission that it needs."""

PAGES = {
    "/console": "",
    "/console/search?q=C001": "",
    "/console/approvals": "collection.approve",
    "/console/customers": "customer.view",
    "/console/customers/{customer}": "customer.view",
    "/console/invoices?all=1": "invoice.view",
    "/console/invoices/{invoice}": "invoice.view",
    "/console/collections": "collection.view",
    "/console/collections/{cash}": "collection.view",
    "/console/imports": "customer.import",
    "/console/imports/customers": "customer.import",
    "/console/imports/invoices": "customer.import",
    "/console/differences": "invoice.settle",
    "/console/money": "custody.view",
    "/console/bank": "bank.view",
    "/console/bank/{account}": "bank.view",
    "/console/matching": "matching.view",
    "/console/matching/done": "matching.view",
    "/console/incentive": "incentive.view",
    "/console/incentive/{salesperson}": "incentive.view",
    "/console/controls": "ledger.view",
    "/console/audit": "audit.view",
    "/console/audit/verify": "audit.verify",
    "/console/users": "user.view",
    "/console/devices": "device.view",
    "/console/settings": "setting.edit",
    "/console/help": "",
}


def addresses(facts, people):
    """Return every page's real address with its permission."""
    ids = {
        "customer": facts.customer,
        "invoice": facts.invoices[0],
        "cash": facts.cash,
        "account": facts.account,
        "salesperson": people.salesperson.user_id,
    }
    return {path.format(**ids): permission for path, permission in PAGES.items()}
