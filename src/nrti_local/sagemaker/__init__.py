"""SageMaker on one machine: training jobs, batch transform and endpoints, over AWS's wire protocol."""
