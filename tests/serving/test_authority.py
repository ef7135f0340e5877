"""The CA, for one start or kept in a directory."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from emulator.core.errors import UserError
from emulator.serving.authority import CA_FILE, KEY_FILE, Authority


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put(folder: Path, certificate: bytes, key: bytes) -> None:
    folder.joinpath(CA_FILE).write_bytes(certificate)
    folder.joinpath(KEY_FILE).write_bytes(key)


def make_ca(begins: datetime, ends: datetime, *, is_ca: bool = True) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, as somebody else's tool could make them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begins).not_valid_after(ends)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), key_of(key)


def key_of(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey, password: bytes | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


NOW = datetime.now(UTC)
YEAR = timedelta(days=365)


def test_each_start_has_its_own() -> None:
    assert Authority.new().certificate != Authority.new().certificate


def test_a_kept_one_is_used_again_and_its_key_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "tls"
    first = Authority.kept(folder).certificate
    assert Authority.kept(folder).certificate == first == (folder / CA_FILE).read_bytes()
    assert (mode_of(folder / KEY_FILE), mode_of(folder / CA_FILE)) == (0o600, 0o644)
    assert {path.name for path in folder.iterdir()} - {".lock"} == {CA_FILE, KEY_FILE}


def test_a_key_that_others_can_read_is_said_to_be_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Authority.kept(tmp_path)
    Authority.kept(tmp_path)
    assert not caplog.messages
    for mode in (0o644, 0o640, 0o602):
        (tmp_path / KEY_FILE).chmod(mode)
        Authority.kept(tmp_path)
        assert caplog.messages[-1].endswith(f"run chmod 600 {tmp_path / KEY_FILE}")
    assert len(caplog.messages) == 3


def test_a_loose_umask_does_not_open_the_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Authority.kept(tmp_path / "tls")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "tls" / KEY_FILE) == 0o600


def test_of_starts_at_the_same_time_the_first_makes_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Authority.kept(tmp_path / "tls").certificate, range(24)))
    assert set(made) == {(tmp_path / "tls" / CA_FILE).read_bytes()}


def test_one_of_somebody_elses_tool_is_as_good(tmp_path: Path) -> None:
    certificate, key = make_ca(NOW - YEAR, NOW + YEAR)
    put(tmp_path, certificate, key)
    assert Authority.kept(tmp_path).certificate == certificate


def test_a_directory_that_can_only_be_read_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Authority.kept(tmp_path).certificate
    (tmp_path / ".lock").unlink(missing_ok=True)
    monkeypatch.setattr(os, "open", None)  # root may write anywhere, so the mode of the folder would say nothing
    assert Authority.kept(tmp_path).certificate == kept


@pytest.mark.parametrize(("begins", "ends"), [(NOW - 2 * YEAR, NOW - YEAR), (NOW + YEAR, NOW + 2 * YEAR)])
def test_one_whose_time_is_over_or_has_not_come_says_what_to_delete(
    tmp_path: Path, begins: datetime, ends: datetime
) -> None:
    put(tmp_path, *make_ca(begins, ends))
    with pytest.raises(UserError, match=f"have expired or are not valid yet .until {ends:%Y-%m-%d}.; delete both"):
        Authority.kept(tmp_path)


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        (b"", b""),
        (b"nonsense", b"nonsense"),
        (trustme.CA().cert_pem.bytes(), b"nonsense"),
        (trustme.CA().cert_pem.bytes(), trustme.CA().private_key_pem.bytes()),
        (trustme.CA().cert_pem.bytes(), key_of(Ed25519PrivateKey.generate())),
        (trustme.CA().cert_pem.bytes(), key_of(ec.generate_private_key(ec.SECP256R1()), b"password")),
        make_ca(NOW - YEAR, NOW + YEAR, is_ca=False),
    ],
    ids=["empty", "nonsense", "no key", "another's key", "another kind of key", "locked", "no CA"],
)
def test_what_is_no_ca_says_what_to_delete(tmp_path: Path, certificate: bytes, key: bytes) -> None:
    put(tmp_path, certificate, key)
    with pytest.raises(UserError, match="delete both for a new CA") as caught:
        Authority.kept(tmp_path)
    assert str(tmp_path / CA_FILE) in str(caught.value)
    assert (tmp_path / CA_FILE).read_bytes() == certificate


@pytest.mark.parametrize(("gone", "left"), [(CA_FILE, KEY_FILE), (KEY_FILE, CA_FILE)])
def test_half_of_one_says_what_to_delete(tmp_path: Path, gone: str, left: str) -> None:
    Authority.kept(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(UserError, match=f"{gone} is missing, so .*{left} is of no use; delete that for a new CA"):
        Authority.kept(tmp_path)


def test_a_directory_that_is_none_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match=r"--tls-directory .*file can not be used: "):
        Authority.kept(file)


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="can not be used: No space left on device"):
        Authority.kept(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= {".lock"}
