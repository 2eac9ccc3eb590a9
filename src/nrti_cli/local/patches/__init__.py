"""The declared patches to ministack; each says why and fails loudly when its target has gone."""

import logging

# Before ministack is imported: it warns of a missing library that nothing here needs.
logging.getLogger("kms").setLevel(logging.ERROR)
