"""The pytest plugin, as somebody's test suite uses it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml  # noqa: F401 - its part in C can not be imported twice, which suites in this process would do

from tests.process import Running, environment, running

ADD = """
    import httpx2

    def add(url, email="ann@shop.test", auth=("public_key", "private_key"), **client):
        with httpx2.Client(auth=auth, trust_env=False, **client) as session:
            return session.post(f"{url}/100/members/add", json={"email": email})

    def count(url, **client):
        with httpx2.Client(auth=("public_key", "private_key"), trust_env=False, **client) as session:
            return session.get(f"{url}/100/members?count=true", trust_env=False).json()
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """A suite that knows nothing of the one that it runs in."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "EMULATOR_URL", "EMULATOR_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(calls=ADD)
    pytester.syspathinsert()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An emulator that runs before any test does."""
    with running(tmp_path_factory.mktemp("elsewhere")) as started:
        yield started


def test_each_test_has_a_world_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from calls import add

        def test_one(emulator_world):
            assert add(emulator_world.url).json()["member_id"] == 1024

        def test_two(emulator_world):
            assert add(emulator_world.url).json()["member_id"] == 1024

        def test_worlds_are_dropped(emulator, emulator_world):
            assert {world.name for world in emulator.client.worlds.all()} == {"default", emulator_world.name}
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize("mode", ["thread", "process", "in-process"])
def test_a_suite_says_how_the_emulator_runs(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile("""
        from calls import add

        def test_it(emulator, emulator_world, pytestconfig):
            transport = {"transport": emulator.transport} if emulator.mode == "in-process" else {}
            assert add(emulator_world.url, **transport).json()["added"]
            emulator_world.verify(operation="emma.members.add", count=1)
            assert emulator.mode == pytestconfig.getoption("--emulator-mode")
    """)
    pytester.runpytest_inprocess(f"--emulator-mode={mode}").assert_outcomes(passed=1)


def test_a_suite_can_use_an_emulator_that_runs_elsewhere(pytester: pytest.Pytester, elsewhere: Running) -> None:
    pytester.makepyfile(f"""
        from calls import add

        def test_it(emulator, emulator_world):
            assert emulator_world.url.startswith("{elsewhere.url}/_world/test_it-")
            assert add(emulator_world.url).json()["added"]
    """)
    for _ in range(2):
        pytester.runpytest_inprocess(f"--emulator-url={elsewhere.url}").assert_outcomes(passed=1)


def test_workers_of_xdist_that_share_an_emulator_do_not_share_worlds(
    pytester: pytest.Pytester, elsewhere: Running
) -> None:
    pytester.makepyfile("""
        import pytest
        from calls import add

        @pytest.mark.parametrize("number", range(20))
        def test_it(emulator_world, number):
            assert add(emulator_world.url).json()["member_id"] == 1024
    """)
    done = pytester.runpytest_subprocess("-n2", f"--emulator-url={elsewhere.url}")
    done.assert_outcomes(passed=20)


def test_an_emulator_that_is_not_there_is_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(emulator): pass")
    done = pytester.runpytest_inprocess("--emulator-url=http://127.0.0.1:1")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*the emulator does not start: no emulator is ready at http://127.0.0.1:1*"])


def test_the_marker_puts_the_world_into_a_state(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from calls import add

        @pytest.mark.emulator(
            scenario={"emma": {"accounts": [{"account_id": 100, "members": [{"email": "ann@shop.test"}]}]}},
            clock="frozen:2024-05-01T12:00:00Z",
            behaviours={"emma.paging_end": "inclusive"},
            limits={"emma": {"calls": 2, "seconds": 60}},
            faults=[{"operation": "emma.members.add", "status": 500, "first": 1}],
        )
        def test_it(emulator_world):
            assert str(emulator_world.clock.get().now) == "2024-05-01 12:00:00+00:00"
            assert {each.id: each.choice for each in emulator_world.behaviours.all()}["emma.paging_end"] == "inclusive"
            assert [add(emulator_world.url).status_code for _ in range(3)] == [500, 200, 403]
            assert [entry.response for entry in emulator_world.journal.entries(status=200)][0]["added"] is False
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_marker_closest_to_the_test_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.emulator(clock="frozen:2024-05-01T12:00:00Z", scenario="newsletter")
        class TestIt:
            @pytest.mark.emulator(clock="frozen:2030-05-01T12:00:00Z")
            def test_it(self, emulator_world):
                assert emulator_world.clock.get().now.year == 2030
                assert emulator_world.worlds.all()[-1].accounts["emma"]
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("clok='frozen'", "*the marker emulator: 'clok' is unknown; write emulator(scenario=*"),
        ("faults=[{'status': 600}]", "*the marker emulator: faults[[]0].status*600*"),
        ("scenario={'emma': {'acounts': []}}", "*the marker emulator: *did you mean accounts?"),
        ("'newsletter'", "*the marker emulator: it takes no positional arguments*"),
        ("scenario=5", "*the marker emulator: scenario: 5 does not fit; give a name, a file, an object, or a list *"),
        ("clock='noon'", "*the marker emulator: clock: mode 'noon' is unknown*"),
        ("clock=5", "*the marker emulator: clock: 5 does not fit; give frozen:*"),
        ("limits=['emma']", "*the marker emulator: limits: [[]'emma'] does not fit; give an object of vendors"),
        (
            "faults={'status': 500}",
            "*the marker emulator: faults: {'status': 500} does not fit; give a list *",
        ),
        (
            "behaviours=['x']",
            "*the marker emulator: behaviours: [[]'x'] does not fit; give an object of ids *",
        ),
        ("allow_unmatched='no'", "*the marker emulator: allow_unmatched: 'no' does not fit; give True or False"),
    ],
)
def test_a_marker_that_is_wrong_is_one_line(pytester: pytest.Pytester, marker: str, said: str) -> None:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.emulator({marker})
        def test_it(emulator_world): pass
    """)
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([said])
    done.stdout.no_fnmatch_line("*During handling*")


def test_a_marker_that_is_wrong_is_told_where_nothing_uses_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.emulator(clok="frozen")
        def test_it(): pass

        @pytest.mark.emulator(clock="frozen")
        def test_other(): pass
    """)
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(errors=1, passed=1)
    done.stdout.fnmatch_lines(["*the marker emulator: 'clok' is unknown; write emulator(scenario=*"])


def test_the_clock_of_the_marker_holds_while_its_scenario_is_loaded(pytester: pytest.Pytester) -> None:
    (pytester.path / "mine.yaml").write_text("emma: {accounts: [{account_id: 100, members: [{email: Ann@shop.test}]}]}")
    pytester.makepyfile("""
        import pytest
        from datetime import datetime

        @pytest.mark.emulator(
            clock=datetime(2020, 5, 1), behaviours={"emma.email_case": "sensitive"}, scenario="mine.yaml"
        )
        def test_it(emulator_world):
            (member,) = emulator_world.export()["emma"]["accounts"][0]["members"]
            assert (member["member_since"], member["email"]) == ("2020-05-01T00:00:00Z", "Ann@shop.test")
            assert {each.id: each.choice for each in emulator_world.behaviours.all()}["emma.email_case"] == "sensitive"
            assert str(emulator_world.clock.get().now) == "2020-05-01 00:00:00+00:00"

        @pytest.mark.emulator(scenario=["mine.yaml", {"limits": {"emma": True}}, "engagelab-documentation"])
        def test_several(emulator_world):
            assert emulator_world.limits.all()[0].on
            assert all(emulator_world.worlds.all()[-1].accounts.values())

        @pytest.mark.emulator(scenario="newsletter", clock="frozen:2020-01-01")
        class TestNone:
            @pytest.mark.emulator(scenario=None, clock=None)
            def test_none(self, emulator_world):
                assert emulator_world.clock.get().mode == "real"
                assert not emulator_world.export().get("emma")
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=3)


def test_worlds_start_with_the_scenarios_of_the_configuration(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("scenarios")
    (folder / "mine.yaml").write_text("clock: {mode: frozen, at: 2020-01-01T00:00:00Z}\n")
    pytester.makeini("[pytest]\nemulator_scenario =\n    newsletter\n    scenarios/mine.yaml\n")
    pytester.makepyfile("""
        def test_it(emulator_world):
            assert emulator_world.clock.get().now.year == 2020
            assert emulator_world.worlds.all()[-1].accounts["emma"]
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_test_that_failed_shows_what_came_to_its_world_and_why_it_was_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from calls import add

        def test_it(emulator_world):
            add(emulator_world.url, email=5)
            add(emulator_world.url + "/100")
            assert False
    """)
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "*- emulator, world test_it-* -*",
            "1  POST /100/members/add  400  emma.members.add",
            "*refused by core.input.validate (input): email must be a string",
            "2  POST /100/100/members/add  404  no operation",
            "*hint: no operation has this method and path; nearest: *",
        ]
    )


@pytest.mark.parametrize("count", [1, 2])
def test_worlds_elsewhere_start_with_the_scenarios_of_the_configuration(
    pytester: pytest.Pytester, elsewhere: Running, count: int
) -> None:
    (pytester.path / "mine.yaml").write_text("emma: {accounts: [{account_id: 7}]}")
    names = ["mine.yaml", "engagelab-documentation"][:count]
    pytester.makeini("\n    ".join(["[pytest]\nemulator_scenario =", *names]))
    pytester.makepyfile(f"""
        import pytest

        def test_it(emulator_world):
            assert [bool(each) for each in emulator_world.worlds.all()[-1].accounts.values()] == [True, {count} == 2]

        @pytest.mark.emulator(scenario={{}})
        def test_other(emulator_world):
            assert not any(emulator_world.worlds.all()[-1].accounts.values())
    """)
    pytester.runpytest_inprocess(f"--emulator-url={elsewhere.url}").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("ini", "options", "said"),
    [
        ("emulator_journal_lines = ten", [], "*emulator_journal_lines: 'ten' is no number from 1 to 99999"),
        ("emulator_journal_lines = 0", [], "*emulator_journal_lines: '0' is no number from 1 to 99999"),
        ("emulator_mode = fork", [], "*emulator_mode: 'fork' is none; choose thread, process, in-process"),
        (
            "",
            ["--emulator-url=http://127.0.0.1:1", "--emulator-mode=thread"],
            "*--emulator-mode: the emulator at http://127.0.0.1:1 runs already; leave this out, or *",
        ),
    ],
)
def test_a_configuration_that_is_wrong_is_one_line_at_the_start(
    pytester: pytest.Pytester, ini: str, options: list[str], said: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile("def test_it(): pass")
    done = pytester.runpytest_inprocess(*options)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([said])


@pytest.mark.parametrize("mode", ["thread", "in-process"])
def test_a_journal_that_can_not_be_read_is_one_line_and_the_session_goes_on(
    pytester: pytest.Pytester, mode: str
) -> None:
    pytester.makepyfile("""
        import msgspec
        from calls import add

        class Newer(msgspec.Struct):
            must: int

        def test_skew(emulator, emulator_world, monkeypatch):
            import emulator.client.synchronous.traffic as traffic

            emulator_world.elsewhere(emulator_world.name).control.call("GET", "journal")
            monkeypatch.setattr(traffic, "Entry", Newer)
            transport = {"transport": emulator.transport} if emulator.mode == "in-process" else {}
            add(emulator_world.url, **transport)
            assert 0

        def test_closed(emulator, emulator_world):
            emulator.close()
            assert 0

        def test_next(): pass
    """)
    done = pytester.runpytest_inprocess(f"--emulator-mode={mode}")
    done.assert_outcomes(failed=2, passed=1, errors=1)
    done.stdout.fnmatch_lines(
        [
            "the world of this test: no emulator answers at *",
            "the journal can not be read: ValidationError: *",
            "the journal can not be read: no emulator answers at *",
        ]
    )
    done.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_fixture_that_ends_badly_shows_the_journal_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from calls import add

        @pytest.fixture
        def checked(emulator_world):
            yield
            add(emulator_world.url)
            emulator_world.verify(count=2)

        def test_it(checked): pass
    """)
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*- emulator, world test_it-* -*", "1  POST /100/members/add  200  emma.members.add"])


def test_a_test_may_drop_its_world(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(emulator_world): emulator_world.worlds.drop(emulator_world.name)")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_test_that_failed_before_its_code_called_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(emulator_world): assert False")
    pytester.runpytest_inprocess().stdout.fnmatch_lines(["no request came to this world; *"])


def test_a_test_that_passes_shows_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from calls import add

        def test_it(emulator_world): add(emulator_world.url)
    """)
    pytester.runpytest_inprocess("-rA").stdout.no_fnmatch_line("*POST /100*")


@pytest.mark.parametrize("how", ["option", "ini"])
def test_calls_that_met_no_operation_can_fail_a_test(pytester: pytest.Pytester, how: str) -> None:
    if how == "ini":
        pytester.makeini("[pytest]\nemulator_fail_on_unmatched = true\n")
    pytester.makepyfile("""
        import pytest
        from calls import add

        def test_wrong(emulator_world):
            add(emulator_world.url + "/100")

        def test_right(emulator_world):
            add(emulator_world.url)

        @pytest.mark.emulator(allow_unmatched=True)
        def test_meant(emulator_world):
            add(emulator_world.url + "/100")
    """)
    done = pytester.runpytest_inprocess(*(["--emulator-fail-on-unmatched"] if how == "option" else []))
    done.assert_outcomes(failed=1, passed=2)
    done.stdout.fnmatch_lines(["POST /100/100/members/add, 1 times; near: *"])


def test_without_the_option_such_a_test_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from calls import add

        def test_wrong(emulator_world): add(emulator_world.url + "/100")
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_accounts_of_both_vendors_are_seeded_in_the_world_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx2

        def test_it(emma_account, engagelab_account, emulator_world):
            emma_account.seed(members=[{"email": "ann@shop.test"}])
            engagelab_account.seed(members=[{"email": "bob@shop.test"}])
            with httpx2.Client(base_url=emma_account.base_url, auth=emma_account.auth, trust_env=False) as client:
                assert [member["email"] for member in client.get("/members").json()] == ["ann@shop.test"]
            accounts = {world.name: world.accounts for world in emulator_world.worlds.all()}
            assert accounts[emulator_world.name] == {"emma": ["100"], "engagelab": ["api_user"]}
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["thread", "in-process"])
def test_code_with_a_hard_coded_host_calls_the_world_of_the_test(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile("""
        import requests

        def test_it(emulator_intercepted):
            answer = requests.post(
                "https://api.e2ma.net/100/members/add", json={"email": "ann@shop.test"}, auth=("a", "b")
            )
            assert answer.json()["added"]
            emulator_intercepted.verify(operation="emma.members.add", count=1)
    """)
    pytester.runpytest_inprocess(f"--emulator-mode={mode}").assert_outcomes(passed=1)


def test_a_suite_that_does_not_use_it_does_not_pay_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    assert 'emulator.pytest_plugin' in sys.modules\n"
        "    heavy = {'starlette', 'uvicorn', 'pydantic', 'msgspec', 'emulator.embedded', 'emulator.client', 'yaml'}\n"
        "    assert heavy.isdisjoint(sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "-q", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_what_a_call_says_does_not_steer_the_terminal_of_the_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx2

        def test_it(emulator_world):
            httpx2.get(emulator_world.url + "/100/members/email/%1b%5B31mX%0aforged", auth=("a", "b"), trust_env=False)
            httpx2.post(emulator_world.url + "/100/members/add", json={"email": 5, "a\\x1bb": 1}, auth=("a", "b"))
            assert False
    """)
    said = pytester.runpytest_inprocess().stdout.str()
    report = said[said.index("emulator, world test_it-") :]
    assert "\x1b" not in report
    assert "\nforged" not in report
