"""Packages in AWS's scikit-learn image that this Python may lack."""

from __future__ import annotations

import re

#: The packages of the extra `image`, in the image's versions, by the names of their modules.
PACKAGES = {
    "PIL": "pillow==12.3.0",
    "cryptography": "cryptography==50.0.0",
    "dateutil": "python-dateutil==2.9.0.post0",
    "flask": "Flask==3.1.3",
    "pandas": "pandas==2.2.3",
    "paramiko": "paramiko==5.0.0",
    "psutil": "psutil==7.2.2",
    "pytz": "pytz==2026.2",
    "requests": "requests==2.33.0",
    "retrying": "retrying==1.3.3",
    "six": "six==1.17.0",
}
_MISSING = re.compile(r"No module named '(\w+)")


def lacking(text: str) -> str:
    """Returns advice for an error that names a missing module; empty if AWS's image lacks it, too."""
    found = _MISSING.search(text)
    package = PACKAGES.get(found.group(1)) if found else None
    if package is None:
        return ""
    name, _, version = package.partition("==")
    return (
        f"AWS's image has {name} {version}, but this Python does not: install nrti with its extra `image` "
        f"({name} is in it), or name it in requirements.txt"
    )
