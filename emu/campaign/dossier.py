"""What the report of a campaign has on its page: its ledger, its findings' logs, its runs' logs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from emu.analysis.report.contents import Contents, CoursePoint, Entry, Found, Shown, Trouble
from emu.analysis.report.spelling import duration, moment
from emu.campaign.account import Account
from emu.campaign.catch import Catch, Group, catches, grouped
from emu.campaign.facts import read_fact
from emu.campaign.ledger import view
from emu.campaign.ledgerlock import holder
from emu.campaign.logbook import DIRECTORY as LOGS
from emu.campaign.onefinding import replay_of
from emu.campaign.opening import plans_of
from emu.campaign.pulse import pulse_of
from emu.campaign.scenes import Scenes, Tell, silent
from emu.campaign.summary import Summary, summaries
from emu.campaign.survey import EVENTS, Survey, named, survey
from emu.record.finding import Verdict
from emu.record.store import HISTORY

SHOWN: Final = 20
"""So many of the entries that show a finding are named; `emu findings` lists all."""

SEVERITY: Final = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET)
"""The worst verdict of its entries is that of a campaign."""


def dossier(directory: Path, *, events: int = EVENTS, tell: Tell = silent) -> Contents:
    """The contents of the report of the campaign in `directory`.

    `events` is how many events of logs are looked at for the locks; `tell` is told how it gets
    on. Raises as `ledger.view` does.
    """
    with closing(view(directory)) as ledger:
        facts = ledger.facts()
        done = summaries(ledger)
        groups = grouped(catches(ledger))
        logs = [directory / LOGS / name for _, name, _, _ in ledger.logs()]
        version = facts.get("emu", "")
    kept = [path for path in logs if path.exists()]
    every = bool(kept)
    scenes = Scenes(directory, tell)
    found = [_found(one, scenes) for one in groups if not one.trouble]
    seen = survey(kept or scenes.files, events=events, tell=tell)
    verdicts = [one.verdict for one in done]
    return Contents(
        title="+".join(dict.fromkeys(name for name, _ in plans_of(facts))),
        directory=str(directory),
        facts=tuple(_facts(facts, done)),
        entries=tuple(map(_entry, done)),
        findings=tuple(found),
        troubles=tuple(_trouble(one) for group in groups if group.trouble for one in group.catches),
        programs=seen.programs,
        verdict=next(one.value for one in SEVERITY if one in verdicts),
        read=_read(seen, every=every),
        notices=(*_still(directory), *named((*scenes.damage, *seen.damage)), *scenes.notices),
        emu=version,
    )


def _read(seen: Survey, *, every: bool) -> str:
    if every:
        return seen.in_words()
    return (
        f"{seen.in_words()} Only findings have logs here, so this is of failing runs alone; "
        f"`emu soak --logs all` keeps those of every run."
    )


def _facts(facts: dict[str, str], done: Sequence[Summary]) -> list[tuple[str, str]]:
    seconds = read_fact(facts, "seconds", float) if "seconds" in facts else 0.0
    pulse = pulse_of(facts)
    seeds = dict.fromkeys(str(one.account.spec.seed) for one in done)
    rows = [
        ("began", f"{moment(read_fact(facts, 'began', float))} UTC"),
        ("took", duration(round(seconds * 1e9))),
        ("ended", pulse.ended if pulse is not None else ""),
        ("emu", facts.get("emu", "")),
        ("seed" if len(seeds) == 1 else "seeds", ", ".join(seeds)),
    ]
    rows += [("plan", path) for _, path in plans_of(facts)]
    return [(name, value) for name, value in rows if value]


def _still(directory: Path) -> list[str]:
    who = holder(directory)
    return [f"Process {who} is at work on this campaign; this is how it stood."] if who else []


def _entry(one: Summary) -> Entry:
    account, spec, figures = one.account, one.account.spec, one.account.figures
    sample = account.sample
    return Entry(
        plan=spec.plan,
        name=spec.name,
        scenario=spec.scenario,
        params=spec.params,
        strategy=spec.strategy,
        seeds="" if spec.exhaustive else f"seed {spec.seed}",
        runs=figures.runs,
        steps=figures.steps,
        emulated=figures.emulated,
        outcomes=figures.outcomes,
        verdict=one.verdict.value,
        expected=str(spec.expect),
        over=_over(account),
        reason=figures.unknown,
        budget=_budget(account),
        chaos=spec.chaos,
        watchdog=spec.watchdog,
        first_found=one.first_found,
        estimate=sample.estimate if sample.runs else None,
        sampled=sample.runs,
        course=_course(account),
    )


def _over(account: Account) -> str:
    figures = account.figures
    within = "" if figures.bound is None else f" within bound {figures.bound}"
    return f"{figures.answer}{within}" if figures.answer else figures.over or "not yet"


def _budget(account: Account) -> str:
    spec = account.spec
    parts = [f"{account.figures.budget:,} runs"] if account.figures.budget is not None else []
    parts += [f"{spec.seconds:g} s of work"] if spec.seconds is not None else []
    return f"{' and '.join(parts) or 'none'}, until {spec.until}"


def _course(account: Account) -> tuple[CoursePoint, ...]:
    """The points that were noted, and how it is in the end."""
    figures = account.figures
    points = [CoursePoint(one.runs, one.outcomes, one.behaviours) for one in figures.course.points]
    if points and points[-1].runs < figures.runs:
        counts = tuple(figures.outcomes.values())
        points.append(CoursePoint(figures.runs, counts, account.sample.estimate.behaviours))
    return tuple(points)


def _found(group: Group, scenes: Scenes) -> Found:
    best = group.simplest
    others = [one for one in group.catches if one is not best]
    told = best.told
    name = f"{told.directory}/{HISTORY}.zst" if told is not None and told.directory else ""
    scene, missing = scenes.of(name, group.signature)
    return Found(
        number=group.number,
        signature=group.signature,
        kind=best.tally.sighted.kind,
        message=_message(best),
        standing=group.standing,
        count=group.count,
        runs=group.runs,
        shown=tuple(_shown(one, scenes.directory) for one in [best, *others][:SHOWN]),
        entries=len(group.catches),
        first=group.first.tally.since,
        last=group.last.tally.latest,
        log=name if scene is not None else "",
        scene=scene,
        no_scene=missing,
    )


def _message(catch: Catch) -> str:
    if catch.told is not None and catch.told.message:
        return catch.told.message
    return catch.tally.sighted.sentence


def _shown(catch: Catch, directory: Path) -> Shown:
    sighted = catch.tally.sighted
    return Shown(
        plan=catch.spec.plan,
        entry=catch.spec.name,
        number=catch.number,
        count=catch.tally.count,
        runs=catch.runs,
        first_run=sighted.run + 1,
        strategy=sighted.strategy,
        seed=catch.spec.seed,
        tape=catch.tape,
        deviations=catch.deviations,
        replay=replay_of(catch, directory),
        standing=catch.standing,
        state=_state(catch),
    )


def _state(catch: Catch) -> str:
    if not catch.replays:
        return "Its tape did not give it again."
    return "" if catch.told is not None else "Not run again yet; `emu show` does that."


def _trouble(catch: Catch) -> Trouble:
    sighted = catch.tally.sighted
    return Trouble(
        sentence=sighted.sentence,
        entry=catch.spec.name,
        count=catch.tally.count,
        first_run=sighted.run + 1,
        seeds=tuple(catch.tally.seeds),
        evidence=sighted.evidence,
    )
