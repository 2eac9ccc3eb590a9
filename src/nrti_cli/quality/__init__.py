"""The quality of the published models, from the labels of their predictions in the lake."""
