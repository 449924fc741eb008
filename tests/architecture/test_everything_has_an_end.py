"""Whatever is made from the interface can be renamed, and taken away again."""

# By what makes it: what changes it, and what ends it (deletes, archives, switches off, or ends access).
MADE = {
    "admin.add_organization": ("admin.change_organization", "admin.delete_organization"),
    "admin.add_account": ("admin.change_account", "admin.delete_account"),
    "admin.add_environment": ("admin.change_environment", "admin.delete_environment"),
    "admin.add_contact": ("admin.correct_contact", "admin.delete_contact"),
    "admin.preview_several": ("admin.correct_contact", "admin.delete_contact"),
    "admin.upload_people": ("admin.correct_contact", "admin.delete_contact"),
    "admin.add_staff": ("admin.correct_staff", "admin.staff_verb"),
    "admin.add_department": ("admin.change_department", "admin.delete_department"),
    "admin.add_service": ("admin.change_service", "admin.delete_service"),
    "admin.add_request_type": ("admin.change_request_type", "admin.delete_request_type"),
    # A field is no longer asked; cases keep its answers.
    "form_builder.new_field": ("form_builder.field", "form_builder.end_field"),
    "admin.add_level": ("admin.change_severity", "admin.remove_level"),
    "promises.add_calendar": ("promises.change_calendar", "promises.archive_calendar"),
    "promises.add_policy": ("promises.change_policy", "promises.archive_policy"),
    "promises.add_rule": ("promises.change_rule", "admin.delete_rule"),
    "surveys.new_question": ("surveys.question", "surveys.remove_question"),
    # A space is taken out of use; what people wrote there stays.
    "community.new_space": ("community.change_space", "community.change_space"),
    "mail.new_mailbox": ("mail.mailbox", "admin.delete_mailbox"),
    "canned_replies.shared_new": ("canned_replies.shared_change", "canned_replies.shared_delete"),
    # A rule is taken out of use; what was asked because of it names it.
    "admin.add_tag": ("admin.change_tag", "admin.merge_tag"),
    "approvals.new_rule": ("approvals.change_rule", "approvals.change_rule"),
    "rules.new_rule": ("rules.change_rule", "rules.delete_rule"),
    "calls.new_hotline": ("calls.change_hotline", "calls.change_hotline"),
    "calls.new_system": ("calls.change_system", "calls.end_system_token"),
    "sso.new_way": ("sso.change_way", "sso.delete_way"),
    # A domain is nothing but its name: a wrong one is removed, and the right one added.
    "sso.new_domain": ("sso.delete_domain", "sso.delete_domain"),
    "organization.add_environment": ("organization.change_environment", "organization.change_environment"),
    "organization.send_invitation": ("organization.correct_person", "organization.press"),
}
# Pages that make something and do not end in "/new".
MAKING = ("/admin/import", "/people/several", "/people/invite")


def posting(app):
    """The endpoints that take a form, by their address."""
    return {
        rule.rule: rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.startswith(("/admin", "/org/"))
    }


def test_whatever_can_be_made_can_be_changed_and_taken_away(app):
    """A typo in the first hour must not stay for ever: name here what mends and what ends each thing."""
    found = {endpoint for address, endpoint in posting(app).items() if address.endswith(("/new", *MAKING))}
    print(f"{'made by':32}{'renamed by':36}taken away by")
    for made, (renamed, ended) in MADE.items():
        print(f"{made:32}{renamed:36}{ended}")
    assert found == set(MADE)
    known = set(posting(app).values())
    assert {endpoint for pair in MADE.values() for endpoint in pair} <= known
