"""HTTP for those who administer units: webhooks, their secrets and their deliveries."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response

from app.core import paging
from app.core.http import Answer, Cursor, Limit, app_of, json_response, page_response, parse_id, perform, sorted_by
from app.core.openapi import problems
from app.core.routes import strict_router
from app.core.unit_of_work import UnitOfWork
from app.deliveries import commands, queries
from app.deliveries.addresses import Network
from app.deliveries.schemas import (
    DeliveryOut,
    DeliveryPage,
    DeliveryState,
    WebhookList,
    WebhookOut,
    WebhookToAdd,
    WebhookWithSecret,
)
from app.identity.http import SignedIn, directory_of, read_as
from app.identity.office import Actor

router = strict_router("webhooks")


def _act(request: Request, actor: Actor, command: Callable[[UnitOfWork, Actor], Any]) -> Response:
    directory = directory_of(request)
    return perform(request, actor.username, lambda uow: command(uow, directory.fresh(uow.reader, actor)))


@router.get("/webhooks", response_model=WebhookList, responses=problems(403))
def list_webhooks(request: Request, actor: SignedIn) -> Response:
    """List the webhooks of the units that the caller administers."""
    now = app_of(request).clock.now()
    return json_response(
        read_as(request, actor, lambda connection, fresh: queries.list_webhooks(connection, fresh, now))
    )


@router.post("/webhooks", status_code=201, response_model=WebhookWithSecret, responses=problems(403))
def create_webhook(request: Request, actor: SignedIn, body: WebhookToAdd) -> Response:
    """Tell an address of what happens in a unit and below it, in the form of Standard Webhooks, at least once each.

    The answer holds the secret that messages are signed with; it is not shown again.
    """
    now, allowed = app_of(request).clock.now(), _allowed(request)

    def command(uow: UnitOfWork, fresh: Actor) -> Any:
        found = commands.add(
            uow, actor=fresh, url=body.url, unit_key=body.unit, types=body.types, allowed=allowed, now=now
        )
        content = queries.show_webhook(uow.connection, fresh, found, now, secret=True)
        return Answer(content, HTTPStatus.CREATED)

    return _act(request, actor, command)


def _allowed(request: Request) -> Sequence[Network]:
    allowed: Sequence[Network] = request.app.state.webhook_allow
    return allowed


@router.get("/webhooks/{webhook_id}", response_model=WebhookOut, responses=problems(403, 404))
def show_webhook(request: Request, actor: SignedIn, webhook_id: str) -> Response:
    """Show a webhook."""
    found, now = parse_id(webhook_id, "webhook"), app_of(request).clock.now()
    return json_response(
        read_as(request, actor, lambda connection, fresh: queries.show_webhook(connection, fresh, found, now))
    )


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=problems(403, 404))
def delete_webhook(request: Request, actor: SignedIn, webhook_id: str) -> Response:
    """Tell an address nothing more, and forget its deliveries."""
    found, parts = parse_id(webhook_id, "webhook"), app_of(request)
    directory, now = directory_of(request), parts.clock.now()
    parts.database.write(
        lambda uow: commands.remove(uow, actor=directory.fresh(uow.reader, actor), webhook_id=found, now=now)
    )
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/rotate", response_model=WebhookWithSecret, responses=problems(403, 404))
def rotate_webhook_secret(request: Request, actor: SignedIn, webhook_id: str) -> Response:
    """Sign with a new secret; for a day, messages are signed with the old one too."""
    found, (now, at) = parse_id(webhook_id, "webhook"), _times(request)

    def command(uow: UnitOfWork, fresh: Actor) -> Any:
        commands.rotate(uow, actor=fresh, webhook_id=found, now=now, at=at)
        return queries.show_webhook(uow.connection, fresh, found, now, secret=True)

    return _act(request, actor, command)


@router.post("/webhooks/{webhook_id}/enable", response_model=WebhookOut, responses=problems(403, 404, 409))
def enable_webhook(request: Request, actor: SignedIn, webhook_id: str) -> Response:
    """Tell an address again that was disabled, from the act on at which it was left."""
    found, now = parse_id(webhook_id, "webhook"), app_of(request).clock.now()

    def command(uow: UnitOfWork, fresh: Actor) -> Any:
        commands.enable(uow, actor=fresh, webhook_id=found, now=now)
        return queries.show_webhook(uow.connection, fresh, found, now)

    return _act(request, actor, command)


@router.post("/webhooks/{webhook_id}/test", response_model=DeliveryOut, responses=problems(403, 404, 409))
def test_webhook(request: Request, actor: SignedIn, webhook_id: str) -> Response:
    """Send a message of type `webhook.test` by the way of all others; its tries are among the deliveries."""
    found, (now, at) = parse_id(webhook_id, "webhook"), _times(request)

    def command(uow: UnitOfWork, fresh: Actor) -> Any:
        delivery_id = commands.test(uow, actor=fresh, webhook_id=found, now=now, at=at)
        uow.flush()
        return queries.show_delivery(uow.connection, delivery_id)

    return _act(request, actor, command)


@router.get("/webhooks/{webhook_id}/deliveries", response_model=DeliveryPage, responses=problems(403, 404))
def list_webhook_deliveries(
    request: Request,
    actor: SignedIn,
    webhook_id: str,
    state: DeliveryState | None = None,
    sort: Annotated[str | None, sorted_by(queries.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the deliveries of a webhook with their tries, the newest first; `dead` ones were given up."""
    found, now = parse_id(webhook_id, "webhook"), app_of(request).clock.now()
    page = read_as(
        request,
        actor,
        lambda connection, fresh: queries.list_deliveries(
            connection, fresh, found, now, state=state, sort=sort, limit=limit, cursor=cursor
        ),
    )
    return page_response(request, page)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    response_model=DeliveryOut,
    responses=problems(403, 404, 409),
)
def replay_webhook_delivery(request: Request, actor: SignedIn, webhook_id: str, delivery_id: str) -> Response:
    """Make a delivery once more that was made or given up, with the same id and text."""
    found: UUID = parse_id(webhook_id, "webhook")
    wanted, (now, at) = parse_id(delivery_id, "delivery"), _times(request)

    def command(uow: UnitOfWork, fresh: Actor) -> Any:
        commands.replay(uow, actor=fresh, webhook_id=found, delivery_id=wanted, now=now, at=at)
        return queries.show_delivery(uow.connection, wanted)

    return _act(request, actor, command)


def _times(request: Request) -> tuple[Any, Any]:
    """Return the moment of the office and the real one: what goes out goes out in real time."""
    return app_of(request).clock.now(), request.app.state.real_clock.now()
