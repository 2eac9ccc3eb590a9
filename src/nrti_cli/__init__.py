"""nrti: a near-real-time machine-learning inference system on AWS, and the same system on a laptop."""
