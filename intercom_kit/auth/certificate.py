"""A self-signed certificate for the receiver: Intercom requires HTTPS, and no authority signs for 127.0.0.1."""

import secrets
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from intercom_kit.errors import LoginError


def server_context(host: str) -> ssl.SSLContext:
    """Return a server's TLS context with a new self-signed certificate, valid for an hour; the browser warns once."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "intercom_kit login")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    password = secrets.token_hex().encode()  # so that a file left behind by a killed program is useless
    locked = serialization.BestAvailableEncryption(password)
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, locked)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        with tempfile.TemporaryDirectory() as folder:  # OpenSSL reads files only; only the owner may read the folder
            path = Path(folder, "login.pem")
            path.write_bytes(private + certificate.public_bytes(pem))
            context.load_cert_chain(path, password=password)
    except OSError as error:
        raise LoginError(
            f"The certificate for the login's receiver could not be written: {error.strerror}. Free space for "
            "temporary files, set TMPDIR to another folder, or use --paste and copy the URL of the page you end up on."
        ) from error
    return context
