"""The patch to how ministack makes identifiers."""

import uuid_utils

from nrti_local.ministack.patch import Patch

PATCHES = (
    Patch(
        "ministack.core.responses",
        "uuid",
        "Each event takes several identifiers, each of which asks the kernel for random bytes.",
        lambda _: uuid_utils,
    ),
)
