"""The proxy for an address, from the environment or the system's settings; this machine itself needs none.

httpx would read the environment for all schemes at once: one entry of NO_PROXY that it cannot parse, or an invalid
proxy for another scheme, would then fail every request.
"""

import os
import re
import socket
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from intercom_kit.api.secret import Secret
from intercom_kit.errors import ProxySettingsError

_KINDS = {"http": "http", "https": "https", "socks": "socks5", "socks5": "socks5", "socks5h": "socks5h"}
_PORTS = {"https": 443, "http": 80}
_SYSTEM = "the system's settings"
_FORM = "its address must look like http://proxy.example.com:3128, with special characters of a password as in %40"

_Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Proxy:
    """A proxy: its address without a login, the login, if any, and the setting that it comes from."""

    address: str
    named_by: str
    user: str = field(default="", repr=False)
    password: Secret = field(default_factory=lambda: Secret(""))

    def unusable(self, why: str = _FORM) -> ProxySettingsError:
        """Return the error that says why the proxy cannot be used."""
        return _unusable(self.named_by, why)


def proxy_for(base_url: str) -> Proxy | None:
    """Return the proxy for an address, or None where it is reached directly.

    HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY apply in lower and upper case, else the settings of macOS or
    Windows. Invalid entries of NO_PROXY are ignored. Raises ProxySettingsError for a proxy that cannot be used.
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    if is_this_machine(host) or _is_excepted(host, parts.port or _PORTS.get(parts.scheme)):
        return None
    kind = next((kind for kind in (parts.scheme, "all") if _setting(kind)), None)
    if kind is None:
        return None
    named_by = _named_by(kind)
    if named_by == _SYSTEM and _is_excepted_by_the_system(host):
        return None
    read = _read(kind, named_by)
    if isinstance(read, str):  # raised here, where no local variable holds the address with its password
        raise _unusable(named_by, read)
    return read


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine, in any spelling: such requests must not go through a proxy."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _unusable(named_by: str, why: str) -> ProxySettingsError:
    return ProxySettingsError(
        f"The proxy in {named_by} cannot be used: {why}. Correct {named_by}, or unset it if Intercom is reached "
        "without a proxy; NO_PROXY names the hosts to reach directly."
    )


def _setting(kind: str) -> str:
    """Return the setting for a scheme, without the quotes that some shells leave."""
    return getproxies().get(kind, "").strip().strip("\"' ")


def _named_by(kind: str) -> str:
    """Return the name of the variable that sets the proxy, as it is spelled; lower case wins where there are two."""
    names = [name for name, value in os.environ.items() if name.lower() == f"{kind}_proxy" and value]
    return max(names, key=str.islower) if names else _SYSTEM


def _read(kind: str, named_by: str) -> Proxy | str:
    """Return the proxy that is set, or what is wrong with its address."""
    text = _setting(kind)
    text = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(text)
        valid = parts.hostname and parts.port != 0 and text.isprintable() and " " not in text
    except ValueError:
        return _FORM
    login, _, where = parts.netloc.rpartition("@")
    if not valid or "@" in text.partition("://")[2].removeprefix(parts.netloc):  # a password with a slash, cut in two
        return _FORM
    if parts.scheme not in _KINDS:
        return f"it begins with {parts.scheme}://, and http, https, socks5 and socks5h can be used"
    user, _, password = login.partition(":")
    return Proxy(f"{_KINDS[parts.scheme]}://{where}", named_by, unquote(user), Secret(unquote(password)))


def _is_excepted(host: str, port: int | None) -> bool:
    """Return whether NO_PROXY excludes a host."""
    entries = re.split(r"[,;\s]+", getproxies().get("no", ""))
    return any(_matches(entry, host, port) for entry in entries if entry)


def _matches(entry: str, host: str, port: int | None) -> bool:
    """Return whether an entry matches a host: as a domain, address or network, each also with a port, or as *."""
    name, entry_port = _split(entry.partition("://")[2].rstrip("/") if "://" in entry else entry)
    if entry_port and entry_port != str(port):
        return False
    address = _address(host)
    if address is not None and "*" not in name:
        try:
            return address in ip_network(name, strict=False)
        except ValueError:
            return False
    pattern = name.lower().rstrip(".")
    domain = pattern.removeprefix("*").lstrip(".")
    return pattern == "*" or host == domain or host.endswith(f".{domain}") or fnmatchcase(host, pattern)


def _split(entry: str) -> tuple[str, str]:
    """Split an entry into host and port; an IPv6 address has a port only after brackets."""
    if entry.startswith("["):
        inside, _, after = entry[1:].partition("]")
        return (inside + after, "") if after.startswith("/") else (inside, after.removeprefix(":"))
    name, _, port = entry.partition(":")
    return (name, port) if entry.count(":") == 1 else (entry, "")


def _address(host: str) -> _Address | None:
    """Read an IP address, also in spellings that only the system accepts, such as 127.1; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        if not re.fullmatch(r"[0-9a-fx.]+", host):
            return None
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_excepted_by_the_system(host: str) -> bool:
    try:
        return bool(proxy_bypass(host))
    except (OSError, ValueError):  # it may look the name up, and fail
        return False
