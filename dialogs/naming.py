"""How the names of a block of steps are called once it is written out into its script. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.tree import Literal, Name, Node, Rename

ITEM = "item"  # inside a repeat: item.number; inside options_from: the item of the list


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one list of steps: its `own` get the prefix, all others mean what they mean to `outer`.

    `blocks` tells where the calls and repeats among its steps begin, `number` which round of a repeat this is.
    """

    prefix: str = ""
    own: frozenset[str] = frozenset()
    blocks: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None
    rounds: str = ""  # the numbers of all repeats around, as a review shows them
    outer: Naming | None = None

    def for_parser(self) -> Rename | None:
        """Return the renaming for expressions; None where nothing is renamed."""
        return self.rename if self.prefix or self.outer is not None else None

    def define(self, name: str) -> str:
        """Return how a name that is set here is called in the whole script."""
        return self.prefix + name

    def rename(self, node: Name) -> Node:
        """Return what a name in an expression means in the whole script."""
        if self._is_own(node.path[0]):
            return Name((self.prefix + node.path[0], *node.path[1:]), node.column)
        if self.number is not None and node.path == (ITEM, "number"):
            return Literal(self.number, node.column)
        return node if self.outer is None else self.outer.rename(node)

    def target(self, step_id: str) -> str:
        """Return the step that a way leads to; a block is entered where it begins."""
        if step_id in self.blocks:
            return self.blocks[step_id]
        if self._is_own(step_id):
            return self.prefix + step_id
        return step_id if self.outer is None else self.outer.target(step_id)

    def count(self, name: str) -> str:
        """Return the name a review shows, with its round inside a repeat: 姓名 of the second one is 姓名2."""
        return name + self.rounds if name else ""

    def shade(self, name: str) -> Naming:
        """Return a naming in which one more name stands for itself."""
        return Naming(own=frozenset({name}), rounds=self.rounds, outer=self)

    def _is_own(self, name: str) -> bool:
        return name in self.own or any(name.startswith(f"{block}_") for block in self.blocks)


TOP = Naming()
