"""Who may use the control plane: a pure ASGI layer before it."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from msgspec import json

from emulator.control.exchange import HEADERS
from emulator.core.call import App, Receive, Scope, Send, send_answer
from emulator.core.senders import Names, Sender, is_here
from emulator.core.vendor import Answer
from emulator.core.webhooks.targets import DELIVERY

_OPEN = frozenset({f"/_emulator/{name}" for name in ("livez", "readyz", "ca.pem")})
_DELIVERY = DELIVERY.lower().encode()
_HOW_TO_BRING_IT = (
    "the control plane needs its token: Authorization: Bearer TOKEN or X-Emulator-Token: TOKEN; "
    "the command takes --token TOKEN or EMULATOR_CONTROL_TOKEN"
)
_HOW_TO_OPEN_IT = (
    "the control plane is open to this machine only; start with --control-token TOKEN, or --insecure-control if "
    "anybody may use it (with create_app: Settings(control_token=...) or Settings(insecure_control=True))"
)
_HOW_TO_NAME_IT = (
    "the Host of a control request must be localhost, an IP address, a vendor's host or, in a container, a name "
    "without a dot; start with --allowed-host NAME to allow another, or with --control-token TOKEN"
)
_EMULATOR = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())


class Guard:
    """Hands a control request on, or answers 401 or 403.

    With a token, requests need it, and it is all they need. Without one the Host must be one of `names` where there is
    a network, which are fewer on loopback; and unless it is `insecure`, only requests of this machine, on a socket that
    only this machine can reach, are served, whatever server runs the application. Pages of other origins are refused
    either way. `livez`, `readyz` and `ca.pem` need neither token nor Host, and are served to everybody.
    """

    def __init__(self, app: App, *, token: str | None, loopback: bool, names: Names, insecure: bool = False) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._loopback = loopback
        self._insecure = insecure
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await send_answer(refusal, send)

    def _refusal(self, scope: Scope) -> Answer | None:
        given = _read(scope)
        if given.delivery:
            # Else whoever may name a webhook could steer the control plane through it.
            return _refuse(403, "the control plane takes no deliveries of webhooks")
        if self._token is not None and any(hmac.compare_digest(each, self._token) for each in given.tokens):
            return None
        sender = Sender.of(scope)
        if sender.is_foreign:
            return _refuse(403, "the control plane serves no pages of other origins; call it from outside of a browser")
        if scope["path"] in _OPEN and scope["method"] in ("GET", "HEAD"):
            return None
        if self._token is not None:
            return _refuse(401, _HOW_TO_BRING_IT, (b"www-authenticate", b"Bearer"))
        if not self._insecure and False in (is_here(scope, "server"), is_here(scope, "client")):
            return _refuse(403, _HOW_TO_OPEN_IT)
        if is_here(scope, "server") is not None and not self._names.have(sender.hosts, private=not self._loopback):
            return _refuse(403, _HOW_TO_NAME_IT)
        return None


class _Given(NamedTuple):
    """What a request brings along."""

    tokens: list[bytes]
    delivery: bool
    """Whether an emulator's webhook sent it."""


def _read(scope: Scope) -> _Given:
    tokens: list[bytes] = []
    delivery = False
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                tokens.append(token.strip())
        elif name == b"x-emulator-token":
            tokens.append(value.strip())
        elif name == _DELIVERY:
            delivery = True
    return _Given(tokens, delivery)


def _refuse(status: int, text: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, json.encode({"error": text}), headers=(*_EMULATOR, *headers))
