"""PURE: what an account must be allowed for what this program reads, and what it costs where it is not.

Commands are named as ACL rules name them
(https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
"""

KEYS = "~*:group:*"
SCAN = "scan"

COSTS: dict[str, str] = {
    "info": "version, memory, clients and evictions stay unknown",
    "time": "nothing can be proven: joining times are compared with Redis's own clock",
    "zrangebyscore": "the members of the core layer's groups stay unseen, so it cannot be proven",
    "ttl": "whether a group's expiry was renewed stays unseen: the proof has one sign less",
    "pubsub|numsub": "a pub/sub layer cannot be proven",
    "select": "only database 0 can be looked at",
    KEYS: "the groups stay unseen, so the core layer cannot be proven",
}

# Not scan: it would show the names of all keys, and those of cached sessions are secrets.
_COMMANDS = "-@all +ping +hello +auth +select +info +time +zcard +zrangebyscore +ttl +exists +pubsub|numsub"
_KEY_PERMISSIONS = 7
"""The major version from which keys can be allowed for reading alone."""


def read_only_rules(major: int = _KEY_PERMISSIONS) -> str:
    """Return the rules of an account that may read this program reads, and no more.

    Args:
        major: the major version of the Redis that they are for, 6 or newer; older ones have no accounts.

    """
    keys = f"%R{KEYS}" if major >= _KEY_PERMISSIONS else KEYS
    return f"resetkeys {keys} resetchannels {_COMMANDS}"


def read_only_account(name: str, major: int = _KEY_PERMISSIONS) -> str:
    """Return the command that makes such an account, to be copied; the admin puts a password in."""
    return f"ACL SETUSER {name} on >CHOOSE-A-PASSWORD {read_only_rules(major)}"
