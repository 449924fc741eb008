"""The approvals of Northwind: changes in production of Acme need a yes of Olga, or of Cora in her place."""

import datetime as dt

from portal.demo.specs import ApprovalSpec, ApprovedCaseSpec

APPROVAL = ApprovalSpec(
    name="Changes in production",
    account="ACME",
    type="support",
    environment_kind="production",
    approvers=(("olga", "cora"),),
    due_hours=24 * 14,
    cases=(
        ApprovedCaseSpec(
            "Open the firewall for the parcel service",
            "The parcel service needs to reach the shipping server, ports 443 and 8443, from its two addresses.",
            by="mel",
            environment="Production",
            ago=dt.timedelta(minutes=40),
            answer=("olga", True, "", dt.timedelta(minutes=15)),
        ),
        ApprovedCaseSpec(
            "Raise the storage of the archive to 8 TB",
            "The archive is full by the end of the year. Please order 4 TB more.",
            by="rita",
            environment="Production",
            ago=dt.timedelta(minutes=35),
            answer=(
                "cora",
                False,
                "Not before the budget of next year: we archive less until then.",
                dt.timedelta(minutes=10),
            ),
        ),
        ApprovedCaseSpec(
            "Move the label printers to the new network",
            "All twelve label printers of hall 2 should be in the new network before the stock-taking.",
            by="rita",
            environment="Production",
            ago=dt.timedelta(minutes=30),
        ),
    ),
)
