"""The rules of Northwind: words of networks go to the infrastructure team, and long waits are said."""

from portal.demo.specs import CaseRuleSpec

CASE_RULES = (
    CaseRuleSpec(
        "Networks go to Infrastructure",
        "opened",
        subject_words="firewall, network, vpn",
        department="infrastructure",
        follower="lee",
        note="Look at the map of the network before the first change.",
    ),
    CaseRuleSpec(
        "Nobody answered our question for three days",
        "in_status",
        hours=72,
        status="waiting",
        note="Three days without an answer: call the customer.",
    ),
)
