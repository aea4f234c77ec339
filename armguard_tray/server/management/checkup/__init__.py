"""What `manage.py check_websockets` is made of: it uses the WebSockets as desks and browsers do.

- `findings`: what a check found · `site`: where the server is and how it is spoken to
- `server_process`: a server of the check's own · `visitors`: whom it logs in as
- `wire`: opening sockets and reading them · `examination`: the checks, in their order
"""
