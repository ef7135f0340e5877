"""The variables by which programs trust a CA."""

from __future__ import annotations

import subprocess

from emulator.serving.trust import export_lines, trust_environment


def test_every_program_is_told_the_same_file() -> None:
    variables = trust_environment("/ca.pem")
    assert set(variables) == {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
    assert set(variables.values()) == {"/ca.pem"}


def test_a_shell_reads_the_lines_whatever_the_folder_is_called() -> None:
    script = "\n".join([*export_lines(trust_environment("/it's a $HOME/ca.pem")), "env"])
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.count("=/it's a $HOME/ca.pem\n") == 4
