"""A patch to how ministack makes identifiers."""

import uuid_utils

from nrti_local.ministack.patch import Patch

PATCHES = (
    Patch(
        "ministack.core.responses",
        "uuid",
        "Each event takes seven identifiers, and each of them asks the kernel for its random bytes.",
        lambda _: uuid_utils,
    ),
)
