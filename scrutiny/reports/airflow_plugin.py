"""The *Reports* entry of Airflow's menu: what officers read, behind Airflow's own login.

It shows the monthly boards and every draft and version of the quarterly snapshots, both editions. The public
edition of what is published is a static site of its own and needs no login.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from scrutiny.reports.page import page_style, templates_of_pages
from scrutiny.settings import settings

MENU = "/reports"


def reports_app() -> FastAPI:
    """The pages as an application: a catalogue, the boards and the snapshots. Every page wants a login."""
    app = FastAPI(title="Scrutiny reports", dependencies=[Depends(get_user)], openapi_url=None)

    @app.exception_handler(HTTPException)
    async def to_the_login(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401:
            return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), 303)
        return HTMLResponse(f"<p>{error.detail}</p>", error.status_code)

    @app.get("/")
    async def catalogue() -> HTMLResponse:
        return HTMLResponse(render_catalogue())

    @app.get("/boards/{path:path}")
    async def board(path: str, request: Request) -> Response:
        return await _file(settings().boards, path, request)

    @app.get("/snapshots/{path:path}")
    async def snapshot(path: str, request: Request) -> Response:
        return await _file(settings().snapshots, path, request)

    return app


def render_catalogue() -> str:
    """The HTML of the first page: each quarter's drafts and versions, and each month's pages."""
    from scrutiny.snapshots import list_snapshots

    boards = settings().boards
    months = {folder.name: _pages_of(folder) for folder in sorted(boards.glob("20*"), reverse=True)}
    snapshots = [
        (snapshot, snapshot.path.relative_to(settings().snapshots).as_posix())
        for snapshot in reversed(list_snapshots())
    ]
    return (
        templates_of_pages()
        .get_template("catalogue.html.jinja")
        .render(months=months, snapshots=snapshots, style=page_style())
    )


def _pages_of(month: Path) -> list[str]:
    """The pages of a load month, the board first; its pages of families are reached from there."""
    from scrutiny.reports.board import NAME

    found = [page.relative_to(month) for page in month.rglob("*.html") if page.parent.name != NAME]
    found.sort(key=lambda page: (page.stem != NAME, len(page.parts), page))
    return [page.as_posix() for page in found]


async def _file(folder: Path, path: str, request: Request) -> Response:
    """A file below a folder; what is hidden, elsewhere or not there is not found."""
    if any(part.startswith(".") for part in Path(path).parts):
        raise HTTPException(404, "There is no such page.")
    try:
        return await StaticFiles(directory=folder, check_dir=False).get_response(path, request.scope)
    except HTTPException as error:
        raise HTTPException(404, "There is no such page.") from error


class ReportsPlugin(AirflowPlugin):
    """Registered as an entry point, so that Airflow finds it wherever the package is installed."""

    name = "scrutiny_reports"
    fastapi_apps: list[Mapping[str, Any]] = [  # noqa: RUF012 - Airflow reads the class
        {"app": reports_app(), "url_prefix": MENU, "name": "Scrutiny reports"}
    ]
    external_views: list[Mapping[str, Any]] = [  # noqa: RUF012
        {"name": "Reports", "href": f"{MENU}/", "url_route": "scrutiny-reports", "destination": "nav"}
    ]
