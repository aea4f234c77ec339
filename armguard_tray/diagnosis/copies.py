"""PURE: lines of settings and commands for an admin to copy; names in angle brackets are to be filled in."""

# Copied into the end of the project's settings.py.
ALLOWED_HOSTS = 'ALLOWED_HOSTS += ["<host>"]'
TRUSTED_ORIGINS = 'CSRF_TRUSTED_ORIGINS = ["<origin>"]'

# As ArmGuard's own has it, with the password in the address.
# `socket_timeout`: longer than the layer's own blocking read of 5 s, or redis-py 8 gives idle sockets up.
LAYER = """\
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": "redis://:<password>@127.0.0.1:6379/0", "socket_timeout": 15}],
            "prefix": "armguard:",
            "capacity": 300,
            "expiry": 60,
            "group_expiry": 86400,
            "symmetric_encryption_keys": [SECRET_KEY],
        },
    },
}"""

LAYER_OF_THE_APP = """\
from armguard_tray.server.layers import channel_layers

CHANNEL_LAYERS = channel_layers(redis_url="redis://:<password>@127.0.0.1:6379/0")"""

# https://nginx.org/en/docs/http/websocket.html; `$http_host` has the port too, which the Origin has.
NGINX = """\
location /ws/ {
    proxy_pass http://127.0.0.1:<port of daphne>;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_set_header Host $http_host;
    proxy_read_timeout 1h;
}"""

NEW_CERTIFICATE = """\
mkcert -cert-file armguard.pem -key-file armguard-key.pem <host>
sudo systemctl reload nginx"""
CA_FINGERPRINT = 'openssl x509 -noout -fingerprint -sha256 -in "$(mkcert -CAROOT)/rootCA.pem"'
SET_CLOCK = "sudo timedatectl set-ntp true"

# ArmGuard's own units; daphne or gunicorn may be the only one there.
HANGING_PROGRAM = """\
systemctl status daphne gunicorn nginx
sudo journalctl -u daphne -u gunicorn -n 50
sudo systemctl restart daphne gunicorn"""

START_REDIS = "sudo systemctl enable --now redis-server"
NO_EVICTION = "redis-cli CONFIG SET maxmemory-policy noeviction"
# All that a look and a proof need (Redis 7).
ACL = (
    "ACL SETUSER armguard-tray on ><password> resetkeys %R~*:group:* resetchannels -@all "
    "+ping +hello +auth +select +info +time +zcard +zrangebyscore +ttl +exists +pubsub|numsub"
)
