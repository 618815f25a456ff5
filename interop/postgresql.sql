-- The orders of vercmp in PostgreSQL: for docs/guide/postgresql.md, which explains each part. KEY_VERSION 1.
-- Needs PL/Python (Debian: postgresql-plpython3-15) and vercmp where its Python finds it. Run it as a superuser.

create extension if not exists plpython3u;

-- The sort key. Null where the version is null. The statement ends where the scheme refuses the version, or is unknown.
create function version_key(scheme text, version text) returns bytea
language plpython3u immutable strict parallel safe as $$
from vercmp import sort_key
return sort_key(version, scheme=scheme)
$$;

-- -1, 0 or 1. Null where a version is null.
create function version_compare(scheme text, a text, b text) returns integer
language plpython3u immutable strict parallel safe as $$
from vercmp import compare
return compare(a, b, scheme=scheme)
$$;

-- Why the scheme refuses a version, or that it is unknown. Null where there is a key, and where the version is null.
create function version_refusal(scheme text, version text) returns text
language plpython3u immutable strict parallel safe as $$
from vercmp import InvalidVersion, UnknownScheme, validate
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
