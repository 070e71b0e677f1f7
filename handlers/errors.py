"""Errors that use cases raise and the doors (webhook, console, command line, worker, tick) turn into words.

Expected outcomes are values, not exceptions: what stands here is what a caller did wrong or what the outside refused.
"""


class AppError(Exception):
    """A caller's fault or an outside refusal; its text is one clear line that says what to do next."""


class NotFoundError(AppError):
    """What was named does not exist, or lies outside the caller's scope."""


class ConflictError(AppError):
    """The thing exists but its state does not allow the step (another person was first)."""


class ForbiddenError(AppError):
    """The caller may not do this."""


class InvalidInputError(AppError):
    """The input is malformed; `problems` lists every fault with its place."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class GatewayError(AppError):
    """The platform did not take a call. `code` is its errcode, or None when it gave none."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(f"{reason} (errcode {code})" if code is not None else reason)
        self.reason = reason
        self.code = code


class TemporaryFailureError(GatewayError):
    """Try again after `retry_after_seconds`: busy, quota of the minute, network, 5xx. The call had no effect."""

    def __init__(self, reason: str, code: int | None = None, retry_after_seconds: float = 5.0) -> None:
        super().__init__(reason, code)
        self.retry_after_seconds = retry_after_seconds


class UnknownOutcomeError(GatewayError):
    """The connection broke after the request left: the platform may or may not have acted."""


class PermanentFailureError(GatewayError):
    """Trying again cannot help. `reason` is a stable word: window_closed, quota_used, not_following, ..."""
