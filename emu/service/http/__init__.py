"""What stands around the API: nothing here knows what a campaign is.

    problems    what goes wrong, as problem details (RFC 9457), and in the OpenAPI document
    causes      which error is which problem, for FastAPI
    guards      who may come in: token, Host, Origin, size and slowness of bodies
    headers     what browsers are told: content security policy and the like
    slow        a stop ends streams, and a send that takes too long ends its connection
    metrics     counts requests, and publishes what others count, for Prometheus
    docs        the OpenAPI document as a page
    dressing    all of this around an app, in order
    log         JSON lines on stderr
    connection  one connection, in HTTP/1.1, by anycorn's protocol
    server      listens, serves, and stops

Requests come in through `server`, `dressing`, then the app.
"""
