"""The interactive page of the API: what there is to call, and a way to try it; for everybody, signed in or not."""

from fastapi import APIRouter, Request, Response

from app.core.routes import API
from app.web.mount import DOCS
from app.web.page import show_either

router = APIRouter()


@router.get(DOCS)
def show_api(request: Request) -> Response:
    """Show the API."""
    return show_either(request, "api/page.html", description=f"{API}/openapi.json")
