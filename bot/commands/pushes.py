"""Commands about audiences, pushes and the clock."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, parse_at, print_json, who


@click.command()
@click.argument("expression", metavar="EXPR")
@click.option("--ids", "is_list", is_flag=True, help="Also give the owner ids.")
def audience(expression: str, *, is_list: bool) -> None:
    """Count the owners that EXPR selects, as JSON."""
    from handlers import pushes

    with open_runtime() as runtime:
        if is_list:
            ids = list(pushes.list_ids(runtime, expression))
            print_json({"count": len(ids), "ids": ids})
        else:
            print_json({"count": pushes.count(runtime, expression)})


@click.command()
@click.option("--audience", "expression", required=True, help="Who gets it; see the command `audience`.")
@click.option("--text", required=True, help="What they read.")
@click.option("--name", default="", help="Name of the campaign.")
@click.option("--at", "at", help="When, as ISO time; without an offset the estate's. Now without it.")
@click.option(
    "--topic", default="", help="What it is about (content/topics.yaml): tells who must have agreed. A notice without it."
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Count and plan, write nothing.")
def push(expression: str, text: str, name: str, at: str | None, topic: str, *, is_dry: bool) -> None:
    """Plan a push and print campaign, matched, planned and skipped as JSON."""
    from handlers import pushes

    with open_runtime() as runtime:
        due_at = parse_at(at, runtime.options.zone) if at else None
        if topic and topic not in runtime.content.topics.by_name:
            click.echo(f"the topic {topic} is not in content/topics.yaml: it goes out as a notice", err=True)
        print_json(
            pushes.create(
                runtime,
                audience=expression,
                text=text,
                name=name,
                at=due_at,
                dry_run=is_dry,
                topic=topic,
                by=who(),
            )
        )


@click.command()
@click.option("--at", "at", required=True, help="The instant, as ISO time; without an offset the estate's.")
def tick(at: str) -> None:
    """Run everything due at that instant as if it were now; prints counts per kind as JSON."""
    from bot.rules import next_time
    from handlers import schedules, ticks

    with open_runtime() as runtime:
        due_at = parse_at(at, runtime.options.zone)
        schedules.store_rules(runtime)
        print_json(ticks.tick(runtime, due_at, next_time))
