"""What stands around the API: nothing here knows what a campaign is.

    problems    what goes wrong, as problem details (RFC 9457), and in the OpenAPI document
    causes      which error is which problem, for FastAPI
    guards      who may come in: token, Host, Origin; `names` are those of the service
    bodies      how much a request may bring, and how long that may take
    headers     what browsers are told: content security policy and the like
    ending      a stop ends streams of events
    routes      which path of the document a path is
    metrics     counts requests, and publishes what others count, for Prometheus
    docs        the OpenAPI document as a page
    dressing    all of this around an app, in order
    log         JSON lines on stderr
    binding     listens, or says why not
    connection  one connection, in HTTP/1.1, by anycorn's protocol
    server      all connections, from the start to the stop

Requests come in through `server`, `dressing`, then the app.
"""
