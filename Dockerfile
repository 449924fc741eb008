# Parley as one image for web, worker, scheduler and migrations (see compose.yaml). Not built where Parley is developed:
# no Docker engine is available there.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

# Hashed wheels only; run.txt leaves out the demo's engines.
COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes --only-binary :all: -r requirements/run.txt

COPY app.py ./
COPY portal portal
COPY migrations migrations
COPY templates templates
COPY static static
COPY translations translations
# The program runs as a user who may not write here, so the catalogs are compiled now.
RUN pybabel compile --directory translations

RUN useradd --system --create-home parley && mkdir /data && chown parley /data
USER parley
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--no-control-socket", "--worker-class=gthread", "--workers=4", "--threads=8", "--limit-request-line=8190", "--bind=0.0.0.0:8000", "app:create_app()"]
