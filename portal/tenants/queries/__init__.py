"""Reads about tenancy: who acts (`actors`), where (`places`), and the people of an organization (`people`)."""
