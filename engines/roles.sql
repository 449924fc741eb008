-- The roles and the database of an installation (engines/roles.py says what each is for). PostgreSQL 15 to 18.
--
--   OWNER_PASSWORD=… APP_PASSWORD=… psql --username postgres --file engines/roles.sql
--
-- A second time makes what is missing, and sets the passwords anew.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
SELECT current_setting('server_version_num')::integer >= 160000 AS has_options \gset

SELECT 'CREATE ROLE parley_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_owner') \gexec
SELECT 'CREATE ROLE parley_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_app') \gexec
SELECT 'CREATE ROLE parley_search' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_search') \gexec
ALTER ROLE parley_owner LOGIN NOSUPERUSER CREATEROLE CREATEDB BYPASSRLS PASSWORD :'owner_password';
ALTER ROLE parley_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE parley_search NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS;

-- The owner hands functions to the search role. Since 16 a grant says separately what the member may do.
\if :has_options
  GRANT parley_search TO parley_owner WITH ADMIN TRUE, SET TRUE, INHERIT FALSE;
\else
  GRANT parley_search TO parley_owner WITH ADMIN OPTION;
\endif

SELECT 'CREATE DATABASE parley OWNER parley_owner ENCODING UTF8 TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'parley') \gexec
