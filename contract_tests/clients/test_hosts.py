"""Clients that know nothing of an emulator: they have the vendors' own URLs, and the trust that it prints."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.clients.conftest import KEYS
from contract_tests.clients.machine import HOSTS, Machine, diverted_clients, own_machine, why_no_own_machine
from contract_tests.comparison import differences
from contract_tests.emma import document
from contract_tests.engagelab.test_document import EXCHANGES, expected

_HERE = Path(__file__).parent
_EMMA = "https://api.e2ma.net"
_ENGAGELAB = "https://email.api.engagelab.cc"
_EMMA_KEYS = "Basic cHVibGljX2tleTpwcml2YXRlX2tleQ=="  # public_key:private_key

per_engagelab_exchange = pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["id"])
per_emma_exchange = pytest.mark.parametrize("exchange", document.EXCHANGES, ids=lambda exchange: exchange.id)


@pytest.fixture(scope="module", params=["a machine of its own", "diverted clients"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    if request.param == "diverted clients":
        with diverted_clients(folder) as machine:
            yield machine
        return
    reason = why_no_own_machine(folder)
    if reason is not None:
        pytest.skip(reason)
    with own_machine(folder) as machine:
        yield machine


@pytest.fixture
def machine(shared: Machine) -> Machine:
    """As it was at the start; the control plane is under the vendors' names, too."""
    done = shared.run("curl", "--silent", "--show-error", "--fail", "-X", "POST", f"{_EMMA}/_emulator/reset")
    assert done.returncode == 0, done.stderr
    return shared


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in ("curl", "node"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def by_curl(machine: Machine, command: str) -> tuple[int, str]:
    """Status and body of a command as a document prints it, to the letter."""
    done = machine.run("sh", "-c", command)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition("\n\n")
    return int(head.split()[1]), body


def by_node(machine: Machine, **request: Any) -> tuple[int, str]:
    """Status and body of a request by Node."""
    done = machine.run("node", str(_HERE / "plain.js"), json.dumps(request))
    answer = json.loads(done.stdout or "{}")
    assert "status" in answer, (answer, done.stderr)
    return answer["status"], answer["body"]


@per_engagelab_exchange
def test_a_command_of_engagelabs_document_works_as_it_is_printed(exchange: dict[str, Any], machine: Machine) -> None:
    printed = expected(exchange)
    status, body = by_curl(machine, exchange["curl"])
    found = differences(json.loads(printed["answer"]), json.loads(body), values=printed["compare"] == "values")
    assert (status, found) == (printed["status"], []), body


@pytest.mark.parametrize("client", ["curl", "node"])
@per_emma_exchange
def test_a_request_of_emmas_documents_works_at_its_own_address(
    exchange: document.Exchange, machine: Machine, client: str
) -> None:
    url = _EMMA + exchange.path
    body = None if exchange.body is None else json.dumps(exchange.body)
    if client == "node":
        status, text = by_node(
            machine, method=exchange.method, url=url, headers={"Authorization": _EMMA_KEYS}, body=body
        )
    else:
        data = "" if body is None else f"--data '{body}'"
        status, text = by_curl(machine, f"curl -i -u public_key:private_key -X {exchange.method} {data} '{url}'")
    found = differences(document.expected(exchange), json.loads(text), values=True)
    assert (status, found) == (200, []), text


def test_node_reaches_engagelab(machine: Machine) -> None:
    url = f"{_ENGAGELAB}/v1/marketing/lists/members/6565c12a3b4e0d83d3f58ea0"
    headers = {"Authorization": "Basic YXBpX3VzZXI6YXBpX2tleQ=="}
    status, body = by_node(machine, method="GET", url=url, headers=headers)
    assert (status, json.loads(body)["result"]["email"]) == (200, "xjmfc@126.com")


@pytest.mark.parametrize("host", HOSTS)
def test_every_name_of_a_vendor_leads_here(machine: Machine, host: str) -> None:
    status, body = by_node(machine, method="GET", url=f"https://{host}/_emulator/livez", headers={})
    assert (status, json.loads(body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("variable", ["CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_who_was_not_told_to_trust_the_ca_refuses(machine: Machine, variable: str) -> None:
    kept = {name: value for name, value in machine.environment.items() if name not in (variable, "SSL_CERT_FILE")}
    distrustful = machine._replace(environment=kept)
    if variable == "CURL_CA_BUNDLE":
        assert distrustful.run("curl", "--silent", f"{_EMMA}/_emulator/livez").returncode == 60
    else:
        request = {"method": "GET", "url": f"{_EMMA}/_emulator/livez", "headers": {}}
        done = distrustful.run("node", str(_HERE / "plain.js"), json.dumps(request))
        assert json.loads(done.stdout)["error"] == "UNABLE_TO_VERIFY_LEAF_SIGNATURE"


@pytest.mark.parametrize("shared", ["a machine of its own"], indirect=True)
def test_python_and_httpx_reach_emma_with_the_same_lines(machine: Machine) -> None:
    for code in (
        "from urllib.request import urlopen; print(urlopen(URL).read().decode())",
        "import httpx2; print(httpx2.get(URL).text)",
    ):
        done = machine.run(sys.executable, "-c", code.replace("URL", repr(f"{_EMMA}/_emulator/livez")))
        assert json.loads(done.stdout) == {"status": "ok"}, done.stderr


def test_emma_sdk_whose_address_is_built_in_reaches_the_emulator(machine: Machine, sdk: Path) -> None:
    code = "new Emma(KEYS).group.list((error, result) => console.log(JSON.stringify({error, result})))"
    program = f"const Emma = require({json.dumps(str(sdk))}); {code.replace('KEYS', json.dumps(KEYS))}"
    done = machine.run("node", "--eval", program)
    answer = json.loads(done.stdout or "{}")
    assert [group["member_group_id"] for group in answer.get("result") or []] == [150, 151, 152], (answer, done.stderr)
