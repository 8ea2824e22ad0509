FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/services.lock requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/services.lock
COPY shared shared
COPY services services
COPY ops/__init__.py ops/definitions.py ops/broker_setup.py ops/
COPY deploy/rabbitmq/definitions.json deploy/rabbitmq/
RUN python -m compileall -q shared services ops
USER 10001:10001
EXPOSE 8080
# which service: `command: [python, -m, services.evaluation]`
CMD ["python", "-m", "services.registry"]
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=1s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/ready', timeout=3)"]
