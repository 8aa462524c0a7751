"""Where webhooks may lead: the public internet, and what the operator allows; looked at where they connect."""

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from app.deliveries import sending
from app.deliveries.addresses import AddressRefused, checked_url, is_public, networks, resolve
from tests.deliveries.receiver import Receiver
from tests.deliveries.sending import add, deliveries, send
from tests.office import Office, problem

INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001:0:53aa:64c:0:fbff:80ff:fffe",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "103.28.12.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


class TestAnAddress:
    @pytest.mark.parametrize("address", INSIDE)
    def test_inside_is_not_public(self, address: str) -> None:
        assert not is_public(ip_address(address))

    @pytest.mark.parametrize("address", OUTSIDE)
    def test_of_the_internet_is_public(self, address: str) -> None:
        assert is_public(ip_address(address))

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "alur",
            "ftp://example.org/",
            "file:///etc/passwd",
            "http://example.org/",
            "https:///path",
            "https://user@example.org/",
            "https://user:pass@example.org/",
            "https://example.org/#part",
            "https://example.org:0/",
            "https://example.org:99999/",
            "https://exa mple.org/",
            "https://example.org/\r\nX: y",
            "https://contoh.example/\u00e9",
            "https://" + "a" * 2000,
            *(f"https://{f'[{one}]' if ':' in one else one}/" for one in INSIDE),
        ],
    )
    def test_that_no_webhook_may_have_is_refused_when_it_is_added(self, url: str) -> None:
        with pytest.raises(AddressRefused):
            checked_url(url, ())

    def test_inside_is_reached_where_the_operator_allows_its_network(self) -> None:
        allowed = networks("10.20.0.0/16, 127.0.0.1")

        assert resolve(checked_url("http://127.0.0.1:9/", allowed), allowed) == ("127.0.0.1", 9)
        assert resolve(checked_url("http://[::ffff:10.20.1.1]/", allowed), allowed)[1] == 80
        for url in ("https://10.21.0.1/", "http://8.8.8.8/", "http://127.0.0.2/"):
            with pytest.raises(AddressRefused):
                checked_url(url, allowed)

    @pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001"])
    def test_is_looked_at_as_what_its_name_leads_to(self, name: str) -> None:
        with pytest.raises(AddressRefused, match="no public address"):
            resolve(checked_url(f"https://{name}/", ()), ())

    def test_is_refused_if_only_one_of_several_is_inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _answers(monkeypatch, ["8.8.8.8", "10.0.0.1"])

        with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
            resolve(checked_url("https://example.org/", ()), ())


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names lead to these addresses, one list after the other; returns the names that were asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


class TestAConnection:
    def test_goes_to_the_address_that_was_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = _answers(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
        reached: list[Any] = []

        def connect(place: tuple[str, int], *_: Any) -> None:
            reached.append(place)
            raise OSError("far away")

        monkeypatch.setattr(socket, "create_connection", connect)
        outcome = sending.post("https://rebind.example/", b"{}", {}, allowed=())

        assert (asked, reached) == (["rebind.example"], [("8.8.8.8", 443)])
        assert outcome == ("again", "far away")

    def test_is_looked_at_again_at_every_try(self, office: Office, receiver: Receiver) -> None:
        webhook = add(office, receiver.url(), "process_instance.")
        office.start()
        send(office, webhook_allow="")

        assert receiver.received == []
        (delivery,) = deliveries(office, webhook)
        assert delivery["tries"][0]["succeeded"] is False

    @pytest.fixture
    def slow(self) -> Iterator[int]:
        """The port of a server that sends its answer letter by letter, for as long as anybody listens."""
        listener = socket.create_server(("127.0.0.1", 0))
        stop = threading.Event()

        def serve() -> None:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                    while not stop.wait(0.05):
                        connection.sendall(b"x")
            except OSError:
                stop.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        listener.close()
        thread.join()

    def test_ends_after_a_time_however_slowly_it_is_answered(self, slow: int) -> None:
        outcome = sending.post(f"http://127.0.0.1:{slow}/", b"{}", {}, allowed=networks("127.0.0.0/8"), timeout=0.5)

        assert outcome == ("again", "It did not answer in time.")

    def test_that_nobody_takes_is_tried_again(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

        outcome = sending.post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=networks("127.0.0.1"))

        assert outcome.result == "again"
        assert "refused" in outcome.told


class TestAWebhookInside:
    def test_is_refused_with_its_place(self, office: Office) -> None:
        body = {"url": "https://169.254.169.254/latest/meta-data", "unit": "disnaker"}

        (error,) = problem(office.post("webhooks", "admin", body), 422)["errors"]

        assert error["pointer"] == "/url"
        assert "ALUR_WEBHOOK_ALLOW" in error["message"]
