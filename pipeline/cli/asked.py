"""What the Tab key offers for a command: kinds and keys of papers, told by what the parameter is called on the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

# As in papers.kinds, whose import would keep whoever presses Tab waiting; a test holds them together.
KIND_NAMES = ("memorandum", "briefing", "annex-pilots", "annex-projects", "annex-partners", "annex-bodies", "invitation", "excerpt", "roster",
              "badges", "talks", "handout", "poster")
OFFERED = 200        # completions; nobody reads more


def completing(command: click.Command) -> click.Command:
    """The command, its kinds and keys completed; those are the parameters shown as ART and SCHLÜSSEL."""
    for parameter in command.params:
        offered = next((offer for name, offer in OFFERS.items() if name in (parameter.metavar or "")), None)
        if offered:
            parameter.shell_complete = offered      # type: ignore[method-assign,assignment]  # click takes it at the decorator alone
    if isinstance(command, click.Group):
        for each in command.commands.values():
            completing(each)
    return command


def kinds(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """The kinds that begin so."""
    return [CompletionItem(name) for name in KIND_NAMES if name.startswith(incomplete)]


def keys(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """The keys of built papers that begin so."""
    try:
        found = sorted(key for key in _built(ctx) if key.startswith(incomplete))
    except Exception:   # whoever presses Tab gets no completion, never an error in the middle of the line
        return []
    return [CompletionItem(key) for key in found[:OFFERED]]


def _built(ctx: click.Context) -> Iterator[str]:
    from pipeline.ledger import Ledger
    path = Path(ctx.find_root().params.get("folder") or Path()) / "outputs" / "ledger.sqlite"
    if path.is_file():
        with Ledger(path, read_only=True) as ledger:
            yield from ledger.documents()


OFFERS: Mapping[str, Callable[[click.Context, str], list[CompletionItem]]] = {"ART": kinds, "SCHLÜSSEL": keys}
