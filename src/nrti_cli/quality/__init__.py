"""How good the published models are, by the labels of their predictions in the lake."""
