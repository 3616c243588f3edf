"""The status page: one file, without network, that shows where everything stands."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.alliance import Alliance
from pipeline.report import agenda, charts, faults, gallery, mailing, meetings, memoranda, papers, picture
from pipeline.report.listing import Listing, listing
from pipeline.report.view import View
from pipeline.report.way import way
from pipeline.report.words import moment, number, some

FOLDER = Path(__file__).parent
CARDS = 12          # of one topic before they are turned over
ROWS = 16           # of memoranda, messages and findings

Drawn = Mapping[str, object]


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(view: View) -> bytes:
    """The page's bytes: the same for the same state of things."""
    environment = _environment()
    rows = environment.get_template("parts/rows.html")
    walls = gallery.walls(view)
    style, colours, script = _source("page.css"), _colours(walls), _source("page.js")
    text = environment.get_template("page.html").render(
        alliance=view.alliance.settings.alliance, office=view.alliance.settings.office, demo=view.alliance.settings.signing.demo,
        persons=view.discretion.persons, latest=moment(view.facts.latest), mark=view.facts.mark, number=number, some=some,
        style=style, colours=colours, script=script, policy=_policy((style, colours), (script,)),
        **_overview(view), **_papers(view, rows), **_memoranda(view, rows), **_mailing(view, rows), **_faults(view, rows),
        **_gallery(walls, rows), meetings=meetings.meetings(view), bars=charts.by_topic(walls), signatures=charts.signatures(view),
    )
    return text.encode()


def _overview(view: View) -> Drawn:
    branches = way(view)
    return {"branches": branches, "pictures": (picture.wide(branches), picture.narrow(branches)), "tasks": agenda.agenda(view),
            "figures": _figures(view.alliance)}


def _papers(view: View, rows: Template) -> Drawn:
    found = papers.papers(view)
    drawn = rows.module.paper      # type: ignore[attr-defined]
    return {"papers": listing("papiere", found, drawn, lambda row: row.marks), "paper_counts": papers.counts(found),
            "paper_choices": papers.choices(found)}


def _memoranda(view: View, rows: Template) -> Drawn:
    found = memoranda.memoranda(view)
    drawn = rows.module.memorandum      # type: ignore[attr-defined]
    return {"memoranda": listing("memoranden", found, drawn, lambda row: row.marks, slice_=ROWS), "memorandum_counts": memoranda.counts(found),
            "memorandum_choices": memoranda.choices(found), "symbols": sorted({(row.symbol, row.steps, row.half, row.held) for row in found})}


def _mailing(view: View, rows: Template) -> Drawn:
    found = mailing.messages(view)
    drawn = rows.module.message      # type: ignore[attr-defined]
    return {"messages": listing("versand", found, drawn, lambda row: row.marks, slice_=ROWS), "message_counts": mailing.counts(found),
            "message_choices": mailing.choices(view, found), "stuck": sum(row.state in mailing.STUCK for row in found)}


def _faults(view: View, rows: Template) -> Drawn:
    drawn = rows.module.fault      # type: ignore[attr-defined]
    found = [(file, listing(f"befunde-{place}", file.faults, drawn, lambda row: row.marks, slice_=ROWS))
             for place, file in enumerate(faults.files(view))]
    return {"files": found, "fault_totals": faults.totals(view), "fault_choices": faults.choices(view)}


def _gallery(walls: list[gallery.Wall], rows: Template) -> Drawn:
    drawn = rows.module.card      # type: ignore[attr-defined]
    shown: list[tuple[gallery.Wall, Listing]] = [
        (wall, listing(f"galerie-{wall.number}", wall.cards, drawn, lambda row: row.marks, slice_=CARDS)) for wall in walls if wall.cards]
    return {"walls": shown, "wall_choices": gallery.choices(walls)}


def _figures(alliance: Alliance) -> list[tuple[int, str]]:
    facts = alliance.settings.alliance
    found = [
        (len(alliance.present(facts.first_meeting)), "Partner beim ersten Treffen"),
        (len(alliance.interested), "Interessens\u00adbekundungen"),
        (len(alliance.projects), "Projekte"),
        (len(alliance.local_projects), f"davon in {facts.city}"),
        (len(alliance.topics), "Topthemen"),
        (len(alliance.bodies), "Gremien"),
    ]
    return found if facts.first_meeting else found[1:]


def _source(name: str) -> Markup:
    """A source file as it goes into the page; ours, so that nothing in it is escaped."""
    return Markup(f"\n{(FOLDER / name).read_text('utf-8')}")


def _colours(walls: list[gallery.Wall]) -> Markup:
    """The topics' colours, as classes: the page's policy allows no style on an element. They were checked to be six digits."""
    return Markup("".join(f".t{wall.number}{{--topic:{wall.colour}}}" for wall in walls))


def _policy(styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    """What the browser may do with the page: show it, with these very styles and this script, and nothing else."""
    def sources(texts: tuple[str, ...]) -> str:
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)
    return f"default-src 'none'; style-src {sources(styles)}; script-src {sources(scripts)}; base-uri 'none'; form-action 'none'"
