"""The service as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI

from app.audit.keys import trail_key_of
from app.bootstrap import LISTENERS, chores_of, depths_of, lag, office_clock
from app.core import health, http, logging, migrations, scrape
from app.core.build import version_of_alur
from app.core.clock import Clock, SystemClock
from app.core.database import Database
from app.core.draining import Draining
from app.core.http import App
from app.core.metrics import Depth
from app.core.proxies import Proxies
from app.core.request_log import RequestLog
from app.core.routes import API
from app.core.scrape import Depths
from app.core.secret import secret_of
from app.core.settings import Settings
from app.definitions.catalogue import Catalogue
from app.definitions.router import router as definitions_router
from app.deliveries.addresses import networks
from app.deliveries.router import router as webhooks_router
from app.demo.users import ensure_no_demo_users
from app.engine_rest.mount import add_engine_rest
from app.identity.attempts import Attempts
from app.identity.basic import BasicCredentials
from app.identity.directory import Directory
from app.identity.passwords import Passwords
from app.identity.people_router import router as people_router
from app.identity.router import router as identity_router
from app.identity.tokens import Tokens
from app.instances.polling import Unchanged
from app.instances.router import router as instances_router
from app.reports.following import router as events_router
from app.reports.router import router as reports_router
from app.tasks.commands import Desk
from app.tasks.router import router as tasks_router
from app.web.mount import add_pages

if TYPE_CHECKING:
    from app.identity.provider import Provider
    from app.web.annex import Annex


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    passwords: Passwords | None = None,
) -> FastAPI:
    """Put the service together; a test may bring its clock, its database and cheap passwords."""
    database = database or Database(settings.url, pool_size=settings.database_pool, listeners=LISTENERS)
    clock = office_clock(settings, database, clock or SystemClock())
    secret = secret_of(settings)
    directory, catalogue = Directory(database), Catalogue()
    trail_key, draining = trail_key_of(settings), Draining(settings.drain_seconds)
    chores = chores_of(settings, database, directory, catalogue, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if settings.chores:
            chores.start()
        with draining.on_signals():
            yield
        chores.stop()
        database.close()

    app = FastAPI(
        title="Alur",
        summary="The SOPs of an Indonesian government office, run.",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # Nobody collects FastAPI's own traces here, and each request would ask whether anybody does.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.parts = App(database, clock)
    app.state.directory = directory
    app.state.catalogue = catalogue
    app.state.desk = Desk(directory, catalogue)
    app.state.tokens = Tokens(secret, timedelta(minutes=settings.token_minutes))
    app.state.passwords = passwords or Passwords()
    app.state.attempts = Attempts(database, directory, secret)
    app.state.basic = BasicCredentials()
    app.state.real_clock = SystemClock()
    app.state.provider = _provider(settings)
    app.state.environment = settings.environment
    app.state.secret = secret
    app.state.trail_key = None if trail_key is None else trail_key.public
    app.state.session_minutes = settings.session_minutes
    app.state.webhook_allow = networks(settings.webhook_allow)
    app.state.sends_mail = settings.smtp_url is not None
    app.state.lag = partial(lag, chores=chores, clock=clock)
    app.add_middleware(Unchanged, service=app)
    app.state.draining = draining
    app.state.metrics_token = settings.metrics_token
    app.state.depths = Depths(database, partial(depths_of, chores=chores, clock=clock))
    app.state.build = Depth(
        "alur_build_info",
        "The version of Alur that serves, and the revision of its tables.",
        {(version_of_alur(), migrations.newest()): 1},
        ("version", "revision"),
    )
    http.install(app, RequestLog(as_json=settings.log_format == "json", level=settings.log_level), draining)
    app.add_middleware(Proxies, trusted=settings.trusted_proxies)
    # Routes are tried in order: the busiest come first.
    for router in (
        tasks_router,
        instances_router,
        definitions_router,
        reports_router,
        events_router,
        identity_router,
        people_router,
        webhooks_router,
        health.router,
        scrape.router,
    ):
        app.router.routes.extend(router.routes)
    add_engine_rest(app)
    add_pages(app, _demonstration if settings.environment == "demo" else None)
    return app


def _provider(settings: Settings) -> "Provider | None":
    """Load what speaks with a provider of identities where one is set; an office without one does not pay for it."""
    if settings.oidc_issuer is None:
        return None
    from app.identity.provider import provider_of

    return provider_of(settings)


def _demonstration() -> "Annex":
    """Load what a demonstration adds to the pages; in production nobody does."""
    from app.demo.pages import annex

    return annex()


def from_environment() -> FastAPI:
    """Make the application that the environment describes; what a server process calls.

    Raises:
        Conflict: it is production, and somebody has the password of the demonstration.
    """
    settings = Settings()
    logging.configure(settings)
    database = Database(settings.url, pool_size=settings.database_pool, listeners=LISTENERS)
    try:
        if settings.environment == "production":
            ensure_no_demo_users(database, Passwords())
    except BaseException:
        database.close()
        raise
    return create_app(settings, database=database)
