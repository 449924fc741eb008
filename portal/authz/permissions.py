"""Every permission of the product. roles.py says who has which permission; docs/permissions.md is generated."""

from enum import StrEnum


class Permission(StrEnum):
    """`subject:verb`. The generated page shows the comment."""

    ANNOUNCEMENT_WRITE = "announcement:write"  # Write, publish and end announcements
    ARTICLE_PUBLISH = "article:publish"  # Publish and withdraw help articles, and change their categories
    ARTICLE_READ = "article:read"  # Read help articles on the desk, drafts too
    ARTICLE_WRITE = "article:write"  # Write drafts of help articles
    CANNED_REPLY_SHARE = "canned-reply:share"  # Write the canned replies that everybody of the desk uses
    CASE_ACCEPT = "case:accept"  # Accept or reject a solution
    CASE_ANSWER = "case:answer"  # Answer a case as support
    CASE_CLOSE = "case:close"  # Close a case
    CASE_EDIT = "case:edit"  # Change subject, type, contact, environment, department
    CASE_EDIT_OWN_WORDS = "case:edit-own-words"  # Correct subject and description until the first answer
    CASE_ESCALATE = "case:escalate"  # Raise or lower the support tier
    CASE_EXCLUDE = "case:exclude"  # Name people who must never see a case
    CASE_FOLLOW = "case:follow"  # Follow or mute a case
    CASE_MERGE = "case:merge"  # Merge cases of one account, and split them
    CASE_MOVE = "case:move"  # Move a case to another account
    CASE_NOTE = "case:note"  # Write and read internal notes
    CASE_OPEN = "case:open"  # Open a case
    CASE_OPEN_FOR_OTHERS = "case:open-for-others"  # Open a case on behalf of somebody else
    CASE_PEOPLE = "case:people"  # Put people in copy
    CASE_READ = "case:read"  # Read the cases that the scope admits
    CASE_READ_PRIVATE = "case:read-private"  # Read private cases of others, where the organization allows it
    CASE_READ_SHARED = "case:read-shared"  # Read cases shared in the organization
    CASE_REOPEN = "case:reopen"  # Reopen a resolved or closed case
    CASE_REPLY = "case:reply"  # Reply as the customer
    CASE_SEVERITY = "case:severity"  # Redefine the severity
    CASE_SHARE = "case:share"  # Share a case, or make it private
    CASE_SHARE_ABROAD = "case:share-abroad"  # Share a case with a further organization
    CASE_SKIP_CHECK = "case:skip-check"  # Say why a sensitive case needs no call check
    CASE_STATUS = "case:status"  # Start, ask, hold, wake, resolve
    CASE_TAKE = "case:take"  # Take a case or assign it
    COMMUNITY_ANSWER = "community:answer"  # Write official answers in the community, and accept answers
    COMMUNITY_MODERATE = "community:moderate"  # Approve, hide and close in the community, and block people there
    COMMUNITY_READ = "community:read"  # Read the community on the desk, with the people behind it
    COMMUNITY_WRITE = "community:write"  # Write in the spaces of the community that one sees
    DESK_USE = "desk:use"  # Enter the desk
    MAIL_SEE = "mail:see"  # See what was mailed
    ORGANIZATION_ENVIRONMENTS = "organization:environments"  # Change the environments of the own organization
    ORGANIZATION_PEOPLE = "organization:people"  # Invite, change and remove people of the own organization
    ORGANIZATION_RULES = "organization:rules"  # Change the sharing rules of the own organization
    PORTAL_USE = "portal:use"  # Enter the portal
    PROVIDER_CONFIGURE = "provider:configure"  # Configure the provider: accounts, people, case design
    PROVIDER_CONNECT = "provider:connect"  # Connect mailboxes and identity providers, which speak for people
    PROVIDER_READ = "provider:read"  # Read the provider's configuration
    SECURITY_SEE = "security:see"  # See security events: failed sign-ins, refused requests, changed roles
    SURVEY_ANSWER = "survey:answer"  # Answer the survey of a case
    SURVEY_FOLLOW_UP = "survey:follow-up"  # Take and finish the follow-up of a low survey answer
    TIME_REVIEW = "time:review"  # Read the time that everybody worked as one list, and change entries of others
    VIEW_SHARE = "view:share"  # Share saved views of cases with a department, or with everybody of the desk
