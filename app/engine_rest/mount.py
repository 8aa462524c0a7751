"""Where Camunda's clients find its REST API in the service: the addresses, loaded when one is first asked."""

from functools import partial

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.datastructures import State
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, RedirectResponse

from app.core.lazily import Application, WhenAsked

# Camunda's own place, and the one that Camunda Modeler proposes.
PATHS = ("/engine-rest", "/rest")
ORIGINS = ("null", "file://")
COCKPIT = "/camunda/app/cockpit/"
# A link into the cockpit names what it means behind a #, which a browser keeps for itself, so it cannot be followed
# further than to the list of cases.
PAGES = "/berkas"


def add_engine_rest(service: FastAPI) -> None:
    """Serve Camunda's REST API, and where Camunda Modeler looks for its pages, beside the native one."""
    # An office without such clients does not pay its 4 MB in each worker.
    engine = WhenAsked(partial(_engine, service.state))
    for path in PATHS:
        service.mount(path, engine)
    places = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    places.include_router(_places)
    open_to_modeler(places)
    service.mount("/.well-known/camunda-automation-platform", places)
    service.include_router(_cockpit)


def open_to_modeler(app: FastAPI) -> None:
    """Let pages of these origins ask; Camunda Modeler is one that was opened from a file."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(ORIGINS),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["authorization", "content-type"],
    )


def _engine(state: State) -> Application:
    from app.engine_rest.app import engine_app

    return engine_app(state)


_places = APIRouter()
_cockpit = APIRouter(include_in_schema=False)


@_places.get("/webapps")
def show_webapps(request: Request) -> Response:
    """Tell Camunda Modeler where the pages are."""
    root = str(request.base_url.replace(path="/")).rstrip("/")
    return JSONResponse({"cockpitUrl": f"{root}{COCKPIT}"})


@_cockpit.get(COCKPIT + "{place:path}")
def redirect_cockpit(place: str) -> Response:
    """Lead a link into Camunda's cockpit to our own page of cases."""
    return RedirectResponse(PAGES)
