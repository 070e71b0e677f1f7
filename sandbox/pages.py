"""The two pages: the phone and the view of the wire. They carry no data; static scripts fetch it from /api."""

from flask import Blueprint, Response, current_app, render_template

blueprint = Blueprint("pages", __name__)

POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@blueprint.get("/")
def phone() -> str:
    """Show the phone."""
    return render_template("phone.html", account=current_app.extensions["world"].config.account_name)


@blueprint.get("/calls")
def calls() -> str:
    """Show everything that crossed the wire."""
    return render_template("calls.html", config=current_app.extensions["world"].config)


def protect(response: Response) -> Response:
    """Let pages load nothing from elsewhere and run nothing inline."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
