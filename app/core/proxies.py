"""Proxies in front of the service: what they say of a request is believed, what others say is not."""

from ipaddress import ip_address, ip_network
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

# In the scope of a request: whether it came straight from a proxy that is believed.
BY_TRUSTED_PROXY = "alur.by_trusted_proxy"


class Proxies:
    """The layer that takes over the client's address and the scheme from a trusted proxy (X-Forwarded-For, -Proto).

    `trusted` are addresses and networks, with commas between. The headers of anybody else mean nothing.
    """

    def __init__(self, app: Any, trusted: str) -> None:
        self._app: Any = ProxyHeadersMiddleware(app, trusted_hosts=trusted)
        self._trusted = self._app.trusted_hosts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one ASGI connection."""
        if scope["type"] == "http":
            client = scope.get("client")
            scope[BY_TRUSTED_PROXY] = client is not None and client[0] in self._trusted
        await self._app(scope, receive, send)


def check_networks(text: str) -> str:
    """Return the addresses and networks of a text as they are written.

    Raises:
        ValueError: one of them is neither an address nor a network.
    """
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            ip_network(one) if "/" in one else ip_address(one)
        except ValueError as error:
            raise ValueError(f"'{one}' is neither an address nor a network such as 10.0.0.0/8.") from error
    return text


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which nobody outside can have."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
