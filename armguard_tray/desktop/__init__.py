"""What the desktop lends the program: toasts, the keyring, autostart, one instance, a place in the tray.

Each platform has thin modules of its own behind an interface. Nothing here knows the windows in `ui`;
`armguard_tray.app` joins the two.
"""
