"""PURE: the words for every cause: what is wrong, what to do, and what to copy.

In the texts a name in angle brackets stands for a fact. A clause in square brackets is left out where one of
its facts is unknown. What is to be copied keeps unknown names as they are: they are for the admin to fill in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from armguard_tray.diagnosis import copies
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Cause
from armguard_tray.messages.plain_text import plain

_BY_ITSELF = "It is opened again by itself."
_START = "Enter it in Settings, Server."


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    remedy: str
    copy: str = ""


# How a text names what is not known.
_UNKNOWN = {
    "host": "the server",
    "where": "the server",
    "origin": "the server's address",
    "user": "this account",
    "streams": "the streams",
    "program": "the server program",
    "redis": "its address",
    "left": "a few days",
    "unit": "daphne",
}

_WAY = {
    Code.NOT_SET_UP: _Words(
        "No server is set up yet.", "Enter the server's address and an account in Settings, Server."
    ),
    Code.NAME_UNKNOWN: _Words(
        "The name <host> is not known on this network.",
        "Check the address, and that this desk is on the armory's network. Where that has no name service, "
        "enter the server's IP address.",
        "nslookup <host>",
    ),
    Code.REFUSED: _Words(
        "<where> refuses the connection: the machine answers, but nothing listens there.",
        "Is ArmGuard running, and is the port right? On the server, start it and see what listens.",
        "sudo systemctl start nginx\nsudo ss -ltnp",
    ),
    Code.TIMED_OUT: _Words(
        "No answer from <where>.",
        "Is the server on, and this desk on the armory's network? A firewall may swallow the connection: on "
        "the server, let the port through.",
        "sudo ufw allow <port>/tcp",
    ),
    Code.SERVER_HANGS: _Words(
        "<where> accepts the connection but does not answer: the server program hangs or is overloaded.",
        "On the server, look at the program behind that address (daphne, gunicorn, or nginx before them), "
        "and restart the one that hangs. The units may have other names.",
        copies.HANGING_PROGRAM,
    ),
    Code.NETWORK_UNREACHABLE: _Words(
        "This desk's network does not lead to <where>[: <detail>].",
        "Check this desk's network cable or Wi-Fi, and the address.",
    ),
    Code.HUNG_UP: _Words(
        "<where> takes the connection and ends it without a proper answer[: <detail>].",
        "If it stays so, check the address: http:// or https://, and the port.",
    ),
    Code.PLAIN_HTTP: _Words(
        "The connection to <host> is not encrypted: password and events are readable for anyone on the "
        "network.",
        "Use an https:// address[, or <consent>].",
    ),
    Code.NOT_TLS: _Words(
        "<where> does not speak TLS, though the address begins with https://.",
        "Use the port of the server's secure connection, often 8443 or 443. If it has none, the address "
        "begins with http://.",
    ),
    Code.TLS_NEEDED: _Words(
        "<where> expects a secure connection.", "The address should begin with https://.", "<secure>"
    ),
    Code.TLS_FAILED: _Words(
        "No secure connection with <where> is possible[: <detail>].",
        "Check that the port is right, and the name: “unrecognized name” says that the server knows none of "
        "this name. In nginx on the server, allow the usual versions of TLS.",
        "ssl_protocols TLSv1.2 TLSv1.3;",
    ),
    Code.CA_UNKNOWN: _Words(
        "The certificate of <host> is vouched for by a CA that this desk does not trust[: <issuer>].",
        "If the armory has its own CA, set that CA's certificate as the CA file in Settings, Server. First "
        "compare the CA file's fingerprint, not the server certificate's, with the one that the server's "
        "admin reads there.",
        copies.CA_FINGERPRINT,
    ),
    Code.CA_FILE: _Words(
        "The CA file of the settings cannot be used[: <detail>].",
        "Choose a PEM file with the certificate of the armory's CA in Settings, Server. mkcert calls it "
        "rootCA.pem; on the server, this shows its folder.",
        "mkcert -CAROOT",
    ),
    Code.CERTIFICATE_EXPIRED: _Words(
        "The certificate of <host> has expired[ on <until>].",
        "Renew it on the server, and let nginx load it. If that is not so, this desk's clock is wrong.",
        copies.NEW_CERTIFICATE,
    ),
    Code.CERTIFICATE_NOT_YET_VALID: _Words(
        "The certificate of <host> is not valid yet[, only from <begins>].",
        "The clock of this desk or of the server is wrong, most likely: let them be set by the network.",
        copies.SET_CLOCK,
    ),
    Code.CERTIFICATE_EXPIRES_SOON: _Words(
        "The certificate of <host> expires in <left>[, on <until>].",
        "Renew it on the server before that, and let nginx load it.",
        copies.NEW_CERTIFICATE,
    ),
    Code.CERTIFICATE_OF_ANOTHER_HOST: _Words(
        "The certificate is not made for <host>[, but for <hosts>].",
        "Use a name that it is made for as the address, or make one for this name on the server.",
        copies.NEW_CERTIFICATE,
    ),
    Code.CLIENT_CERTIFICATE: _Words(
        "The server asks this desk for a certificate.",
        "Client certificates are not supported: ask the admin for an address that needs none, in nginx a "
        "server block of its own with this line.",
        "ssl_verify_client off;",
    ),
}

_SITE = {
    Code.NOT_ARMGUARD: _Words(
        "What answers at <origin> is no ArmGuard[: <detail>].", "Check the address and its port."
    ),
    Code.CAPTIVE_PORTAL: _Words(
        "A page stands before the network and answers instead of the server[: it leads to <leads_to>].",
        "Open it in a browser and log in to the network there, or use the armory's own network.",
    ),
    Code.PROXY_PAGE: _Words(
        "A proxy answers instead of the server[ (HTTP <status>)].",
        "Check the address and its port, and that the proxy lets this desk through to the server. In nginx, "
        "`allow` and `deny` decide that, client certificates (403), and limits such as `limit_req` (503).",
    ),
    Code.HOST_NOT_ALLOWED: _Words(
        "The server does not know the host name <host> (400).",
        "Use the name under which the server runs, or add this one to its settings.py and restart it. If it "
        "is there already, nginx does not pass it on: proxy_set_header Host $http_host.",
        copies.ALLOWED_HOSTS,
    ),
    Code.SERVER_ERROR: _Words(
        "The server answers with an error[ (HTTP <status>)].",
        "Its log says why; the unit may have another name there.",
        "sudo journalctl -u gunicorn -n 50",
    ),
    Code.CLOCKS_APART: _Words(
        "The clocks of the server and of this desk are[ <apart>] apart[: the server's is <direction>].",
        "Let the one that is wrong be set by the network.",
        copies.SET_CLOCK,
    ),
}

_ACCOUNT = {
    Code.PASSWORD_MISSING: _Words(
        "There is no password for <user>[: <detail>].",
        f"Enter the password of this account. {_START} In a terminal, pipe it in: --password-stdin.",
    ),
    Code.KEYRING_LOCKED: _Words(
        "The keyring that holds the password is locked.",
        f"Unlock it: it opens with the login to the desktop. Or enter the password again. {_START}",
    ),
    Code.CSRF: _Words(
        "The login form was refused (CSRF).",
        "Check that the address is the one people use in the browser, with the same scheme and port. Behind "
        "a proxy, the server's settings.py needs it.",
        copies.TRUSTED_ORIGINS,
    ),
    Code.WRONG_PASSWORD: _Words(
        "The server refused the user name or password of <user>.",
        "Enter the right one; it is not tried again: five wrong ones lock the account.",
    ),
    Code.LOCKED_OUT: _Words(
        "The account <user> is locked or forbidden[ until <until>].",
        "After five wrong passwords the server locks an account for an hour. Try again when that is over, "
        "not before; an admin can end it on the server.",
        "python manage.py axes_reset_username <user>",
    ),
    Code.RATE_LIMITED: _Words(
        "The server asks this desk to slow down[ for <wait>].",
        "It will be tried again by itself. ArmGuard allows accounts that are not staff 60 requests a minute "
        "from one address, and desks behind one router share them. nginx may have a limit of its own: "
        "limit_req or limit_conn.",
    ),
    Code.LOGIN_UNCLEAR: _Words(
        "The login got no clear answer[: <detail>].",
        "It is not tried again at once: unseen refusals would lock the account. The server's log says what "
        "became of it.",
    ),
    Code.SESSION_EXPIRED: _Words(
        "The server does not know the login of <user> any more.",
        "This desk logs in again by itself. If the server forgets each login at once, ask the admin to look "
        "at the server's session settings (SESSION_ENGINE, and the cache or database it names).",
    ),
}

_STREAMS = {
    Code.ORIGIN_REFUSED: _Words(
        "The server refuses this desk's Origin[, <origin>].",
        "The login is fine, but the streams are refused: add the host name to the server's settings.py and "
        "restart it.",
        copies.ALLOWED_HOSTS,
    ),
    Code.UPGRADE_LOST: _Words(
        "A proxy before the server does not pass the WebSocket's upgrade on[ (HTTP <status>)].",
        "Add this to its nginx configuration, with the port of the program that serves WebSockets (daphne), "
        "and reload it.",
        copies.NGINX,
    ),
    Code.BACKEND_DOWN: _Words(
        "The proxy does not reach <program>[ (HTTP <status>)].",
        "Is it running, and at the address of nginx's proxy_pass? The unit may have another name.",
        "sudo systemctl restart <unit>\nsudo journalctl -u <unit> -n 50",
    ),
    Code.PATH_UNKNOWN: _Words(
        "The server does not know <streams>[ (HTTP <status>)].",
        "Is this ArmGuard, and is its WebSocket part set up? Its log says “No route found for path” where "
        "its asgi.py lacks it; a proxy must send /ws/ to the program that serves WebSockets.",
        copies.NGINX,
    ),
    Code.HANDSHAKE_500: _Words(
        "Every attempt to open <streams> ends in a server error (500).",
        "Often the channel layer cannot be built: a `password` argument for RedisChannelLayer does that; the "
        "password belongs into the Redis URL. The server's log says which it is.",
        copies.LAYER,
    ),
    Code.HANDSHAKE_REFUSED: _Words(
        "The server refuses <streams>[ (HTTP <status>)][: <detail>].",
        "This desk's old connections may still count against a limit, or a proxy wants a login of its own "
        "(401). It is tried again by itself; if it stays so, the server's log says why.",
    ),
    Code.CLOSED_BY_ERROR: _Words(
        "The server opens <streams> and closes again with an error (4000)[: <said>].",
        f"{_BY_ITSELF} If it stays so, the server's log says what failed.",
    ),
    Code.CLOSED_UNAUTHORIZED: _Words(
        "The server opens <streams> and ends the login (4001)[: <said>].",
        "This desk logs in again by itself. If it stays so, the programs behind the proxy do not share their "
        "sessions: they need the same SECRET_KEY and session store.",
    ),
    Code.CLOSED_REPLACED: _Words(
        "Another program of this user took over (4008)[: <said>].",
        "Is a second ArmGuard Tray running with this account and a copy of this one's data?",
    ),
    Code.CLOSED_RATE_LIMITED: _Words(
        "The server closes <streams> and asks to slow down (4029)[: <said>].",
        "It will be tried again by itself.",
    ),
    Code.CLOSED_TOO_MANY: _Words(
        "There are too many connections of this user (4030)[: <said>].",
        "The server allows a few for each user: close other ArmGuard windows of this account.",
    ),
    Code.CLOSED_1011: _Words(
        "The server dropped <streams> with an error (1011)[: <said>].",
        f"{_BY_ITSELF} A restart of the server's Redis does this once; otherwise the server's log says why.",
    ),
    Code.CLOSED_IN_RHYTHM: _Words(
        "The server drops <streams> after a few seconds of silence (1011).",
        "Most likely redis-py 8 with channels_redis 4.3, which gives idle sockets up. Give the layer's host "
        "a `socket_timeout` of 15 and restart the server.",
        copies.LAYER,
    ),
    Code.SERVER_RESTARTING: _Words(
        "The server is restarting or going away[: <said>].", f"{_BY_ITSELF} Look again in a minute."
    ),
    Code.CLOSED: _Words(
        "The connection of <streams> ended[: <how>].",
        f"{_BY_ITSELF} If it breaks often, check the network between desk and server, and whether nginx "
        "gives up too soon (proxy_read_timeout).",
    ),
    Code.NEXT_TRY: _Words(
        "The server can be reached again; <streams> will be opened at the next try.",
        "Nothing needs to be done: it is tried by itself. Reconnect now tries at once.",
    ),
    Code.UNPROVEN: _Words(
        "Connected, but the server stays silent: it does not confirm the subscription of <streams>.",
        "Its channel layer may hang: look at its Redis and at its log, and restart it if it stays so.",
    ),
    Code.REAL_TIME_OFF: _Words(
        "Real time is switched off on the server: this desk looks every 15 s instead.",
        "Nothing is missed, but it is shown up to 15 seconds later. The server's admin can switch real "
        "time on.",
    ),
    Code.APP_FAILS: _Words(
        "The server's live app answers, but its socket does not[: <detail>].",
        "If it was removed, this desk finds out by itself. If it was just set up: is the server restarted, "
        "and its asgi.py wrapped by with_live?",
    ),
    Code.DESK_HELD_UP: _Words(
        "This desk itself holds the connection up[: <detail>].",
        "Is the disk full, or the journal in use by another program? What comes waits here and at the "
        "server, but not for ever. If the program failed, start it again; its log says what happened.",
    ),
}

_DELIVERY = {
    Code.DEAF: _Words(
        "Connected, but deaf: Redis does not list this desk's subscription any more.",
        "Reconnect now. It is gone after a FLUSHALL, and where Redis evicts keys or lost them in a restart: "
        "let it evict nothing.",
        copies.NO_EVICTION,
    ),
    Code.UNANNOUNCED: _Words(
        "Transactions are made that the server does not announce[: <ids>].",
        "They are on the server's history page, and no desk was told of them. A way to create them may "
        "announce nothing (the stock JSON endpoint does not), or the process that makes them does not reach "
        "the one that holds the sockets: see Channel layer.",
    ),
    Code.RECORD_CHANGED: _Words(
        "The server's record is not what it was[: <detail>].",
        "If an older copy of its database was put back, enter there anew what is missing: what this desk has "
        "stays in its log. If the times differ, compare the time zone in Settings, Server with the server's.",
    ),
    Code.MEMORY_MANY_PROCESSES: _Words(
        "The server's processes do not hear each other: its channel layer is in memory[ (<how>)].",
        "Where more than one process runs (gunicorn beside daphne, several workers), Redis is needed: start "
        "it, and name it in settings.py, as below. Without a password the address "
        "is redis://127.0.0.1:6379/0. Then restart all of them.",
        copies.LAYER,
    ),
    Code.MEMORY_LAYER: _Words(
        "The server's channel layer is not in Redis, so its processes would not hear each other[: <detail>].",
        "Where one process serves everything, that is fine, and option B of Settings, Redis says so to the "
        "server. Where more than one runs, start Redis; where the server's settings leave the layer to the "
        "server app, it is found by itself within seconds. Without a password the address is "
        "redis://127.0.0.1:6379/0.",
        copies.LAYER_OF_THE_APP,
    ),
}

_REDIS = {
    Code.REDIS_NAME_UNKNOWN: _Words(
        "The name in <redis> is not known on this network.",
        "Check the spelling in Settings, Redis, or enter the machine's IP address.",
    ),
    Code.REDIS_DOWN: _Words(
        "Nothing listens at <redis>: there is no Redis, or it serves only its own machine.",
        "Start Redis there, or correct the address in Settings, Redis. Programs that fell back to their "
        "memory use it only after a restart.",
        copies.START_REDIS,
    ),
    Code.REDIS_TIMED_OUT: _Words(
        "No answer from Redis at <redis>.",
        "A firewall may swallow the connection, the machine may be off, or Redis hangs. On its machine, look "
        "and restart it.",
        "redis-cli ping\nsudo systemctl restart redis-server",
    ),
    Code.REDIS_UNREACHABLE: _Words(
        "Redis at <redis> cannot be reached[: <detail>].",
        "Check this desk's network, and the address in Settings, Redis.",
    ),
    Code.REDIS_HUNG_UP: _Words(
        "Redis at <redis>, if it is one, accepts the connection and closes it without a word.",
        "It may not be Redis, or it may turn this desk away. Check the port: Redis usually has 6379.",
    ),
    Code.REDIS_PASSWORD_NEEDED: _Words(
        "Redis at <redis> asks for a password.",
        "Enter it in Settings, Redis, and look again; in a terminal it is taken from REDISCLI_AUTH.",
    ),
    Code.REDIS_PASSWORD_WRONG: _Words(
        "Redis at <redis> refuses this user name or password.",
        "Enter the password again in Settings, Redis (in a terminal: REDISCLI_AUTH). It was tried only once.",
    ),
    Code.REDIS_PASSWORD_UNEXPECTED: _Words(
        "Redis at <redis> has no password, but one was given.",
        "Look again with the password left empty in Settings, Redis.",
    ),
    Code.REDIS_NO_PERMISSION: _Words(
        "Redis at <redis> lets this account in, but does not permit what is asked[: <detail>].",
        "In redis-cli on its machine, give the account what a look needs: it can read, and change nothing.",
        copies.ACL,
    ),
    Code.REDIS_PROTECTED: _Words(
        "Redis at <redis> runs in protected mode and answers only its own machine.",
        "Give it a password, or look from the machine that it runs on.",
        'redis-cli CONFIG SET requirepass "<password>"',
    ),
    Code.REDIS_TLS_NEEDED: _Words(
        "Redis at <redis> speaks TLS only.", "Let its address begin with rediss://.", "rediss://<redis>"
    ),
    Code.REDIS_NOT_TLS: _Words(
        "Redis at <redis> does not speak TLS.", "Let its address begin with redis://.", "redis://<redis>"
    ),
    Code.REDIS_CERTIFICATE: _Words(
        "The certificate of Redis at <redis> is not trusted[: <detail>].",
        "Set the certificate of its CA in Settings, Redis, or use the name that it was made for.",
    ),
    Code.REDIS_CLIENT_CERTIFICATE: _Words(
        "Redis at <redis> speaks TLS only with clients that show a certificate of their own.",
        "This desk has none to show. Let redis.conf ask for none, and use a password.",
        "tls-auth-clients no",
    ),
    Code.REDIS_NOT_REDIS: _Words(
        "Something answers at <redis>, but it is not Redis.", "Check the port: Redis usually has 6379."
    ),
    Code.REDIS_LOADING: _Words(
        "Redis at <redis> is still loading its data.", "Look again in a while. Until then it serves nobody."
    ),
    Code.REDIS_REPLICA: _Words(
        "Redis at <redis> is a read-only replica.",
        "The server must use its master: a channel layer writes. This shows where that is.",
        "redis-cli INFO replication",
    ),
    Code.REDIS_FULL: _Words(
        "The memory of Redis at <redis> is full, or nearly so[: <detail>].",
        "Full, it refuses what the channel layer writes. Give it more, or find what fills it.",
        "redis-cli CONFIG SET maxmemory 256mb\nredis-cli --bigkeys",
    ),
    Code.REDIS_EVICTING: _Words(
        "Redis at <redis> may throw away subscriptions when its memory is full[: <detail>].",
        "A socket whose subscription is thrown away is deaf. Let it evict nothing, here and in redis.conf.",
        copies.NO_EVICTION,
    ),
    Code.REDIS_TOO_MANY_CLIENTS: _Words(
        "Redis at <redis> has as many clients as it allows, or nearly so[: <detail>].",
        "Those beyond are refused. See who they are, and raise maxclients if they are all needed.",
        "redis-cli CLIENT LIST\nredis-cli CONFIG SET maxclients 10000",
    ),
    Code.REDIS_ERROR: _Words(
        "Redis at <redis> is not well[: <detail>].",
        "Its log says why.",
        "sudo journalctl -u redis-server -n 50",
    ),
}

_DESK = {
    Code.TOASTS_OFF: _Words(
        "This system shows no toasts[: <detail>].",
        "Allow notifications of ArmGuard Tray in the system's settings, and end “Do not disturb”. The log "
        "window has everything meanwhile.",
    ),
}

_WORDS: Mapping[Code, _Words] = _WAY | _SITE | _ACCOUNT | _STREAMS | _DELIVERY | _REDIS | _DESK

_NAME = re.compile(r"<(\w+)>")
_HARMLESS = re.compile(r"[\w.@:/+\[\]-]+")
_CLAUSE = re.compile(r"\[([^\[\]]*)\]")


def cause(code: Code, **facts: str) -> Cause:
    """Return what is wrong and what to do, in plain text.

    `facts` are those that the texts name: host, where (host:port), port, origin, secure (the https://
    address), user, streams, status, detail, said and others; an empty one is unknown.
    """
    words = _WORDS[code]
    known = {name: plain(value) for name, value in facts.items() if value}
    return Cause(
        code,
        _sentence(words.text, known),
        _sentence(words.remedy, known),
        _NAME.sub(lambda name: _to_copy(known.get(name[1], ""), name[0]), words.copy),
    )


def _to_copy(value: str, otherwise: str) -> str:
    """Return what may stand in a command or in settings: nothing that ends a string or begins a command."""
    return value if _HARMLESS.fullmatch(value) else otherwise


def _sentence(text: str, known: Mapping[str, str]) -> str:
    """Fill in a template; what is filled in is never read as one."""
    kept = _CLAUSE.sub(lambda clause: clause[1] if _all_known(clause[1], known) else "", text)
    names = {**_UNKNOWN, **known}
    return _NAME.sub(lambda name: names.get(name[1], "something unknown").rstrip("."), kept)


def _all_known(clause: str, known: Mapping[str, str]) -> bool:
    return all(name in known for name in _NAME.findall(clause))
