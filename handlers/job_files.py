"""The files of a job: what was brought, what was found in it, what came out. One folder each, gone when the job is over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, BinaryIO

from handlers.errors import InvalidInputError
from handlers.import_words import Said
from handlers.runtime import Runtime
from models.jobs import Job, JobState

FOLDER = "jobs"
UPLOAD, RESULT, BAD, PREVIEW = "upload.csv", "result.csv", "bad.json", "preview.json"
MOST_BYTES = 32 * 1024 * 1024
CHUNK = 1 << 20
LONGEST_LINE = 64 * 1024
TOO_LARGE, NO_REGISTER = "too_large", "no_register"


def find_folder(runtime: Runtime, token: str) -> Path:
    """Return where a job's files lie."""
    return runtime.options.data_dir / FOLDER / token


def keep_upload(runtime: Runtime, token: str, source: BinaryIO) -> int:
    """Copy what somebody brings and return its rows, roughly.

    Raises InvalidInputError for more than MOST_BYTES, and for a line that no register has: reading it would fill the memory.
    """
    folder = find_folder(runtime, token)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / UPLOAD
    path.touch(mode=0o600)
    size = rows = begun = 0
    with path.open("wb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            lines = chunk.replace(b"\r", b"\n").split(b"\n")
            longest = max(begun + len(lines[0]), *(len(line) for line in lines))
            begun = len(lines[-1]) if len(lines) > 1 else begun + len(chunk)
            rows += chunk.count(b"\n")
            if size > MOST_BYTES or longest > LONGEST_LINE:
                remove_folder(runtime, token)
                raise InvalidInputError(TOO_LARGE if size > MOST_BYTES else NO_REGISTER)
            file.write(chunk)
    return max(rows - 1, 1)


def open_result(folder: Path, size: int) -> Path:
    """Return the file of a result with no more than its first `size` bytes: what a dead worker wrote behind them is gone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / RESULT
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(size)
    return path


def write_json(path: Path, value: Any) -> None:
    """Write a file that is there whole or not at all."""
    half = path.with_suffix(".half")
    half.touch(mode=0o600)
    half.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    half.replace(path)


def read_json(path: Path) -> Any:
    """Return what was written, None when it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write_bad(folder: Path, bad: dict[int, list[str]]) -> None:
    """Keep every bad row's problems with their parts."""
    write_json(folder / BAD, {str(line): dump_problems(problems) for line, problems in bad.items()})


def read_bad(folder: Path) -> dict[int, list[str]]:
    """Return the bad rows as they were found."""
    return {int(line): load_problems(problems) for line, problems in (read_json(folder / BAD) or {}).items()}


def dump_problems(problems: list[str]) -> list[Any]:
    """Return problems as JSON keeps them."""
    return [[str(each), each.code, dict(each.given)] if isinstance(each, Said) else [each, "", {}] for each in problems]


def load_problems(dumped: list[Any]) -> list[str]:
    """Return problems as they were."""
    return [Said(text, code, **given) if code else text for text, code, given in dumped]


def remove_input(runtime: Runtime, job: Job) -> None:
    """Take away what was brought; what was found in it stays for a day where nothing came of it, to be read."""
    for name in (UPLOAD, BAD) if job.state == JobState.REFUSED.value else (UPLOAD, BAD, PREVIEW):
        (find_folder(runtime, job.token) / name).unlink(missing_ok=True)


def remove_folder(runtime: Runtime, token: str) -> None:
    """Take all files of a job away."""
    shutil.rmtree(find_folder(runtime, token), ignore_errors=True)
