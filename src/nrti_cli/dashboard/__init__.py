"""The live page of `nrti dashboard`: what the pipeline predicts, from the table's stream and from the lake.

`live` follows the stream and `history` queries Athena; both count into `rings`, one bucket per bar. `views`
renders them for a browser, `details` looks up one sensor or prediction, `access` authenticates the browser,
and `app` serves HTTP, with the page itself in `page/`.
"""
