"""Translate failed connections into errors that name the reason and the remedy."""

import os
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from intercom_kit.api.proxies import Proxy, is_this_machine
from intercom_kit.api.quoting import quoted
from intercom_kit.errors import CertificateError, ConnectionFailedError, ProxySettingsError, TimedOutError

# OpenSSL's verification codes.
_WRONG_TIME = (9, 10)
_WRONG_HOST = (62, 64)
# How older and newer versions of OpenSSL report a server that does not speak TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")


def unreachable(base_url: str, error: BaseException, proxy: Proxy | None = None) -> ConnectionFailedError:
    """Return the error for a failed connection: of a certificate, a proxy, a host name, or the network."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(base_url, cause)
    if proxy and str(error).startswith("407"):
        return login_wanted(proxy)
    where = quoted(base_url)
    way = _way(proxy)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return ConnectionFailedError(f"No encrypted connection to {where} could be made{way}: {_tls(cause)}")
        if isinstance(cause, socket.gaierror):
            return ConnectionFailedError(
                f"Intercom could not be reached at {where}{way}: {_host(base_url, proxy)} is not a host name that this "
                f"machine can find ({quoted(cause.strerror)}). Check the spelling of `base_url` or `region`, the "
                "network, and whether it needs a VPN or a proxy (HTTPS_PROXY), then try again."
            )
    return ConnectionFailedError(
        f"Intercom could not be reached at {where}{way}: {_reason(error, causes)}. {_check(base_url, proxy)}"
    )


def too_slow(base_url: str, what: str, waited: float, patience: float, proxy: Proxy | None = None) -> TimedOutError:
    """Return the error for a request that timed out; `what` is what it waited for."""
    return TimedOutError(
        f"Intercom did not answer in time at {quoted(base_url)}{_way(proxy)}: waited {waited:,.1f} s for "
        f"{quoted(what)}, and this workspace waits {patience:,.4g} s for a request at most, all attempts together. "
        f"{_check(base_url, proxy)} Where it is only slow, connect with more `patience`."
    )


def _way(proxy: Proxy | None) -> str:
    return f" through the proxy {quoted(proxy.address)} in {proxy.named_by}" if proxy else ""


def _check(base_url: str, proxy: Proxy | None) -> str:
    """Return the advice what to check."""
    local = " Is the sandbox running?" if is_this_machine(urlsplit(base_url).hostname or "") else ""
    check = f"the network, {proxy.named_by} and `base_url`" if proxy else "the network and `base_url`"
    return f"Check {check}, then try again.{local}"


def login_wanted(proxy: Proxy | None) -> ProxySettingsError:
    """Return the error for a proxy that wants a user name and a password (HTTP 407)."""
    if proxy is None:
        return ProxySettingsError(
            "A proxy on the way wants a login (HTTP 407): put it into HTTPS_PROXY, as in "
            "http://user:password@proxy.example.com:3128."
        )
    return proxy.unusable("it wants another user name and password (HTTP 407), given as http://user:password@host:port")


def unreadable_certificates(error: OSError) -> CertificateError:
    """Return the error for certificates that SSL_CERT_FILE or SSL_CERT_DIR names and that cannot be read."""
    name = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)
    what = f"What {name} names ({quoted(os.environ[name])})" if name else "The file of certificates to trust"
    mend = f"name certificates in PEM format, or unset {name}" if name else "install the package certifi again"
    return CertificateError(f"{what} cannot be read: {quoted(error.strerror or error)}. To connect, {mend}.")


def _untrusted(base_url: str, error: ssl.SSLCertVerificationError) -> CertificateError:
    host = quoted(urlsplit(base_url).hostname)
    detail = quoted(error.verify_message)
    if error.verify_code in _WRONG_TIME:
        what = f"The certificate of {host} is not valid at this time ({detail}): check this machine's clock."
    elif error.verify_code in _WRONG_HOST:
        what = f"The certificate that {host} presents is for another host ({detail}): check `base_url`."
    else:
        what = f"The certificate of {host} is not trusted ({detail})."
    file = os.environ.get("SSL_CERT_FILE")
    put = (
        f"add it to {quoted(file)}, which SSL_CERT_FILE names"
        if file
        else (
            "set SSL_CERT_FILE to a PEM file that holds it, such as the system's store (on Debian "
            "/etc/ssl/certs/ca-certificates.crt)"
        )
    )
    return CertificateError(
        f"{what} Where a company's proxy or a virus scanner opens encrypted connections, its root certificate is "
        f"needed: {put}, and connect again."
    )


def _tls(error: ssl.SSLError) -> str:
    detail = quoted(error.reason or error.strerror or error)
    if error.reason in _NO_TLS:
        return f"the server does not speak TLS ({detail}). A sandbox's `base_url` begins with http://."
    return f"{detail}. Check `base_url`, and whether a proxy or a firewall interferes, then try again."


def _host(base_url: str, proxy: Proxy | None) -> str:
    return quoted(urlsplit(proxy.address if proxy else base_url).hostname)


def _reason(error: BaseException, causes: list[BaseException]) -> str:
    """Return the system's message for the failure, which the layers above omit, else theirs."""
    numbered = [each.errno for each in causes if isinstance(each, OSError) and each.errno]
    if numbered:
        return os.strerror(numbered[-1])
    return quoted(error) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all its causes."""
    remaining, seen = [error], set[int]()
    while remaining:
        found = remaining.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = found.exceptions if isinstance(found, BaseExceptionGroup) else ()
        remaining += [each for each in (*inner, found.__cause__, found.__context__) if each]
