"""What can go wrong on the way to the endpoint, as a person is told it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator

from patcher.endpoint import Endpoint
from patcher.errors import PatchError
from patcher.i18n import _
from patcher.os_errors import why

# Numbers of OpenSSL's X509_verify_cert_error_string(3).
_NOT_YET, _EXPIRED, _OTHER_HOST, _OTHER_IP = 9, 10, 62, 64
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21}


class Trouble(PatchError):
    """What went wrong on the way: `kind` for programs, `reason` and `cure` for a person."""

    def __init__(self, kind: str, reason: str, cure: str) -> None:
        super().__init__(f"{reason}; {cure}")
        self.kind = kind
        self.reason = reason
        self.cure = cure


@contextlib.contextmanager
def explained(endpoint: Endpoint, patience: float) -> Iterator[None]:
    """What can happen on the way, in words: raises `Trouble`. `patience` is in seconds."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise _certificate(endpoint, error) from None
    except ssl.SSLEOFError:
        raise _cut(endpoint) from None
    except ssl.SSLError as error:
        raise Trouble(
            "tls",
            _("{endpoint} does not speak TLS as it should ({reason})").format(
                endpoint=endpoint, reason=error.reason or short(error)
            ),
            _("something stands between: a login page of the network, a proxy, or another server"),
        ) from None
    except socket.gaierror:
        raise Trouble(
            "dns",
            _("the name {host} cannot be looked up (DNS)").format(host=endpoint.host),
            _("see whether this machine is on line, and which DNS server it asks"),
        ) from None
    except TimeoutError:
        raise Trouble(
            "timeout",
            _("{endpoint} does not answer within {seconds:.0f} seconds").format(
                endpoint=endpoint, seconds=patience
            ),
            _("a firewall may block it, or the network is slow: try again later, or from another network"),
        ) from None
    except ConnectionRefusedError:
        raise Trouble(
            "refused",
            _("{endpoint} refuses the connection").format(endpoint=endpoint),
            _("a firewall may block this port, or nothing listens there"),
        ) from None
    except ConnectionError:
        raise _cut(endpoint) from None
    except http.client.HTTPException as error:
        raise Trouble(
            "not-http",
            _("{endpoint} answers, but not in HTTP ({reason})").format(
                endpoint=endpoint, reason=short(error)
            ),
            _("look at --endpoint, and at what stands between"),
        ) from None
    except OSError as error:
        raise Trouble(
            "network",
            _("{endpoint} cannot be reached ({reason})").format(endpoint=endpoint, reason=short(error)),
            _("see whether this machine is on line"),
        ) from None


def _cut(endpoint: Endpoint) -> Trouble:
    return Trouble(
        "cut",
        _("the connection to {endpoint} is cut off").format(endpoint=endpoint),
        _("a firewall, an antivirus or the provider does that: try the other port, or another network"),
    )


def _certificate(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> Trouble:
    code = error.verify_code
    if code in {_EXPIRED, _NOT_YET}:
        what = _("has expired") if code == _EXPIRED else _("is not valid yet")
        return Trouble(
            "tls-date",
            _("the certificate of {endpoint} {what}").format(endpoint=endpoint, what=what),
            _("look at this computer's date; if that is right, tell VseGPT, or who runs the proxy between"),
        )
    if code in {_OTHER_HOST, _OTHER_IP}:
        return Trouble(
            "tls-host",
            _("who answers at {endpoint} has a certificate for another host").format(endpoint=endpoint),
            _("something stands between: a login page of the network, a proxy, or a wrong DNS answer"),
        )
    if code in _UNKNOWN_ISSUER and not _knows_authorities():
        return Trouble(
            "tls-no-authorities",
            _("this Python knows no certificate authorities, so it can trust nobody"),
            _("on macOS run its Install Certificates.command; else set SSL_CERT_FILE to the system's file"),
        )
    if code in _UNKNOWN_ISSUER:
        return Trouble(
            "tls-issuer",
            _("nobody that this computer trusts has signed the certificate of {endpoint}").format(
                endpoint=endpoint
            ),
            _(
                "a proxy or an antivirus reads along: have it spare {host}, or, if it may, "
                "set SSL_CERT_FILE to a file with its certificate besides the system's"
            ).format(host=endpoint.host),
        )
    return Trouble(
        "tls",
        _("the certificate of {endpoint} is not to be trusted ({reason})").format(
            endpoint=endpoint, reason=error.verify_message
        ),
        _("something stands between: a proxy or an antivirus"),
    )


def _knows_authorities() -> bool:
    paths = ssl.get_default_verify_paths()
    return paths.capath is not None or ssl.create_default_context().cert_store_stats()["x509_ca"] > 0


def short(error: Exception) -> str:
    """The system's own word for it."""
    if isinstance(error, socket.gaierror):  # its numbers are not those of errno
        return _("its name cannot be looked up")
    return why(error) if isinstance(error, OSError) and error.strerror else type(error).__name__
