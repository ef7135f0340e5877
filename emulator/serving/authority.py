"""The CA that signs the emulator's certificate: for one start, or kept in a directory.

Imported only with `--tls`, because `trustme` takes a while and may be missing.
"""

from __future__ import annotations

import logging
import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from emulator.core.clock import Clock
from emulator.core.errors import UserError, reason_of
from emulator.core.whole_file import OWNER, write_whole

try:
    import trustme
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.x509 import BasicConstraints, Certificate, ExtensionNotFound, load_pem_x509_certificate
except ModuleNotFoundError:
    raise UserError("--tls needs the library trustme: pip install 'audience-emulator[tls]'") from None

logger = logging.getLogger("emulator")

CA_FILE = "ca.pem"
KEY_FILE = "ca-key.pem"
_LOCK = ".lock"
_WAIT = 10.0  # seconds for another start to write its CA
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OWNER = "Audience Emulator"
# Clients whose clock is a little slow; and Apple's trust no certificate that is valid for more than 825 days.
_BEFORE = timedelta(days=1)
_AFTER = timedelta(days=820)


class Authority:
    """A CA. The keys of the certificates that it issues end with the process."""

    def __init__(self, ca: trustme.CA) -> None:
        self._ca = ca

    @classmethod
    def new(cls) -> Authority:
        """A CA for one start: its private key is nowhere but here."""
        return cls(_new())

    @classmethod
    def kept(cls, directory: Path) -> Authority:
        """The CA of a directory; a new one, if it has none yet. Of starts at the same time, the first makes it.

        Raises UserError.
        """
        files = _Files(directory / CA_FILE, directory / KEY_FILE)
        try:
            if not files.certificate.exists():
                directory.mkdir(parents=True, exist_ok=True)  # others may read the certificate
                with FileLock(directory / _LOCK, timeout=_WAIT, mode=0o600):
                    if not files.certificate.exists() and not files.key.exists():
                        files.write(_new())
            made = cls(files.read())
        except OSError as error:
            raise UserError(f"--tls-directory {directory} can not be used: {reason_of(error)}") from None
        files.warn()
        return made

    @property
    def certificate(self) -> bytes:
        """What clients are to trust, as PEM."""
        return self._ca.cert_pem.bytes()

    def context(self, names: list[str], scratch: Path | None) -> ssl.SSLContext:
        """For a server with these names and addresses. OpenSSL reads its key from a file in `scratch`, which is gone
        afterwards; None is the folder for temporary files. Raises OSError.
        """
        today = datetime.fromtimestamp(Clock().now(), UTC)
        issued = self._ca.issue_cert(
            *names, organization_name=_OWNER, not_before=today - _BEFORE, not_after=today + _AFTER
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        with issued.private_key_and_cert_chain_pem.tempfile(None if scratch is None else str(scratch)) as path:
            context.load_cert_chain(path)
        return context


def _new() -> trustme.CA:
    return trustme.CA(organization_name=_OWNER, path_length=0)


class _Files(NamedTuple):
    """A kept CA."""

    certificate: Path
    key: Path

    def write(self, ca: trustme.CA) -> None:
        """The certificate last: who finds it finds the key, too. Raises OSError."""
        write_whole(self.key, ca.private_key_pem.bytes(), OWNER, durable=True)
        write_whole(self.certificate, ca.cert_pem.bytes(), 0o644, durable=True)

    def read(self) -> trustme.CA:
        """Raises UserError, and OSError."""
        for path, other in ((self.certificate, self.key), (self.key, self.certificate)):
            if not path.exists():
                raise UserError(f"{path} is missing, so {other} is of no use; delete that for a new CA")
        try:
            ca = trustme.CA.from_pem(self.certificate.read_bytes(), self.key.read_bytes())
            certificate = load_pem_x509_certificate(ca.cert_pem.bytes())
            _check(ca, certificate)
        except (ValueError, TypeError, UnsupportedAlgorithm, ExtensionNotFound, InvalidSignature):
            raise self._unfit("are no CA and its key") from None
        now = datetime.fromtimestamp(Clock().now(), UTC)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            until = certificate.not_valid_after_utc
            raise self._unfit(f"have expired or are not valid yet (until {until:%Y-%m-%d})")
        return ca

    def warn(self) -> None:
        """Say so where others could sign certificates that clients are told to trust."""
        # Not refused: in some volumes modes can not be chosen, and on Windows they say nothing.
        if os.name == "posix" and self.key.stat().st_mode & _OTHERS:
            logger.warning(
                "others can read %s, and with it pretend to be any host to those who trust %s; run chmod 600 %s",
                self.key,
                self.certificate,
                self.key,
            )

    def _unfit(self, why: str) -> UserError:
        return UserError(f"{self.certificate} and {self.key} {why}; delete both for a new CA")


def _check(ca: trustme.CA, certificate: Certificate) -> None:
    """Raises one of many errors when the certificate does not vouch for what the key signs."""
    if not certificate.extensions.get_extension_for_class(BasicConstraints).value.ca:
        raise ValueError("it may not sign others")
    issued = load_pem_x509_certificate(ca.issue_cert("localhost").cert_chain_pems[0].bytes())
    issued.verify_directly_issued_by(certificate)
