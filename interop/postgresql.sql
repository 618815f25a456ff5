-- The orders of vercmp in PostgreSQL: for docs/guide/postgresql.md, which explains each part. KEY_VERSION 1.
-- Needs PL/Python (Debian: postgresql-plpython3-15) and vercmp where its Python finds it. Run it as a superuser.

create extension if not exists plpython3u;

-- The sort key. Null where the version is null. The statement ends where the scheme refuses the version, is unknown or
-- null.
create function version_key(scheme text, version text) returns bytea
language plpython3u immutable parallel safe as $$
from vercmp import sort_key
return None if version is None else sort_key(version, scheme=scheme)
$$;

-- The same, and null where there is no key.
create function try_version_key(scheme text, version text) returns bytea
language plpython3u immutable parallel safe as $$
from vercmp import InvalidVersion, UnknownScheme, sort_key
if scheme is None or version is None:
    return None
try:
    return sort_key(version, scheme=scheme)
except (InvalidVersion, UnknownScheme):
    return None
$$;

-- -1, 0 or 1. Null where a version is null. The statement ends as with version_key.
create function version_compare(scheme text, a text, b text) returns integer
language plpython3u immutable parallel safe as $$
from vercmp import compare
return None if a is None or b is None else compare(a, b, scheme=scheme)
$$;

-- Why a version that is not null has no key. Null where it has one.
create function version_refusal(scheme text, version text) returns text
language plpython3u immutable parallel safe as $$
from vercmp import InvalidVersion, UnknownScheme, validate
if version is None:
    return None
if scheme is None:
    return "the scheme is null"
try:
    validate(version, scheme=scheme)
except InvalidVersion as error:
    return error.reason
except UnknownScheme as error:
    return str(error)
return None
$$;

-- For a trigger before insert or update, on a table with the columns version, key and reason: no row is refused, and
-- each has a key or a reason. The scheme is the trigger's argument.
create function version_key_or_reason() returns trigger
language plpython3u as $$
from vercmp import InvalidVersion, sort_key
row = TD["new"]
row["key"], row["reason"] = None, None
if row["version"] is None:
    row["reason"] = "no version"
else:
    try:
        row["key"] = sort_key(row["version"], scheme=TD["args"][0])
    except InvalidVersion as error:
        row["reason"] = error.reason
return "MODIFY"
$$;
