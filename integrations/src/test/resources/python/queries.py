"""Each way to ask with psycopg2, psycopg and SQLAlchemy, with the request's number as a parameter."""

import contextlib
import functools
import io
import queue
import threading

import psycopg
import psycopg2
import psycopg2.extras
import psycopg2.pool
import psycopg2.sql
import sqlalchemy

ITEM = "select id, name, %s as n from item where id = 1"


class Few:
    """Three connections for all threads."""

    def __init__(self, connect):
        self.free = queue.Queue()
        for _ in range(3):
            self.free.put(connect)

    @contextlib.contextmanager
    def one(self):
        one = self.free.get()
        one = one() if callable(one) else one
        try:
            yield one
        finally:
            one.commit()
            self.free.put(one)


# As gunicorn forks after this is read, nothing connects before the first request.
two = Few(lambda: psycopg2.connect(""))
three = Few(lambda: psycopg.connect(""))


@functools.lru_cache(maxsize=None)
def engine():
    return sqlalchemy.create_engine("postgresql+psycopg2://")


_engine_lock = threading.Lock()


def rows(cursor):
    return [list(row) for row in cursor.fetchall()]


def psycopg2_plain(n):
    with two.one() as c, c.cursor() as cursor:
        cursor.execute(ITEM, (n,))
        first = rows(cursor)
        cursor.execute(b"select %s::text as bytes -- the end", (n,))
        second = rows(cursor)
        cursor.execute("select '100%'::text, 'n' || 1, '" + n + "'")
        return [first, second, rows(cursor)]


def psycopg2_ways(n):
    with two.one() as c:
        with c.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(ITEM, (n,))
            dicts = [dict(row) for row in cursor.fetchall()]
        with c.cursor("named_cursor") as cursor:
            cursor.execute("select id, %s::text from item order by id", (n,))
            named = len(cursor.fetchmany(5))
        with c.cursor() as cursor:
            cursor.executemany("insert into visit (n) values (%s)", [(n,), (n,)])
            psycopg2.extras.execute_values(cursor, "insert into visit (n) values %s", [(n,), (n,)])
            composed = psycopg2.sql.SQL("select count(*) from {} where n = %s")
            cursor.execute(composed.format(psycopg2.sql.Identifier("visit")), (n,))
            count = cursor.fetchone()[0]
            out = io.StringIO()
            cursor.copy_expert(f"copy (select '{n}'::text) to stdout", out)
            cursor.execute("delete from visit where n = %s", (n,))
        return [dicts, named, count, out.getvalue()]


def psycopg2_kinds(n):
    kind = psycopg2.extras.RealDictConnection
    c = psycopg2.connect("", connection_factory=kind)
    try:
        with c.cursor() as cursor:
            cursor.execute(ITEM, (n,))
            return [type(c).__name__, isinstance(c, kind), [dict(row) for row in cursor.fetchall()]]
    finally:
        c.close()


def psycopg_plain(n):
    with three.one() as c:
        first = rows(c.execute(ITEM, (n,)))
        again = [rows(c.execute("select %s::text as again", (n,))) for _ in range(7)]
        kept = rows(c.execute("select %s::text as kept", (n,), prepare=True))
        raw = rows(c.execute(b"select %s::text as raw -- the end", (n,)))
        return [first, again, kept, raw]


def psycopg_ways(n):
    with three.one() as c:
        with c.cursor() as cursor:
            cursor.executemany("insert into visit (n) values (%s)", [(n,), (n,), (n,)])
            composed = psycopg.sql.SQL("select count(*) from {} where n = %s")
            count = cursor.execute(composed.format(psycopg.sql.Identifier("visit")), (n,)).fetchone()
            streamed = [r[0] for r in cursor.stream("select id, %s::text from item order by 1", (n,))]
            with cursor.copy("copy (select %s::text) to stdout", (n,)) as copy:
                copied = b"".join(bytes(part) for part in copy).decode()
        with c.cursor("named_cursor") as cursor:
            cursor.execute("select id, %s::text from item order by id", (n,))
            named = len(cursor.fetchmany(5))
        with psycopg.ClientCursor(c) as cursor:
            client = rows(cursor.execute("select %s::text as client", (n,)))
        with c.pipeline():
            piped = [c.execute("select %s::text as piped", (n,)) for _ in range(3)]
        c.execute("delete from visit where n = %s", (n,))
        return [list(count), streamed, copied, named, client, [rows(p) for p in piped]]


def alchemy(n):
    with _engine_lock:
        made = engine()
    with made.connect() as c:
        found = c.execute(sqlalchemy.text("select name, :n as n from item where id = 3"), {"n": n})
        return [list(row) for row in found]


def stream(n):
    yield b"["
    with two.one() as c, c.cursor() as cursor:
        cursor.execute("select %s::text as late", (n,))
        yield str(cursor.fetchone()[0]).encode()
    yield b"]"


ROUTES = {
    "/psycopg2": psycopg2_plain,
    "/psycopg2-ways": psycopg2_ways,
    "/psycopg2-kinds": psycopg2_kinds,
    "/psycopg": psycopg_plain,
    "/psycopg-ways": psycopg_ways,
    "/sqlalchemy": alchemy,
}
