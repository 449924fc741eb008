"""No process starts without a required setting, or with a wrong value: a sentence, and exit code 78."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.config import (
    FORMS,
    MIGRATE,
    RUNNING,
    SCHEDULER,
    SECRET,
    WEB,
    WORKER,
    Config,
    SettingsError,
    needed_settings,
    read_config,
    require_settings,
)
from portal.factory import create_app

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    WEB: [sys.executable, "-m", "gunicorn", "app:create_app()"],
    WORKER: [sys.executable, "-m", "flask", "--app", "app", "worker"],
    SCHEDULER: [sys.executable, "-m", "flask", "--app", "app", "scheduler"],
    MIGRATE: [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"],
}
# A value for every setting that cannot be meant; None where every value can.
WRONG = {
    "host": "no host",
    "port": "80000",
    "parley_data": None,
    "database_url": "mysql://parley@localhost/parley",
    "database_owner_url": "parley_owner@localhost/parley",
    "redis_url": "http://localhost:6379",
    "secret_key": None,
    "base_url": "support.example.com",
    "storage_url": "ftp://files.example.com/",
    "smtp_url": "mail.example.com:587",
    "parley_time_travel": "perhaps",
    "parley_mail_sink": "perhaps",
    "mail_from": "support",
    "session_hours": "0",
    "secure_cookies": "perhaps",
    "trusted_proxies": "-1",
    "argon2_memory_kib": "a lot",
    "argon2_rounds": "0",
    "pool_size": "0",
    "upload_megabytes": "25 MB",
    "keep_sessions_days": "-1",
    "keep_links_days": "-1",
    "keep_deliveries_days": "-1",
    "keep_security_events_days": "-1",
    "keep_staff_access_days": "-1",
    "keep_rule_log_days": "-1",
    "keep_help_reads_days": "-1",
    "keep_help_searches_days": "a year",
    "keep_status_asks_days": "-1",
    "keep_push_devices_days": "-1",
    "keep_drafts_days": "-1",
    "keep_status_news_days": "-1",
    "keep_incoming_calls_days": "-1",
    "keep_staged_files_days": "-1",
    "keep_mail_originals_days": "-1",
    "metrics_token": "too short",
    "mail_listen": "lmtp://127.0.0.1",
    "mail_trusted_servers": None,
    "mail_accept_unchecked": "perhaps",
    "mail_per_hour": "0",
    "mail_to_address_per_hour": "0",
    "mail_ask_after_days": "-1",
    "allowed_internal_hosts": "10.0.0.0/8 mail.internal",
    "microsoft_authority": "http://login.example.com",
    "microsoft_client_id": None,
    "microsoft_client_secret": None,
    "graph_url": "graph.example.com",
    "microsoft_imap_url": "imaps://user@imap.example.com",
    "microsoft_smtp_url": "smtp.example.com:587",
    "google_issuer": "http://accounts.example.com",
    "microsoft_issuer": "http://login.example.com/{tenant}/v2.0",
    "google_client_id": None,
    "google_client_secret": None,
    "google_imap_url": "imap.example.com",
    "google_smtp_url": "smtps://user@smtp.example.com",
    "prometheus_multiproc_dir": None,
    "log_level": "LOUD",
}
REQUIRED = [(process, name) for process in (*RUNNING, MIGRATE) for name in needed_settings(process)]


@pytest.fixture
def whole(monkeypatch, tmp_path):
    """An environment in which everything required is there, and nothing else."""
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    values = {
        "PARLEY_DATA": str(tmp_path),
        "DATABASE_URL": "postgresql://parley_app@127.0.0.1:1/parley",
        "DATABASE_OWNER_URL": "postgresql://parley_owner@127.0.0.1:1/parley",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a key for tests only, long enough for production",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def start(process):
    """What the process says where it ends at once."""
    ended = subprocess.run(
        COMMANDS[process], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(("process", "name"), REQUIRED)
def test_what_is_required_is_named(whole, process, name):
    whole.delenv(name.upper())
    with pytest.raises(SettingsError, match=f"{name.upper()} is not set") as refused:
        require_settings(read_config(), process)
    assert refused.value.exit_code == 78


@pytest.mark.parametrize("name", list(Config.model_fields))
def test_what_cannot_be_meant_is_named(whole, name):
    wrong = WRONG[name]
    if wrong is None:
        return
    whole.setenv(name.upper(), wrong)
    with pytest.raises(SettingsError, match=f"^{name.upper()} must") as refused:
        read_config()
    assert (wrong in refused.value.message) == (name not in SECRET)


@pytest.mark.parametrize("name", list(Config.model_fields))
def test_an_empty_variable_counts_as_absent(whole, name):
    whole.setenv(name.upper(), "")
    assert getattr(read_config(), name) == Config.model_fields[name].default


def test_every_form_lets_its_usual_values_pass(whole):
    """What the forms refuse is above; what they must not refuse is here."""
    usual = {
        "HOST": ["0.0.0.0", "::1", "localhost"],
        "DATABASE_URL": ["postgresql://a:b@/parley?host=%2Ftmp%2Fa%20b", "postgresql+psycopg://h/p"],
        "DATABASE_OWNER_URL": ["postgresql://o:p@[::1]:5432/parley?sslmode=require"],
        "REDIS_URL": ["unix:///tmp/a%20b/valkey.sock?db=0", "rediss://:p@h:6380/1", "redis://h"],
        "BASE_URL": ["https://support.example.com", "http://northwind.localhost:8000", "https://a.example/"],
        "STORAGE_URL": ["file:///srv/with space/files", "s3://bucket/prefix"],
        "SMTP_URL": ["smtp://user:p%40ss@mail.example.com:587", "smtps://mail.example.com"],
        "MAIL_FROM": ["support@{host}", "help@example.com"],
        "MAIL_LISTEN": ["127.0.0.1:2424", "lmtp://localhost:2424", "smtp://0.0.0.0:2525"],
        "ALLOWED_INTERNAL_HOSTS": ["10.0.0.0/8", "mail.internal, 192.168.1.7,::1"],
        "MICROSOFT_AUTHORITY": ["https://login.microsoftonline.us", "http://127.0.0.1:9000"],
        "GRAPH_URL": ["https://graph.microsoft.us/v1.0"],
        "GOOGLE_ISSUER": ["https://accounts.google.com"],
        "MICROSOFT_ISSUER": ["https://login.microsoftonline.com/{tenant}/v2.0", "http://127.0.0.1:9000/{tenant}/v2.0"],
        "MICROSOFT_IMAP_URL": ["imaps://outlook.office365.us:993"],
        "GOOGLE_IMAP_URL": ["imaps://imap.gmail.com"],
        "MICROSOFT_SMTP_URL": ["smtp://smtp.office365.us:587"],
        "GOOGLE_SMTP_URL": ["smtps://smtp.gmail.com:465"],
        "LOG_LEVEL": ["debug", "WARNING"],
        "METRICS_TOKEN": ["sixteen-or-more.", "Zm9v+YmFy/bGV0IG1lIGlu=="],
    }
    assert {name.lower() for name in usual} == set(FORMS)
    for name, values in usual.items():
        for value in values:
            whole.setenv(name, value)
            assert getattr(read_config(), name.lower()) == value


@pytest.mark.parametrize(
    ("process", "settings", "sentence"),
    [
        (WEB, {"REDIS_URL": None}, "REDIS_URL is not set. Without it web does not start"),
        (WEB, {"PORT": "x"}, "PORT must be a whole number, and is “x”."),
        (WORKER, {"SECURE_COOKIES": "1", "PARLEY_MAIL_SINK": "1"}, "PARLEY_MAIL_SINK shows the mails of a demo"),
        (SCHEDULER, {"REDIS_URL": None}, "REDIS_URL is not set. Without it scheduler does not start"),
        (MIGRATE, {}, "DATABASE_OWNER_URL leads to no database"),
    ],
)
def test_the_process_ends_with_the_sentence_and_78(whole, process, settings, sentence):
    for name, value in settings.items():
        whole.delenv(name) if value is None else whole.setenv(name, value)
    code, said = start(process)
    assert (code, said.count("Error: ")) == (78, 1), said
    assert f"Error: {sentence}" in said
    assert "Traceback" not in said


def test_a_place_for_files_that_cannot_be_is_said(whole):
    whole.setenv("STORAGE_URL", "file:///proc/none")
    with pytest.raises(SettingsError, match="STORAGE_URL names no place for files"):
        create_app()
