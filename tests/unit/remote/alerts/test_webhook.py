"""What comes of a message to a webhook, by a real connection; nothing of it contains the address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nrti_cli.remote.alerts_function import messages
from nrti_cli.remote.alerts_function.channels import Channels
from nrti_cli.remote.alerts_function.webhook import Answer, post, probe
from tests.unit.remote.alerts.conftest import ClientOf, rule
from tests.unit.remote.alerts.receivers import SECRET, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_the_document_arrives_at_the_whole_address(receiver: Receiver) -> None:
    assert post(receiver.address, {"text": "hello"}) == Answer(True, "200 OK")
    assert receiver.got == [{"text": "hello"}]
    assert receiver.paths == [f"/services/{SECRET}?key={SECRET}"]


@pytest.mark.parametrize(
    ("status", "text"),
    [(302, "302 Found"), (404, "404 Not Found"), (503, "503 Service Unavailable"), (599, "599")],
)
def test_a_refusal_is_certain_and_no_redirection_is_followed(
    receiver: Receiver, status: int, text: str
) -> None:
    receiver.statuses = [status]

    assert post(receiver.address, {}) == Answer(False, text)
    assert len(receiver.got) == 1


def test_a_connection_that_breaks_after_the_request_leaves_it_open(receiver: Receiver) -> None:
    receiver.statuses = [0]

    answer = post(receiver.address, {})

    assert (answer.delivered, answer.certain) == (False, False)
    assert answer.text.startswith("no answer")


@pytest.mark.parametrize(
    "address",
    [
        f"http://127.0.0.1:9/{SECRET}",
        f"https://127.0.0.1:9/{SECRET}",
        f"https://no-such-host.invalid/{SECRET}",
        f"http://127.0.0.1:99999/{SECRET}",
    ],
)
def test_what_cannot_be_reached_was_certainly_not_delivered(address: str) -> None:
    for answer in (post(address, {}), probe(address)):
        assert (answer.delivered, answer.certain) == (False, True)
        assert answer.text.startswith("not reachable (")
        assert SECRET not in answer.text


def test_a_certificate_that_does_not_fit_is_refused(receiver: Receiver) -> None:
    answer = post(receiver.address.replace("http:", "https:"), {})

    assert answer.text.startswith("not reachable (")
    assert receiver.got == []


def test_a_probe_sends_nothing(receiver: Receiver) -> None:
    assert probe(receiver.address) == Answer(True, "reachable")
    assert receiver.got == []


def test_the_address_comes_from_the_secret(receiver: Receiver, client_of: ClientOf) -> None:
    ssm, stubber = client_of("ssm")
    mine = rule("silence", seconds=60.0, host="127.0.0.1", parameter="/nrti/nrti/alerts/silence-1")
    expected = {"Name": mine.parameter, "WithDecryption": True}
    stubber.add_response("get_parameter", {"Parameter": {"Value": receiver.address}}, expected)
    stubber.add_client_error("get_parameter", "ParameterNotFound", f"not {receiver.address}")
    channels = Channels(None, "", ssm)

    assert channels.of(mine) == ["webhook"]
    assert channels.send("webhook", mine, "hello").delivered
    assert receiver.got == [{"text": "hello"}]
    assert channels.send("webhook", mine, "hello") == Answer(
        False, "the address cannot be read (ParameterNotFound)"
    )


def test_an_e_mail_is_published_once(client_of: ClientOf) -> None:
    sns, stubber = client_of("sns")
    message = {"TopicArn": "arn:aws:sns:x", "Subject": "Alert: d?j? vu", "Message": "Alert: déjà vu\nmore"}
    stubber.add_response("publish", {"MessageId": "1"}, message)
    stubber.add_client_error("publish", "Throttled", "later")
    channels = Channels(sns, "arn:aws:sns:x", None)
    mine = rule("dead-letters")

    assert channels.of(mine) == ["e-mail"]
    assert channels.send("e-mail", mine, message["Message"]) == Answer(True, "published")
    assert channels.send("e-mail", mine, "x") == Answer(False, "SNS answers Throttled")


@pytest.mark.parametrize(
    "host", ["prod-01.westeurope.logic.azure.com", "x.api.powerplatform.com", "acme.webhook.office.com"]
)
def test_teams_gets_a_card(host: str) -> None:
    document = messages.payload(host, "Alert\nrobot-7")

    (attachment,) = document["attachments"]
    assert document["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["text"] for block in attachment["content"]["body"]] == ["Alert", "robot-7"]


def test_slack_and_others_get_a_text() -> None:
    assert messages.payload("hooks.slack.com", "Alert") == {"text": "Alert"}
    assert messages.payload("evil-logic.azure.com.example.org", "Alert") == {"text": "Alert"}
