"""Campaigns are begun for plans, and gone on with as they were begun."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from emu.campaign.ledger import Ledger
from emu.campaign.opening import Orders, begin, begin_in, go_on, latest, plans_of
from emu.campaign.plan import Plan, read_plan
from emu.campaign.terms import TERMS, Terms, bytes_from, seconds_from, share_out
from emu.errors import LogError, UsageError

PLAN = """
name = "p"

[[entry]]
name = "one"
scenario = "tests.campaign.programs:inversion"
runs = 100

[[entry]]
name = "two"
scenario = "tests.campaign.programs:calm"
"""

NO_ORDERS = Orders()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(PLAN)
    return tmp_path / "p.toml"


def begun(path: Path, orders: Orders = NO_ORDERS, terms: Terms = TERMS) -> Ledger:
    return begin([read_plan(str(path))], orders, terms, path.parent / "runs", 5.0)


@pytest.fixture
def directory(path: Path) -> Path:
    ledger = begun(path)
    ledger.close()
    return ledger.directory


def refusal(directory: Path) -> str:
    with pytest.raises(UsageError) as raised:
        go_on(directory, lambda _: None)
    return str(raised.value)


def test_every_campaign_of_a_plan_has_a_directory_of_its_own(path: Path) -> None:
    first, second = begun(path), begun(path)
    assert (first.directory.name, second.directory.name) == ("0001", "0002")
    first.close()
    second.close()


def begun_in(path: Path, directory: Path) -> Ledger:
    return begin_in([read_plan(str(path))], Orders(runs=7), Terms(cap=5), directory, 5.0)


def test_a_campaign_may_be_begun_in_a_directory_that_is_there(path: Path) -> None:
    ledger = begun_in(path, path.parent)
    assert ledger.directory == path.parent
    assert [one.spec.runs for one in ledger.accounts()] == [7, 7]
    ledger.close()


def test_it_is_the_same_campaign_wherever_its_directory_came_from(path: Path) -> None:
    ledgers = [begun(path, Orders(runs=7), Terms(cap=5)), begun_in(path, path.parent)]
    facts, others = (one.facts() for one in ledgers)
    assert facts == others
    for one in ledgers:
        one.close()


def test_what_lies_beside_it_stays(path: Path) -> None:
    begun_in(path, path.parent).close()
    assert path.read_text() == PLAN


def test_a_campaign_in_a_directory_of_ones_own_goes_on(path: Path) -> None:
    begun_in(path, path.parent).close()
    again, terms = go_on(path.parent, lambda _: None)
    again.close()
    assert terms == Terms(cap=5)


def test_a_directory_that_holds_a_campaign_takes_no_second(directory: Path, path: Path) -> None:
    with pytest.raises(UsageError, match="has a campaign already"):
        begun_in(path, directory)


def test_a_directory_that_is_not_there_takes_none(path: Path) -> None:
    with pytest.raises(LogError, match=r"cannot open .*gone/campaign\.lock: No such file"):
        begun_in(path, path.parent / "gone")


def test_it_goes_on_with_the_terms_that_it_began_with(path: Path) -> None:
    terms = Terms(seconds=7.0, level="all", cap=5)
    ledger = begun(path, terms=terms)
    ledger.close()
    again, known = go_on(ledger.directory, lambda _: None)
    again.close()
    assert known == terms


def test_it_goes_on_with_the_orders_that_it_began_with(path: Path) -> None:
    ledger = begun(path, Orders(runs=7, seed=3))
    ledger.close()
    again, _ = go_on(ledger.directory, lambda _: None)
    assert [(one.spec.runs, one.spec.seed) for one in again.accounts()] == [(7, 3)] * 2
    again.close()


def test_endless_orders_take_every_budget_away(path: Path) -> None:
    ledger = begun(path, Orders(endless=True))
    specs = [one.spec for one in ledger.accounts()]
    ledger.close()
    assert [(one.runs, one.seconds, one.until) for one in specs] == [(None, None, "budget")] * 2


def test_a_plan_that_was_moved_goes_on(directory: Path, path: Path) -> None:
    path.rename(path.with_name("other.toml"))
    notes: list[str] = []
    again, _ = go_on(directory, notes.append)
    again.close()
    assert notes == [f"{path} is gone; going on with the plan 'p' as it was"]


def test_a_comment_in_a_plan_changes_nothing(directory: Path, path: Path) -> None:
    path.write_text(f"# a remark\n{PLAN}")
    again, _ = go_on(directory, lambda _: None)
    again.close()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("runs = 100", "runs = 500", "runs of entry 'one' was 100, is 500"),
        (
            "runs = 100",
            "params = { fix = true }",
            'params of entry \'one\' was {"fix":false,"rounds":1}, is {"fix":true,"rounds":1}',
        ),
        ('name = "two"', 'name = "three"', "entry 'three' is new; entry 'two' is gone"),
        ("runs = 100", 'strategy = "random"', "strategy of entry 'one' was rotation, is random"),
        ("programs:calm", "programs:endless", "scenario of entry 'two' was"),
    ],
)
def test_a_plan_that_reads_differently_is_refused(
    directory: Path, path: Path, old: str, new: str, said: str
) -> None:
    path.write_text(PLAN.replace(old, new))
    assert said in refusal(directory)


def test_that_offers_a_new_campaign(directory: Path, path: Path) -> None:
    path.write_text(PLAN.replace("runs = 100", "runs = 500"))
    assert refusal(directory).endswith(
        f"restore it, or begin a new campaign with `emu soak {path}`"
    )


def test_entries_in_another_order_are_another_plan(directory: Path, path: Path) -> None:
    head, one, two = PLAN.split("[[entry]]")
    path.write_text(f"{head}[[entry]]{two}[[entry]]{one}")
    assert "its entries are in another order" in refusal(directory)


def test_a_campaign_of_another_emu_is_refused(path: Path) -> None:
    ledger = begun(path)
    ledger.set_facts({"emu": "0.0.1"})
    ledger.close()
    assert "was begun by emu 0.0.1, and this is emu" in refusal(ledger.directory)


def test_a_refusal_lets_go_of_the_campaign(directory: Path, path: Path) -> None:
    path.write_text(PLAN.replace("runs = 100", "runs = 500"))
    refusal(directory)
    path.write_text(PLAN)
    again, _ = go_on(directory, lambda _: None)
    again.close()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM fact WHERE name = 'terms'", "it does not say its 'terms'"),
        ("UPDATE fact SET value = 'junk' WHERE name = 'terms'", "its 'terms' reads "),
        ("UPDATE fact SET value = '{\"a\": 1}' WHERE name = 'orders'", "its 'orders' reads "),
        ("UPDATE fact SET value = '[1]' WHERE name = 'plans'", "its 'plans' reads "),
        ("UPDATE entry SET spec = '{}'", "EntrySpec"),
    ],
)
def test_a_ledger_that_was_damaged_inside_is_a_sentence(
    sql: str, said: str, directory: Path
) -> None:
    with sqlite3.connect(directory / "campaign.db") as database:
        database.execute(sql)
    with pytest.raises(LogError, match=said):
        go_on(directory, print)


def test_a_program_that_was_changed_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(path.parent)
    program = path.parent / "changing.py"
    text = "from emu import scenario\n\n@scenario()\nasync def calm(m):\n    pass\n"
    program.write_text(text)
    path.write_text(PLAN.replace("tests.campaign.programs:calm", "changing:calm"))
    ledger = begun(path)
    ledger.close()
    go_on(ledger.directory, print)[0].close()
    program.write_text(f"{text}    await m.checkpoint('late')\n")
    with pytest.raises(UsageError, match=r"changing.py changed since .*; restore it, or begin"):
        go_on(ledger.directory, print)


def test_the_latest_campaign_of_a_plan_is_found(path: Path) -> None:
    for _ in range(3):
        begun(path).close()
    plans = [read_plan(str(path))]
    assert latest(plans, path.parent / "runs") == path.parent / "runs" / "p" / "0003"


def test_without_one_there_is_none_to_go_on_with(path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no campaign of .*p\.toml in"):
        latest([read_plan(str(path))], path.parent / "runs")


def test_several_plans_are_one_campaign(path: Path) -> None:
    other = path.with_name("q.toml")
    other.write_text(PLAN.replace('"p"', '"q"'))
    plans: list[Plan] = [read_plan(str(path)), read_plan(str(other))]
    ledger = begin(plans, NO_ORDERS, TERMS, path.parent / "runs", 5.0)
    assert (ledger.directory.parent.name, len(ledger.accounts())) == ("p-q", 4)
    assert plans_of(ledger.facts()) == [("p", str(path)), ("q", str(other))]
    ledger.close()


def test_facts_say_when_it_began(path: Path) -> None:
    ledger = begun(path)
    assert orjson.loads(ledger.facts()["began"]) == 5.0
    ledger.close()


@pytest.mark.parametrize(
    ("text", "size"),
    [(7, 7), ("7", 7), ("2kB", 2_000), ("1.5 GB", 1_500_000_000), ("3 mb", 3_000_000)],
)
def test_sizes_are_read(text: object, size: int) -> None:
    assert bytes_from(text, "cap") == size


@pytest.mark.parametrize("text", ["", "much", "5 XB", -1, True, 2.5, "-3kB"])
def test_other_sizes_are_refused(text: object) -> None:
    with pytest.raises(UsageError, match=r"cap is .*; allowed is a number of bytes"):
        bytes_from(text, "cap")


@pytest.mark.parametrize("text", ["9" * 400 + "TB", "2000000000 GB", 1 << 61])
def test_sizes_that_no_machine_has_are_refused(text: object) -> None:
    with pytest.raises(UsageError, match=r"cap is .*; allowed (are at most|is a number of bytes)"):
        bytes_from(text, "cap")


@pytest.mark.parametrize(("text", "seconds"), [(90, 90.0), ("30min", 1_800.0), ("8h", 28_800.0)])
def test_times_are_read(text: object, seconds: float) -> None:
    assert seconds_from(text, "--for") == seconds


@pytest.mark.parametrize("text", [0, "0s", -5, "soon", "5 days"])
def test_other_times_are_refused(text: object) -> None:
    with pytest.raises(UsageError, match="--for is"):
        seconds_from(text, "--for")


@settings(max_examples=200)
@given(st.integers(1, 500), st.lists(st.none() | st.integers(1, 200), min_size=1, max_size=12))
def test_runs_are_shared_out_as_far_as_they_are_wanted(runs: int, wanted: list[int | None]) -> None:
    runs += len(wanted)
    shares = share_out(runs, wanted)
    most = runs if None in wanted else min(runs, sum(one or 0 for one in wanted))
    assert sum(shares) == most
    assert all(one is None or share <= one for share, one in zip(shares, wanted, strict=True))


def test_runs_are_shared_out_evenly() -> None:
    assert share_out(10, [None, 2, None, 100]) == [3, 2, 3, 2]


def test_there_must_be_a_run_for_every_entry() -> None:
    with pytest.raises(UsageError, match="allowed is at least one for each of its 3 entries"):
        share_out(2, [None, None, None])


def test_runs_for_the_whole_campaign_are_the_budgets_of_its_entries(path: Path) -> None:
    ledger = begun(path, Orders(endless=True), Terms(runs=51))
    assert [one.spec.runs for one in ledger.accounts()] == [25, 26]
    ledger.close()
