"""A tree -> its canonical text, which reads back to the same tree."""

from __future__ import annotations

from datetime import date

from models.audience.nodes import (
    And,
    Audience,
    Condition,
    Everyone,
    Month,
    Node,
    Not,
    Operator,
    Or,
    Relative,
    Sample,
    Seen,
    Value,
)


def describe(audience: Audience) -> str:
    """Return the canonical text of an audience."""
    return describe_node(audience.node)


def describe_node(node: Node) -> str:
    """Return the canonical text of a tree; brackets only where they are needed."""
    match node:
        case Or(items=items):
            return " or ".join(describe_node(item) for item in items)
        case And(items=items):
            return " and ".join(_bracket(item, Or) for item in items)
        case Not(item=item):
            return f"not {_bracket(item, And, Or)}"
        case Everyone():
            return "everyone"
        case Seen(days=days):
            return f"seen({days}d)"
        case Sample(share=share, seed=seed):
            return f"sample({share // 100}.{share % 100:02d}%, {_quote(seed)})"
        case Condition():
            return _describe_test(node)


def _bracket(node: Node, *kinds: type[Node]) -> str:
    return f"({describe_node(node)})" if isinstance(node, kinds) else describe_node(node)


def _describe_test(test: Condition) -> str:
    values = [_describe_value(value) for value in test.values]
    match test.operator:
        case Operator.HAS:
            return f"has({test.field})"
        case Operator.IN | Operator.NOT_IN:
            return f"{test.field} {test.operator} ({', '.join(values)})"
        case Operator.BETWEEN:
            return f"{test.field} between {values[0]} and {values[1]}"
    return f"{test.field} {test.operator} {values[0]}"


def _describe_value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quote(value)
        case date():
            return _quote(value.isoformat())
        case Relative(days=days):
            return f"today{days:+d}d" if days else "today"
        case Month(number=number, is_relative=is_relative):
            return ("this_month", "next_month")[number] if is_relative else str(number)
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
