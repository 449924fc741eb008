"""Single sign-on by OpenID Connect: Google, Microsoft, and the identity providers of organizations."""
