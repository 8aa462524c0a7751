# Alur as an image: `docker build -t alur .`
#
# CI has no Docker daemon and does not build this image; tests/house builds and inspects the wheel that goes into it.
# Before the first start and after an upgrade: `docker run --rm ... alur alur migrate`.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/alur \
    && python -m pip --python /opt/alur/bin/python install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY . .
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m pip --python /opt/alur/bin/python install --no-cache-dir --no-index --no-deps /wheels/*.whl

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin alur \
    && install --directory --owner=alur --group=alur /data
COPY --from=build /opt/alur /opt/alur
ENV PATH=/opt/alur/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ALUR_ENVIRONMENT=production \
    ALUR_DATA_DIR=/data
USER alur
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["alur", "serve", "--host", "0.0.0.0"]
