"""The portal as an app on a phone or computer: its manifest and icons, and a service worker that keeps only the page
that says that there is no connection."""
