"""A SageMaker for one machine: training jobs, models and serverless endpoints, over the wire protocol."""
