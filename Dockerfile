FROM python:3.13-slim AS dependencies
COPY requirements/services.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r services.lock

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=dependencies /venv /venv
RUN printf '#!/bin/sh\nexec python -m ops.cli "$@"\n' >/venv/bin/ocop && chmod 755 /venv/bin/ocop
COPY deploy deploy
COPY docs/asyncapi docs/asyncapi
COPY docs/examples docs/examples
COPY ops ops
COPY programmes programmes
COPY shared shared
COPY services services
RUN python -m compileall -q shared services ops
RUN mkdir -p /var/log/ocop && chown 10001:10001 /var/log/ocop
USER 10001:10001
# which service: `command: [python, -m, services.evaluation]`
CMD ["python", "-m", "services.registry"]
HEALTHCHECK --interval=3s --timeout=4s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/ready', timeout=3)"]
