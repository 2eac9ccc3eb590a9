"""The receivers of a rule's messages: the stack's alarm e-mail, if it has one, and the rule's webhook."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from . import messages, webhook
from .rules import Rule
from .webhook import Answer

EMAIL, WEBHOOK = "e-mail", "webhook"


class Channels:
    """Sends messages.

    Args:
        sns: client of SNS, which must not repeat a request.
        topic: the ARN of the alarms' topic; empty if the stack has no alarm e-mail.
        ssm: client of SSM.
    """

    def __init__(self, sns: Any, topic: str, ssm: Any) -> None:
        self._sns, self._topic, self._ssm = sns, topic, ssm

    def of(self, rule: Rule) -> list[str]:
        """The channels of a rule."""
        return [*([EMAIL] if self._topic else []), *([WEBHOOK] if rule.parameter else [])]

    def send(self, channel: str, rule: Rule, text: str) -> Answer:
        """Sends a message by one channel of a rule."""
        if channel == EMAIL:
            return self._publish(text)
        address = self._address(rule)
        if isinstance(address, Answer):
            return address
        return webhook.post(address, messages.payload(rule.host or "", text))

    def probe(self, rule: Rule) -> Answer:
        """Whether a rule's webhook can be reached."""
        address = self._address(rule)
        return address if isinstance(address, Answer) else webhook.probe(address)

    def _address(self, rule: Rule) -> str | Answer:
        try:
            answer = self._ssm.get_parameter(Name=rule.parameter, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        except (ClientError, BotoCoreError) as error:
            return Answer(False, f"the address cannot be read ({_code(error)})")

    def _publish(self, text: str) -> Answer:
        try:
            self._sns.publish(TopicArn=self._topic, Subject=messages.subject(text), Message=text)
        except ClientError as error:
            return Answer(False, f"SNS answers {_code(error)}")
        except BotoCoreError as error:
            return Answer(False, f"no answer of SNS ({_code(error)})", certain=False)
        return Answer(True, "published")


def _code(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
