from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nrti_local.s3.lifecycle_rules import Listed, Rule, rules

WRITTEN = datetime(2026, 11, 1, 10, 30, tzinfo=UTC)
OBJECT = Listed("a/b", 100, WRITTEN)
CONFIGURATION = b"""<?xml version="1.0" encoding="UTF-8"?>
<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Rule><ID>days</ID><Filter><Prefix>a/</Prefix></Filter><Status>Enabled</Status>
    <Expiration><Days>3</Days></Expiration></Rule>
  <Rule><ID>off</ID><Filter><Prefix></Prefix></Filter><Status>Disabled</Status>
    <Expiration><Days>1</Days></Expiration></Rule>
  <Rule><ID>uploads</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>
    <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>
  </Rule>
  <Rule><ID>all</ID><Status>Enabled</Status>
    <Filter><And><Prefix>b/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>
      <ObjectSizeGreaterThan>0</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And></Filter>
    <Expiration><Date>2026-12-01T00:00:00.000Z</Date></Expiration></Rule>
</LifecycleConfiguration>"""


def test_the_rules_that_delete_objects_are_read() -> None:
    assert rules(CONFIGURATION) == [
        Rule("a/", days=3),
        Rule("b/", {"k": "v"}, 0, 5, date=datetime(2026, 12, 1, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("rule", "day", "expires"),
    [
        (Rule("a/", days=3), 4, False),
        (Rule("a/", days=3), 5, True),  # three days, rounded up to the next midnight
        (Rule("b/", days=3), 5, False),
        (Rule("", larger=100, days=3), 5, False),
        (Rule("", smaller=101, days=3), 5, True),
        (Rule("", date=datetime(2026, 11, 5, tzinfo=UTC)), 5, True),
        (Rule("", date=datetime(2026, 11, 6, tzinfo=UTC)), 5, False),
    ],
)
def test_an_object_expires_at_midnight(rule: Rule, day: int, expires: bool) -> None:
    assert rule.expires(OBJECT, datetime(2026, 11, day, tzinfo=UTC)) == expires
