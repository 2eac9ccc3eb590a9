"""CloudFormation: the parts of templates, change sets and drift detection that ministack lacks."""
