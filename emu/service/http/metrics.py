"""What Prometheus may ask: requests by where they went, and whatever others count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emu.service.http.ending import is_stream
from emu.service.http.guards import header
from emu.service.http.problems import problem
from emu.service.http.routes import METHODS, Routes

PATH: Final = "/metrics"

STATUS: Final = "emu.status"
"""Where the scope of a request has the status of its answer, for the log: a client that has it may
be gone before the server says so."""

BUCKETS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)
"""Seconds of requests; streams of events are no part of them."""

Read = Callable[[], float | Mapping[str, float]]


@dataclass(frozen=True)
class Meter:
    """Something that is counted elsewhere, and read when it is asked for.

    `read` gives a number; or, if there is a `label`, numbers by its values, which should be few.
    The name of a counter ends with `_total`.
    """

    name: str
    says: str
    read: Read
    label: str = ""
    kind: Literal["gauge", "counter"] = "gauge"


class Metrics:
    """All that is counted in one service; nothing of it is global."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry(auto_describe=True)
        self.requests = Counter(
            "emu_requests",
            "Requests answered.",
            ("method", "path", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "emu_request_seconds",
            "How long answers took, streams left out.",
            ("method", "path"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.streams = Gauge("emu_streams", "Streams of events that are open.", registry=registry)
        self.dropped = Counter(
            "emu_connections_dropped", "Clients dropped as they did not read.", registry=registry
        )
        PlatformCollector(registry)
        ProcessCollector(registry=registry)

    def publish(self, meters: Iterable[Meter]) -> None:
        """Publish what is counted elsewhere, too."""
        for meter in meters:
            self.registry.register(_Reading(meter))

    def page(self, accept: str) -> Response:
        """All of it, as text in the format that is asked for."""
        encode, media_type = choose_encoder(accept)
        return Response(encode(self.registry), headers={"content-type": media_type})


class _Reading(Collector):
    """A meter, as the registry wants it."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def describe(self) -> Iterable[Metric]:
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        family = self._family()
        found = self.meter.read()
        if isinstance(found, Mapping):
            for value, number in found.items():
                family.add_metric([value], number)
        else:
            family.add_metric([], found)
        return [family]

    def _family(self) -> GaugeMetricFamily | CounterMetricFamily:
        made = CounterMetricFamily if self.meter.kind == "counter" else GaugeMetricFamily
        labels = [self.meter.label] if self.meter.label else []
        return made(self.meter.name, self.meter.says, labels=labels)


class Published:
    """Answers `/metrics`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self.app(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"}:
            answer = self.metrics.page(header(scope, b"accept") or "")
            await answer(scope, receive, send)
        else:
            detail = f"{PATH} can only be read"
            answer = problem("method-not-allowed", detail, headers={"allow": "GET, HEAD"})
            await answer(scope, receive, send)


class Counted:
    """Counts requests on their way in and out; paths as `routes` has them."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        routes: Callable[[], Routes],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.routes = routes
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = scope["method"].lower() in METHODS
        method = scope["method"] if known else "other"
        path = self.routes().template(scope["path"])
        status, streams = "none", False

        async def sending(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = str(message["status"])
                scope[STATUS] = message["status"]
                if is_stream(message):
                    streams = True
                    self.metrics.streams.inc()
            await send(message)

        start = self.clock()
        try:
            await self.app(scope, receive, sending)
        finally:
            self.metrics.requests.labels(method, path, status).inc()
            if streams:
                self.metrics.streams.dec()
            else:
                self.metrics.seconds.labels(method, path).observe(self.clock() - start)
