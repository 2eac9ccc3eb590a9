"""API Gateway: REST APIs and what is behind them."""
