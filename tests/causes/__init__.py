"""Each cause that `armguard-tray check` tells apart: produced for real on loopback, diagnosed, asserted.

A *scene* is a state of the world: a server, a proxy, a certificate, a Redis or a desktop in which one thing
is wrong. Its modules, in the order of the ladder: `on_the_way`, `what_answers`, `the_account`, `the_streams`,
`behind_nginx`, `what_reaches_us`, `redis_scenes`, `this_desk`; `scenes` lists them all. `command` points the
real command at one, and `verdict` says whether it was told right. What cannot be made here is named in
`not_made`.
"""
