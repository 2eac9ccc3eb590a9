"""The declared patches to ministack; each says why and fails loudly when its target has gone."""
