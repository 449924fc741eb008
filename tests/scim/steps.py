"""An identity provider that provisions the people of an organization."""

import json
from urllib.parse import quote

from portal.scim.actions.tokens import make_token
from portal.sso.actions.ways import add_domain
from portal.tenants.models import Account, Organization

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Client:
    """An identity provider with the token of *slug*."""

    def __init__(self, world, client, slug: str, key: str) -> None:
        ctx = world.system()
        row = world.rows(Organization, Organization.slug == slug)[0]
        account = world.rows(Account, Account.key == key)[0]
        add_domain(ctx, row, "email", f"{slug}.example", account_id=None, role="requester")
        self.token, self.browser = make_token(world.ctx("ada"), row, account, "member"), client()

    def ask(self, method: str, path: str, body=None, token: str = ""):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        more = {"data": json.dumps(body), "content_type": "application/scim+json"} if body is not None else {}
        answer = self.browser.open(f"/scim/v2/{path}", method=method, headers=headers, csrf=False, **more)
        assert answer.status_code == 204 or answer.mimetype == "application/scim+json", answer.get_data(as_text=True)
        return answer

    def add(self, email: str, **more):
        body = {"schemas": [USER], "userName": email, "displayName": "Nina Newcomer", "active": True, **more}
        return self.ask("POST", "Users", body)

    def patch(self, person_id: str, *operations):
        return self.ask("PATCH", f"Users/{person_id}", {"schemas": [PATCH], "Operations": list(operations)})

    def add_group(self, name: str, *people: str, **more):
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in people], **more}
        return self.ask("POST", "Groups", body)

    def patch_group(self, group_id: str, *operations):
        return self.ask("PATCH", f"Groups/{group_id}", {"schemas": [PATCH], "Operations": list(operations)})

    def find(self, condition: str):
        return self.ask("GET", f"Users?filter={quote(condition)}").json


def rows(world, model, *where):
    world.session.expire_all()
    return world.rows(model, *where)
