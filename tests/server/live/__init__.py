"""The demo server with the app, used as desks, browsers and admins do."""
