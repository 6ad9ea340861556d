"""The page: whole in itself, the same for the same contents, and deaf to what programs say."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import orjson
import pytest

from emu.analysis.report.contents import Trouble
from emu.analysis.report.page import ARTICLES, MAGIC, page
from emu.analysis.report.scene import scene_of
from emu.record.finding import Finding
from tests.analysis.histories import event, history, inversion
from tests.analysis.report.pages import contents, entry, found, read, shown

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def test_the_same_contents_give_the_same_bytes() -> None:
    assert page(contents()) == page(contents())


def test_it_begins_in_the_way_by_which_it_is_known() -> None:
    assert page(contents()).startswith(MAGIC.encode())


def test_it_names_no_other_file() -> None:
    made = read()
    assert not {"link", "iframe", "img", "object", "embed", "base"} & {
        tag for tag, _ in made.elements
    }
    assert [one for one in made.all("script") if "src" in one] == []
    assert "@import" not in page(contents()).decode()
    targets = [one["href"] for one in made.all("a")]
    assert [one for one in targets if not (one or "").startswith("#")] == []


def test_it_allows_itself_no_script_but_its_own() -> None:
    text = page(contents()).decode()
    (script,) = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    (policy,) = [one["content"] for one in read().all("meta") if "http-equiv" in one]
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_every_id_is_there_once() -> None:
    ids = [one["id"] for _, one in read().elements if "id" in one]
    assert len(ids) == len(set(ids))


def test_every_link_leads_somewhere() -> None:
    made = read(findings=(found(inversion()), found(inversion(), number=2)))
    ids = {one.get("id") for _, one in made.elements}
    assert {(one["href"] or "#")[1:] for one in made.all("a")} <= ids


def scripts(made: Any) -> list[str]:
    return [one.get("type") or "" for one in made.all("script")]


def test_what_a_program_says_stays_text() -> None:
    evil = history(
        [event("lock.acquire", 2, EVIL, EVIL, 10, waited=0), event("print", 3, EVIL, text=EVIL)],
        Finding(EVIL, EVIL, (EVIL,)),
        scenario=f"m:{EVIL}",
    )
    made = read(
        title=EVIL,
        directory=EVIL,
        facts=((EVIL, EVIL),),
        notices=(EVIL,),
        entries=(
            entry(
                name=EVIL,
                scenario=EVIL,
                params={EVIL: EVIL},
                outcomes={EVIL: 1},
                reason=EVIL,
                over=EVIL,
            ),
        ),
        findings=(
            found(
                inversion(),
                signature=EVIL,
                message=f"{EVIL}\n\n{EVIL}\n\n  log  {EVIL}",
                scene=scene_of(evil),
                log=EVIL,
                shown=(shown(entry=EVIL, replay=EVIL), shown(entry=EVIL, replay=EVIL)),
            ),
        ),
        troubles=(Trouble(EVIL, EVIL, 1, 1, (1,), EVIL),),
    )
    assert scripts(made) == ["application/json", "module"]
    assert made.all("img") == []
    assert [one for _, one in made.elements if "onerror" in one] == []
    assert EVIL in made.texts["h1"][0]
    (scene,) = (text for text in made.texts["script"] if text.startswith("{"))
    assert EVIL in orjson.loads(scene)["names"]


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert "\\udcff" in page(contents(title="\udcff")).decode()


def test_a_finding_has_its_message_its_picture_and_its_way_back() -> None:
    made = read()
    assert "lock_order_inversion deadlocks" in made.texts["h3"]
    (body,) = made.texts["pre"][:1]
    assert "T1 waits for right at inversion.py:11; held by T2" in body
    assert "lock left" in body
    assert "emu replay inversion:lock_order_inversion emu1:2t1#a72e" in made.texts["code"]


def test_the_command_of_a_finding_can_be_copied() -> None:
    buttons = [one for one in read().all("button") if one.get("class") == "copy"]
    assert [one["aria-label"] for one in buttons] == ["Copy the replay command"]


def test_a_finding_without_a_timeline_says_why() -> None:
    made = read(findings=(found(inversion(), scene=None, no_scene="it has no log."),))
    assert "No timeline: it has no log." in made.texts["p"]
    assert made.all("figure") == []


def test_of_very_many_findings_the_last_have_a_row_alone() -> None:
    many = tuple(found(inversion(), number=n + 1, scene=None) for n in range(ARTICLES + 5))
    made = read(findings=many)
    assert len(made.all("article")) == ARTICLES
    assert "205" in made.texts["td"]
    assert {(one["href"] or "#")[1:] for one in made.all("a")} <= {
        one.get("id") for _, one in made.elements
    }


def test_nothing_found_is_said() -> None:
    made = read(findings=())
    assert "Nothing was found in 10 runs." in made.texts["p"]


def test_no_programs_are_no_sections() -> None:
    made = read(programs=())
    assert {"locks", "order"} & {one.get("id") for _, one in made.elements} == set()


def test_a_possible_deadlock_stands_out() -> None:
    edges = [one for one in read().all("g") if (one.get("class") or "").startswith("edge ")]
    assert [one["class"] for one in edges] == ["edge deadlock", "edge deadlock"]


def test_only_parameters_that_tell_entries_apart_are_in_the_table() -> None:
    one, other = (entry(params={"fix": fix, "size": 3}) for fix in (True, False))
    spans = [text for text in read(entries=(one, other)).texts["span"] if "=" in text]
    assert spans == ["fix=true", "fix=false"]


@pytest.mark.parametrize("section", ["overview", "findings", "entries", "locks", "order"])
def test_every_section_is_labelled_and_linked(section: str) -> None:
    made = read()
    (one,) = (one for one in made.all("section") if one["id"] == section)
    assert one["aria-labelledby"] in {each.get("id") for _, each in made.elements}
    assert f"#{section}" in [each["href"] for each in made.all("a")]


def luminance(colour: str) -> float:
    """Of an sRGB colour, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colours() -> dict[str, tuple[str, str]]:
    """Each colour of the page, in light and in dark."""
    text = page(contents()).decode()
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {name: (light, dark) for name, light, dark in found}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "back"),
    [
        *((text, back) for text in ("ink", "muted", "link") for back in ("ground", "card", "sunk")),
        *((text, f"{text}-back") for text in ("good", "bad", "open", "calm")),
        ("bad", "card"),
        ("good", "card"),
        ("open", "card"),
    ],
)
def test_text_can_be_read_in_both_themes(text: str, back: str, *, dark: bool) -> None:
    one, other = (luminance(colours()[name][dark]) for name in (text, back))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


OUTCOMES = sorted({name for name in colours() if name.startswith("o-")} - {"o-ok", "o-unknown"})


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", OUTCOMES)
def test_what_went_wrong_stands_out_in_both_themes(name: str, *, dark: bool) -> None:
    one, other = (luminance(colours()[name][dark]) for name in (name, "card"))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 2.5
