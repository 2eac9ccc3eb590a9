"""DynamoDB Streams: the changes of a table, in order for each item, for 24 hours.

A stream is a forest of shards. A full or split shard is closed and has children. A parent is read to its end
before its children; otherwise the changes of an item would come out of order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from nrti_cli.aws.clock import Clock
from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.client import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import DescribeStreamInputTypeDef, RecordTypeDef, ShardTypeDef

Start = Literal["TRIM_HORIZON", "LATEST"]

_BUSY = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
}
#: The end of a shard leads to its children at once; this is for a first shard that appears late.
_ROUNDS_TO_DISCOVERY = 40


@dataclass(frozen=True)
class Polling:
    """Poll intervals in seconds.

    Attributes:
        behind: after a full page, when more records are waiting.
        active: after a page with records, and after the first empty one.
        idle: the maximum after empty pages.
        longest: the maximum while the service throttles.
        proof: consecutive empty polls that show that nothing is left.
        page: the most records of a poll; DynamoDB allows 1,000.
    """

    behind: float
    active: float
    idle: float
    longest: float = 5.0
    proof: int = 1
    page: int = 1000


#: A poll costs the emulator 0.25 ms and this process 2 ms. An empty page means that there are no records.
LOCAL = Polling(behind=0.0, active=0.1, idle=0.4)
#: A shard allows five GetRecords per second for all readers, and an empty page may precede full ones.
AWS = Polling(behind=0.25, active=0.25, idle=0.3, proof=10)


@dataclass
class _Shard:
    """The reading position in a shard.

    Attributes:
        polled: when it was last read, by AWS's clock.
        since: older records are skipped; None takes all.
        start: where to begin if nothing has been read.
        last: the sequence number of the last record read.
        last_created: the time of that record.
        iterator: where to continue; None to request a new one.
    """

    identifier: str
    polled: datetime
    since: datetime | None
    start: Start
    last: str | None = None
    last_created: datetime | None = None
    iterator: str | None = None

    def wants(self, record: RecordTypeDef) -> bool:
        """Whether a record is recent enough; its time is in whole seconds, rounded down."""
        created = record["dynamodb"]["ApproximateCreationDateTime"]
        return self.since is None or created >= self.since.replace(microsecond=0)

    def take(self, records: list[RecordTypeDef], now: datetime) -> None:
        """Moves on to the end of a page."""
        self.polled = now
        if records:
            last = records[-1]["dynamodb"]
            self.last, self.last_created = last["SequenceNumber"], last["ApproximateCreationDateTime"]

    def lose_place(self) -> None:
        """Makes the next read request a new iterator, from which no unread record is missing."""
        self.iterator = None
        if self.last is None and self.start == "LATEST":
            self.start, self.since = "TRIM_HORIZON", self.polled

    def skip_trimmed(self) -> None:
        """Continues with the oldest record that exists: those before it are older than 24 hours and gone."""
        self.iterator, self.start = None, "TRIM_HORIZON"
        if self.last:
            self.last, self.since = None, self.last_created


class StreamReader:
    """Follows a stream through all of its shards.

    Args:
        client: of the DynamoDB Streams API.
        arn: of the stream.
        since: begin with records of this time, if the stream still has them; None begins now.
        polling: the poll intervals.
        sleep: sleeps for some seconds.

    Attributes:
        clock: AWS's.
    """

    def __init__(
        self,
        client: DynamoDBStreamsClient,
        arn: str,
        *,
        since: datetime | None,
        polling: Polling,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._arn = arn
        self._since = since
        self._polling = polling
        self._sleep = sleep
        self._open: dict[str, _Shard] = {}
        self._known: set[str] = set()
        self._throttled = False
        #: Whether there may be shards that are not known yet.
        self._outdated = False
        self.clock = Clock()

    def require(self) -> None:
        """Checks that the stream exists.

        Raises:
            NrtiError: it does not.
        """
        self._shards()

    def records(self, *, follow: bool) -> Iterator[RecordTypeDef]:
        """The records, oldest first within a shard; endless if `follow`.

        After an error another call continues where this one stopped.

        Raises:
            NrtiError: the stream does not exist.
        """
        if not self._known:
            self._begin()
        pause, empty = self._polling.active, 0
        while follow or ((self._open or self._outdated) and empty < self._polling.proof):
            if self._outdated:
                self._discover()
            longest = 0
            for shard in tuple(self._open.values()):
                page = self._read(shard)
                yield from filter(shard.wants, page)
                longest = max(longest, len(page))
                del page  # the next one takes its memory
            empty = 0 if longest else empty + 1
            self._outdated |= empty % _ROUNDS_TO_DISCOVERY == _ROUNDS_TO_DISCOVERY - 1
            pause = self._next_pause(pause, longest, empty)
            self._sleep(pause)

    def _next_pause(self, pause: float, longest: int, empty: int) -> float:
        """The pause after a round of polls, by its longest page and the number of empty rounds."""
        polling = self._polling
        if self._throttled:
            self._throttled = False
            return min(polling.longest, 2 * max(pause, polling.active))
        if longest >= polling.page:
            return polling.behind
        return polling.active if empty < 2 else min(polling.idle, 1.5 * pause)

    def _begin(self) -> None:
        """Finds the shards; closed ones are skipped if only new records are wanted."""
        self._outdated = self._since is not None
        for shard in [] if self._outdated else self._shards():
            if "EndingSequenceNumber" in shard["SequenceNumberRange"]:
                self._known.add(shard["ShardId"])
            else:
                self._begin_shard(shard["ShardId"], "LATEST")

    def _discover(self) -> None:
        """Starts reading new shards whose parent was read to its end or has expired."""
        try:
            shards = self._shards()
        except ClientError as error:
            if code(error) not in _BUSY:
                raise
            self._throttled = True
            return
        self._outdated = False
        unread = {shard["ShardId"] for shard in shards} - self._known | self._open.keys()
        for shard in shards:
            if shard["ShardId"] not in self._known and shard.get("ParentShardId") not in unread:
                self._begin_shard(shard["ShardId"], "TRIM_HORIZON")

    def _begin_shard(self, identifier: str, start: Start) -> None:
        self._known.add(identifier)
        self._open[identifier] = _Shard(identifier, self.clock.now(), self._since, start)

    def _shards(self) -> list[ShardTypeDef]:
        shards: list[ShardTypeDef] = []
        page: DescribeStreamInputTypeDef = {"StreamArn": self._arn}
        while True:
            try:
                response = self._client.describe_stream(**page)
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    raise NrtiError("the table's stream does not exist", hint="run nrti bootstrap") from error
                raise
            self.clock.note(response)
            answer = response["StreamDescription"]
            shards += answer.get("Shards", [])
            if "LastEvaluatedShardId" not in answer:
                return shards
            page["ExclusiveStartShardId"] = answer["LastEvaluatedShardId"]

    def _read(self, shard: _Shard) -> list[RecordTypeDef]:
        """Reads a page; empty also if the service throttles or the iterator has expired."""
        try:
            shard.iterator = shard.iterator or self._iterator(shard)
            answer = self._client.get_records(ShardIterator=shard.iterator, Limit=self._polling.page)
        except ClientError as error:
            self._recover(shard, error)
            return []
        self.clock.note(answer)
        shard.iterator = answer.get("NextShardIterator")
        records = answer["Records"]
        shard.take(records, self.clock.now())
        if not shard.iterator:
            self._finish(shard)
        return records

    def _iterator(self, shard: _Shard) -> str:
        if shard.last:
            answer = self._client.get_shard_iterator(
                StreamArn=self._arn,
                ShardId=shard.identifier,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                SequenceNumber=shard.last,
            )
        else:
            answer = self._client.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard.identifier, ShardIteratorType=shard.start
            )
        return answer["ShardIterator"]

    def _recover(self, shard: _Shard, error: ClientError) -> None:
        """Prepares the next read of the shard, or raises the error again."""
        reason = code(error)
        if reason in _BUSY:
            self._throttled = True
            if shard.iterator is None:
                shard.lose_place()  # a new iterator of the latest records would begin later
        elif reason == "ExpiredIteratorException":
            shard.lose_place()
        elif reason == "TrimmedDataAccessException":
            shard.skip_trimmed()
        elif reason == "ResourceNotFoundException":
            self._finish(shard)
        else:
            raise error

    def _finish(self, shard: _Shard) -> None:
        """Leaves a shard; the next round begins its children."""
        del self._open[shard.identifier]
        self._outdated = True
