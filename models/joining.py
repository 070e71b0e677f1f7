"""Texts of several rows as one text, on both databases. SQLAlchemy's own is filled in too late for a hot statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class JoinTexts(FunctionElement[str]):
    """`JoinTexts(text, literal(between))`: joins the rows of a group, in any order; null without rows."""

    type = String()
    inherit_cache = True


@compiles(JoinTexts)
def _render(element: JoinTexts, compiler: SQLCompiler, **given: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **given)})"


@compiles(JoinTexts, "sqlite")
def _render_on_sqlite(element: JoinTexts, compiler: SQLCompiler, **given: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **given)})"
