# The exact version; docs/operations.md shows how to pin digests.
FROM python:3.13.14-slim AS packages
RUN python -m venv /packages
COPY requirements.txt .
# Every package has a wheel, so there is no compiler here.
RUN /packages/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: \
    --requirement requirements.txt

FROM python:3.13.14-slim
# The server listens on all addresses, so it runs in production mode, and says what is missing for that.
ENV PATH=/packages/bin:$PATH PYTHONUNBUFFERED=1 CHAT_DATA_DIR=/data DEBUG=False
# A named volume at /data takes over this owner.
RUN useradd --system --user-group --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin chat \
    && install --directory --owner=chat --group=chat --mode=0700 /data
COPY --from=packages /packages /packages
WORKDIR /app
COPY . .
RUN python -m compileall -q .
USER chat
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Migrations are a step of their own: `python manage.py migrate --noinput` (docker-compose.yml does it).
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
