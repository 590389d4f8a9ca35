"""Requests over TLS: only to the server that the URL names."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chatserver.storage.outbound import client
from chatserver.storage.outbound.errors import OutboundError, OutboundUnreachable
from chatserver.storage.outbound.tests.tcp_server import get

Serve = Callable[[ssl.SSLContext], int]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost, which it signs itself."""
    key, now = generate_private_key(SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "localhost.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's, whose certificate is trusted."""
    settings.CHAT_OUTBOUND_PRIVATE = True  # type: ignore[attr-defined]  # pytest-django's has all settings
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(client, "_tls_context", lambda: trusting)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Accepts one connection and answers `hello`; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def start(context: ssl.SSLContext) -> int:
        def answer() -> None:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            except OSError:
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield start
    listener.close()


def test_the_server_that_the_url_names_is_trusted(serve: Serve, context: ssl.SSLContext) -> None:
    assert get(f"https://localhost:{serve(context)}/").body == b"hello"


def test_a_server_with_the_certificate_of_another_is_not_trusted(serve: Serve, context: ssl.SSLContext) -> None:
    with pytest.raises(OutboundUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        get(f"https://127.0.0.1:{serve(context)}/")


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    serve: Serve, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(OutboundUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        get(f"https://localhost:{serve(context)}/")


def test_an_error_of_tls_after_the_handshake_is_no_answer(
    serve: Serve, context: ssl.SSLContext, certificate: Path
) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate)
    with pytest.raises(OutboundError):
        get(f"https://localhost:{serve(context)}/")
