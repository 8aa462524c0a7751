"""The page that Prometheus reads: what was counted, and what waits in the database."""

import hmac
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import sqlalchemy as sa
from fastapi import Request, Response
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from pydantic import SecretStr
from sqlalchemy.engine import Connection

from app.core import metrics
from app.core.database import Database
from app.core.http import app_of
from app.core.metrics import Depth
from app.core.problems import NotFound, Problem
from app.core.proxies import is_loopback
from app.core.routes import strict_router

router = strict_router("health", "")

KEPT_FOR = 10.0
"""Seconds that the figures of the database are kept, so that nobody makes work by asking often."""

# What a proxy adds to a request that it passes on; whoever asks on this very machine sends none of it.
_PASSED_ON = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


class MetricsRefused(Problem):
    """The metrics are for whoever has their token."""

    status = HTTPStatus.UNAUTHORIZED
    code = "metrics-refused"
    title = "The metrics need their token"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Depths:
    """What waits in the database, counted when somebody asks and then kept for a while."""

    def __init__(self, database: Database, count: Callable[[Connection], Iterable[Depth]]) -> None:
        self._database = database
        self._count = count
        self._lock = threading.Lock()
        self._kept: tuple[Depth, ...] = ()
        self._until = 0.0

    def now(self) -> tuple[Depth, ...]:
        """Return what waits, at most `KEPT_FOR` old; only that the database does not answer, if it does not."""
        with self._lock:
            if time.monotonic() >= self._until:
                try:
                    with self._database.read() as connection:
                        self._kept = (_up(True), *self._count(connection))
                except sa.exc.SQLAlchemyError:
                    self._kept = (_up(False),)
                self._until = time.monotonic() + KEPT_FOR
            return self._kept


def _up(is_up: bool) -> Depth:
    return Depth.of_one("alur_database_up", "Whether the database answers.", float(is_up))


class _Told(Collector):
    def __init__(self, depths: Iterable[Depth]) -> None:
        self._depths = tuple(depths)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for depth in self._depths:
            family = GaugeMetricFamily(depth.name, depth.help, labels=depth.labels)
            for values, number in depth.numbers.items():
                family.add_metric(values, number)
            yield family


@router.get("/metrics", include_in_schema=False)
def show_metrics(request: Request) -> Response:
    """Tell the metrics in the text form of Prometheus.

    They are for whoever brings `ALUR_METRICS_TOKEN`; where none is set, for this very machine, past no proxy.
    """
    state = request.app.state
    _ensure_may_read(request, state.metrics_token)
    app_of(request).database.sample()
    depths: Depths = state.depths
    told = CollectorRegistry()
    told.register(_Told((*depths.now(), state.build)))
    content = generate_latest(metrics.collected()) + generate_latest(told)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _ensure_may_read(request: Request, token: SecretStr | None) -> None:
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        wanted = token.get_secret_value().encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted):
            raise MetricsRefused("Send the token of ALUR_METRICS_TOKEN: Authorization: Bearer …")
    elif (
        request.client is None
        or not is_loopback(request.client.host)
        or any(name in request.headers for name in _PASSED_ON)
    ):
        raise NotFound(f"There is nothing at {request.url.path}.")
