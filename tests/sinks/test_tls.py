"""TLS for sinks."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from asynclog.sinks.tls import tls_contexts

CERTIFICATES = Path(__file__).parent / "certificates"
CA = CERTIFICATES / "ca.pem"
CLIENT = CERTIFICATES / "client.pem"


def test_without_tls_there_is_no_context():
    """Nothing to make."""
    assert tls_contexts(False) is None


def test_the_peer_is_verified():
    """Its certificate and its name."""
    context = tls_contexts(True)()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_only_the_given_authority_is_trusted():
    """Not those of the system beside it."""
    context = tls_contexts(True, ca_file=CA)()
    assert [dict(one["subject"][0])["commonName"] for one in context.get_ca_certs()] == [
        "asynclog test authority"
    ]


def test_each_connection_has_a_context_of_its_own():
    """So that a renewed certificate is used."""
    make = tls_contexts(True, ca_file=CA, cert_file=CLIENT)
    assert make() is not make()


def test_a_context_of_one_s_own_is_used_as_it_is():
    """Whoever makes it knows what it verifies."""
    context = ssl.create_default_context()
    assert tls_contexts(context)() is context


@pytest.mark.parametrize("name", ["ca_file", "cert_file"])
def test_a_file_that_is_missing_is_named(name, tmp_path):
    """When the sink is made."""
    with pytest.raises(
        ValueError, match=rf"^{name}: expected a file that can be read, got .*No such file"
    ):
        tls_contexts(True, **{name: tmp_path / "none"})


@pytest.mark.parametrize("name", ["ca_file", "cert_file"])
def test_a_file_that_is_no_certificate_is_named_but_not_shown(name, tmp_path):
    """What is in it may be a secret."""
    (tmp_path / "x.pem").write_text("secret")
    with pytest.raises(ValueError, match=f"^{name}=.*x.pem': cannot be used") as caught:
        tls_contexts(True, **{name: tmp_path / "x.pem"})
    assert "secret" not in str(caught.value)


def test_an_encrypted_key_is_refused(tmp_path):
    """Nobody is asked for a password on the terminal."""
    key = CLIENT.read_text().replace(
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n",
    )
    (tmp_path / "x.pem").write_text(key.replace("END PRIVATE", "END EC PRIVATE"))
    with pytest.raises(ValueError, match="cannot be used"):
        tls_contexts(True, cert_file=tmp_path / "x.pem")


@pytest.mark.parametrize("tls", [False, ssl.create_default_context()])
def test_files_without_effect_are_refused(tls):
    """A mistake in security is not passed over."""
    with pytest.raises(ValueError, match=r"^ca_file: expected none with"):
        tls_contexts(tls, ca_file=CA)


def test_a_key_without_a_certificate_is_refused():
    """It proves nothing."""
    with pytest.raises(ValueError, match=r"^key_file: expected cert_file beside it"):
        tls_contexts(True, key_file=CLIENT)
