"""`emulator start --tls` as a process: certificate, CA, refusals, the end."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import trustme
from cryptography import x509

from emulator.app import make_vendors
from emulator.core.errors import UserError
from emulator.serving import tls
from emulator.settings import Settings
from tests.process import SECONDS, Running, environment, run, running
from tests.secure import connect, exchange, printed_trust

HOSTS = sorted(host for vendor in make_vendors() for host in vendor.hosts)
LIVEZ = b"GET /_emulator/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator"), "--tls", "--allowed-host", "emulator.test") as started:
        yield started


@pytest.fixture(scope="module")
def trust(emulator: Running) -> dict[str, str]:
    return printed_trust(emulator)


@pytest.fixture(scope="module")
def ca_file(trust: dict[str, str]) -> str:
    return trust["SSL_CERT_FILE"]


def test_the_ready_file_says_https_and_the_announcement_too(tmp_path: Path) -> None:
    with running(tmp_path, EMULATOR_TLS="1") as started:
        _, output, _ = started.stop()
    assert started.url.startswith("https://127.0.0.1:")
    first, *others = output.splitlines()
    assert f"EngageLab Email: base URL {started.url}," in first
    assert [line.partition("=")[0].split()[0] for line in others] == ["export"] * 6


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", socket.gethostname(), "emulator.test", *HOSTS])
def test_the_certificate_is_for_every_name_that_leads_here(emulator: Running, ca_file: str, name: str) -> None:
    assert exchange(connect(emulator, ca_file, name), LIVEZ).startswith(b"HTTP/1.1 200 ")


def test_a_strict_client_finds_nothing_wrong(emulator: Running, ca_file: str) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python's default from 3.13 on
    assert httpx2.get(f"{emulator.url}/_emulator/livez", verify=context, trust_env=False).status_code == 200


def test_the_certificate_is_for_no_other_name(emulator: Running, ca_file: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        connect(emulator, ca_file, "www.e2ma.net")


def test_who_trusts_another_ca_is_not_fooled(emulator: Running) -> None:
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx2.get(f"{emulator.url}/_emulator/livez", trust_env=False)


def test_the_certificate_lives_long_enough_for_people_and_short_enough_for_apple(
    emulator: Running, ca_file: str
) -> None:
    with connect(emulator, ca_file) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    certificate = x509.load_der_x509_certificate(shown)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=825)
    assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


def test_the_address_it_is_bound_to_is_in_the_certificate(tmp_path: Path) -> None:
    with running(tmp_path, "--tls", "--host", "127.0.0.9") as started:
        ca_file = printed_trust(started)["SSL_CERT_FILE"]
        assert exchange(connect(started, ca_file, "127.0.0.9"), LIVEZ).startswith(b"HTTP/1.1 200 ")


def test_ca_pem_is_the_certificate_of_the_file(emulator: Running, ca_file: str) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    answer = httpx2.get(f"{emulator.url}/_emulator/ca.pem", verify=context, trust_env=False)
    assert (answer.content, answer.headers["Content-Type"]) == (
        Path(ca_file).read_bytes(),
        "application/x-pem-file",
    )


def test_no_key_is_on_the_disk_and_the_file_goes_in_the_end(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with running(tmp_path, "--tls", TMPDIR=str(temporary)) as started:
        ca_file = Path(printed_trust(started)["SSL_CERT_FILE"])
        assert [path for path in temporary.rglob("*") if path.is_file()] == [ca_file]
        assert b"PRIVATE KEY" not in ca_file.read_bytes()
        assert ca_file.parent.stat().st_mode & 0o777 == 0o700
        assert started.stop()[0] == 0
    assert list(temporary.iterdir()) == []


def test_a_start_that_fails_leaves_no_file(tmp_path: Path) -> None:
    done = run("start", "--port", "0", "--tls", "--scenario", "nothing", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_kept_ca_is_trusted_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    for _ in range(2):
        with running(tmp_path, EMULATOR_TLS_DIRECTORY=str(folder)) as started:
            printed = printed_trust(started)["SSL_CERT_FILE"]
            assert exchange(connect(started, printed), LIVEZ).startswith(b"HTTP/1.1 200 ")
            started.stop()
        before = hashlib.sha256(Path(printed).read_bytes()).digest()
    assert printed == str(folder / "ca.pem")
    assert hashlib.sha256(Path(printed).read_bytes()).digest() == before


def test_starts_at_the_same_time_share_the_ca_of_a_directory(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path; from emulator.serving.authority import Authority",
    ]
    command[-1] += "\nsys.stdout.buffer.write(Authority.kept(Path(sys.argv[1])).certificate)"
    starts = [
        subprocess.Popen([*command, str(tmp_path / "tls")], stdout=subprocess.PIPE, env=environment()) for _ in range(6)
    ]
    shown = {start.communicate(timeout=SECONDS)[0] for start in starts}
    assert shown == {(tmp_path / "tls" / "ca.pem").read_bytes()}


def test_one_of_a_directory_that_is_spoilt_is_one_line(tmp_path: Path) -> None:
    tmp_path.joinpath("ca.pem").write_text("nonsense")
    tmp_path.joinpath("ca-key.pem").write_text("nonsense")
    done = run("start", "--port", "0", "--tls-directory", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "delete both" in done.stderr


def test_a_name_that_no_certificate_can_have_is_one_line() -> None:
    done = run("start", "--port", "0", "--tls", "--allowed-host", "my_service")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--allowed-host my_service: no certificate can have this name" in done.stderr


@pytest.mark.parametrize("full", ["mkdtemp", "NamedTemporaryFile", "Path.write_bytes"])
def test_a_machine_without_room_for_temporary_files_is_one_line(monkeypatch: pytest.MonkeyPatch, full: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    owner = {"mkdtemp": tempfile, "NamedTemporaryFile": trustme, "Path.write_bytes": Path}[full]
    monkeypatch.setattr(owner, full.rpartition(".")[2], refuse)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(UserError, match=r"No space left.*TMPDIR"):
        tls.identity(Settings(tls=True), listener, []).__enter__()


def test_where_only_the_directory_can_be_written_it_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    settings = Settings(tls_directory=str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener, tls.identity(settings, listener, []) as identity:
        assert {path.name for path in tmp_path.iterdir()} - {".lock"} == {"ca.pem", "ca-key.pem"}
        assert identity.ca == (tmp_path / "ca.pem").read_bytes()


def test_a_directory_that_can_only_be_read_needs_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tls_directory=str(tmp_path / "tls"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with tls.identity(settings, listener, []) as first:
            pass
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
        with tls.identity(settings, listener, []) as second:
            assert second.ca == first.ca
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
        with pytest.raises(UserError, match="--tls: no temporary file can be written"):
            tls.identity(settings, listener, []).__enter__()


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path) -> None:
    tmp_path.joinpath("trustme.py").write_text("raise ModuleNotFoundError(name='trustme')\n")
    done = run("start", "--port", "0", "--tls", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "pip install 'audience-emulator[tls]'" in done.stderr


def test_a_start_without_tls_imports_nothing_for_it(tmp_path: Path) -> None:
    for_it = {
        "trustme",
        "cryptography",
        "idna",
        "emulator.serving.tls",
        "emulator.serving.authority",
        "emulator.serving.trust",
    }
    with running(tmp_path, PYTHONPROFILEIMPORTTIME="1") as started:
        assert for_it.isdisjoint(imported(started))
    with running(tmp_path, "--tls", PYTHONPROFILEIMPORTTIME="1") as started:
        assert for_it < imported(started)


def imported(emulator: Running) -> set[str]:
    """The modules that a process has imported, which it has written to its log."""
    assert emulator.process.stdout is not None
    emulator.process.stdout.readline()  # what is printed may need some, too
    return {line.rpartition("|")[2].strip() for line in emulator.stop()[2].splitlines()}


def test_the_command_says_so_where_http_was_written_for_https(emulator: Running) -> None:
    done = run("clock", "--url", emulator.url.replace("https://", "http://"))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "if it was started with --tls, write https://" in done.stderr


def test_what_is_printed_lets_the_command_find_and_trust_it(tmp_path: Path) -> None:
    with running(tmp_path, "--tls") as started:
        assert started.process.stdout is not None
        lines = [started.process.stdout.readline() for _ in range(7)][1:]
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        assert run("clock", **variables).returncode == 0
        assert run("ready", **variables).returncode == 0
