"""What the addresses of SCIM share, and the page of an organization's identity provider."""
