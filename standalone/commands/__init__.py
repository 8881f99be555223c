"""`fleet`: one command line for everything. Each subcommand is a module here, imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from standalone.command_line import run_command

COMMANDS = {
    "alerts": "what is wrong, who was told; acknowledge, silence, send a test",
    "bookmakers": "the registry of bookmakers",
    "catalogue": "teams, leagues, aliases and logos, corrected by hand",
    "coverage": "which bookmakers miss which match",
    "db": "connection string and migrations of the database",
    "dead": "jobs that failed for good, by cause; requeue or discard them",
    "doctor": "what is wrong with this installation, and how to mend it",
    "duplo-green": "early payouts on both sides and the best draw",
    "history": "what the prices of a match did",
    "jobs": "what waits, runs and ended in the queue; start a job, stop one",
    "link": "two lists of events to the pairs that are one match",
    "new-bookmaker": "declare a bookmaker on a known platform",
    "parse": "parse saved responses offline",
    "probe": "ask a bookmaker once and explain what comes",
    "record": "keep a bookmaker's answers as a recording",
    "proxies": "the ways out: which work, which rest, who takes which",
    "report": "closing prices and results: margins, closing-line value, what bets paid",
    "resolve": "printed names to the teams of a catalogue",
    "review": "what waits for a person: aliases and events, with verdicts that can be undone",
    "scrape": "one cycle of one bookmaker",
    "status": "is each scraper really producing data?",
    "storage": "how much room the database takes, and will take",
    "surebets": "bets in a table of prices that together profit whatever happens",
    "unmatched": "events whose match could not be decided, with candidates",
    "value": "prices above what the other bookmakers make of them",
}
"""Subcommand -> one line. `fleet NAME` is `command` in `standalone/commands/NAME.py`, `-` as `_`."""


class LazyGroup(click.Group):
    """Imports a subcommand only when it is called: `fleet parse` needs no database driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand's module, imported now; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"standalone.commands.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of subcommands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """The odds fleet's command line."""


def main() -> None:
    """Run the command line."""
    run_command(group, "fleet")
