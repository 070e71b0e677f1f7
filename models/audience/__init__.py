"""Who a push is for: one small language, read here, asked of the database and of one person alike.

parse.py reads a text, sql.py turns it into a query, evaluate.py answers for one person, describe.py writes it back.
Nothing here writes to the database, and no text of a user reaches SQL other than as a bound parameter.

Semantics, the same in SQL and in Python:

- A condition is true or false, never unknown. On a missing value every comparison is false, `!=` and `not in` too.
- A tag field has any number of values: `pet.kind = '犬'` wants one that is equal; `pet.kind != '犬'` wants some value and
  none that is equal; `not pet.kind = '犬'` is also true of a person without any. Expired tags are not there.
- `empty(x)` is `not has(x)`. `!=` on a place asks for a home that is another one; `not building = '1栋'` for no such home.
- Homes: ended residences are not there. Conditions on homes (community, building, unit, room, relation, stage, moved_in)
  that one `and` joins hold for one and the same home, and so do brackets with `or` among them that hold nothing else.
  `not` ends such a group: what it negates is asked on its own.
- A place is asked for by its plain name (models/places.py): `building = 1` finds `1栋`, `1号楼` and `一栋` too, `room = 101`
  finds `0101`. `room` is the number (301) or the whole room (1栋-2单元-301). Contains and starts with ask what is written.
- Text is compared exactly, capitals included. A month in `seen(6m)` is thirty days; days of `joined` are those of China.
"""
