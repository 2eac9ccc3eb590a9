"""Every patch that the embedded AWS applies, in one list."""

from nrti_cli.local.patches.patch import Patch

PATCHES: tuple[Patch, ...] = ()


def apply_all() -> None:
    """Applies the catalogue; called once, before the server imports its application.

    Raises:
        PatchError: a patch's target has gone from ministack.
    """
    for patch in PATCHES:
        patch.apply()
