"""Carries the W3C traceparent of an HTTP request into the SQL that is sent for it, as a sqlcommenter
comment: PYTHONPATH=/path/to/this/folder. No change in the app, no dependency.

In: Django, Flask, Starlette and FastAPI, gunicorn, wsgiref. Out: psycopg2 and psycopg 3, and what
stands on them (Django's ORM, SQLAlchemy).
"""

import contextvars
import functools
import importlib.abc
import importlib.util
import os
import re
import sys
import types

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_trace = contextvars.ContextVar("freshet_trace", default=None)


def _valid(traceparent):
    found = _TRACEPARENT.match((traceparent or "").strip())
    return found.group() if found else None


# ---- in: WSGI and ASGI ----


class _Body:
    """An answer that is made while it is sent: each part under its request's trace."""

    def __init__(self, parts, trace):
        self._parts = parts
        self._next = iter(parts).__next__
        self._trace = trace

    def __iter__(self):
        return self

    def __next__(self):
        token = _trace.set(self._trace)
        try:
            return self._next()
        finally:
            _trace.reset(token)

    def close(self):
        close = getattr(self._parts, "close", None)
        if close is None:
            return
        token = _trace.set(self._trace)
        try:
            close()
        finally:
            _trace.reset(token)


def _is_lazy(parts, environ):
    # Not lists, and not what servers know by its type: their file wrappers.
    file_wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(parts, _Body) or isinstance(file_wrapper, type) and isinstance(parts, file_wrapper):
        return False
    is_of_a_class = bool(type(parts).__flags__ & 1 << 9) and hasattr(parts, "__iter__")
    return is_of_a_class or isinstance(parts, types.GeneratorType)


def _run_wsgi(call, environ, arguments):
    trace = _valid(environ.get("HTTP_TRACEPARENT"))
    # Also without one: the thread must not go on with its last request's.
    token = _trace.set(trace)
    try:
        parts = call(*arguments)
    finally:
        _trace.reset(token)
    return _Body(parts, trace) if _is_lazy(parts, environ) else parts


def _wsgi_method(call):
    @functools.wraps(call)
    def traced(self, environ, start_response):
        return _run_wsgi(call, environ, (self, environ, start_response))

    return traced


def _wsgi_app(app):
    def traced(environ, start_response):
        return _run_wsgi(app, environ, (environ, start_response))

    return traced


def _asgi_method(call):
    @functools.wraps(call)
    async def traced(self, scope, receive, send):
        if scope.get("type") != "http":
            return await call(self, scope, receive, send)
        fields = [v for k, v in scope.get("headers", ()) if k == b"traceparent"]
        token = _trace.set(_valid(fields[0].decode("latin-1")) if fields else None)
        try:
            return await call(self, scope, receive, send)
        finally:
            _trace.reset(token)

    return traced


def _django_wsgi(module):
    _replace(module.WSGIHandler, "__call__", _wsgi_method)


def _django_asgi(module):
    _replace(module.ASGIHandler, "__call__", _asgi_method)


def _flask(module):
    _replace(module.Flask, "__call__", _wsgi_method)


def _starlette(module):
    _replace(module.Starlette, "__call__", _asgi_method)


def _wsgiref(module):
    def run(original):
        @functools.wraps(original)
        def traced(self, application):
            return original(self, _wsgi_app(application))

        return traced

    _replace(module.BaseHandler, "run", run)


def _gunicorn(module):
    def wsgi(original):
        @functools.wraps(original)
        def traced(self):
            app = original(self)
            return _wsgi_app(app) if callable(app) else app

        return traced

    _replace(module.BaseApplication, "wsgi", wsgi)


# ---- out: the drivers ----


def _comment(text):
    """The comment to put behind a text; empty without a trace, or where there is one already."""
    trace = _trace.get()
    if trace is None or not text.strip() or "traceparent=" in text:
        return ""
    # Behind a comment that runs to the end of the line, ours would be part of it.
    gap = "\n" if "--" in text.rpartition("\n")[2] else " "
    return f"{gap}/*traceparent='{trace}'*/"


def _commented(query, context):
    try:
        if isinstance(query, str):
            return query + _comment(query)
        if isinstance(query, (bytes, bytearray)):
            return bytes(query) + _comment(bytes(query).decode("latin-1")).encode()
        if _trace.get() is not None and hasattr(query, "as_string"):
            text = query.as_string(context)
            return text + _comment(text)
    except Exception:
        pass
    return query


def _texted(call):
    """For methods whose first argument is the text."""

    @functools.wraps(call)
    def traced(self, query, *args, **kwargs):
        return call(self, _commented(query, self), *args, **kwargs)

    return traced


def _psycopg2(module):
    connect = module.connect
    plain = module.extensions.connection

    @functools.lru_cache(maxsize=64)
    def traced_cursor(kind):
        def method(name):
            return _texted(getattr(kind, name))

        methods = {n: method(n) for n in ("execute", "executemany", "copy_expert")}
        return type(kind.__name__, (kind,), {**methods, "__module__": kind.__module__})

    class Traced(plain):
        # Below the app's own kind of connection, which may choose its own kind of cursor.
        def cursor(self, *args, **kwargs):
            given = args[1] if len(args) > 1 else kwargs.get("cursor_factory")
            chosen = given or self.cursor_factory or module.extensions.cursor
            if isinstance(chosen, type):
                chosen = traced_cursor(chosen)
            if len(args) > 1:
                return super().cursor(args[0], chosen, *args[2:], **kwargs)
            return super().cursor(*args, **{**kwargs, "cursor_factory": chosen})

    @functools.lru_cache(maxsize=64)
    def traced_connection(kind):
        if issubclass(kind, Traced):
            return kind
        bases = (Traced,) if kind is plain else (kind, Traced)
        return type(kind.__name__, bases, {"__module__": kind.__module__})

    @functools.wraps(connect)
    def traced_connect(dsn=None, connection_factory=None, *args, **kwargs):
        kind = connection_factory or plain
        if isinstance(kind, type):
            kind = traced_connection(kind)
        return connect(dsn, kind, *args, **kwargs)

    module.connect = traced_connect


def _psycopg(module):
    kinds = ("Cursor", "AsyncCursor", "ServerCursor", "AsyncServerCursor")
    for kind in (getattr(module, name, None) for name in kinds):
        for method in ("execute", "executemany", "copy", "stream"):
            if kind is not None and method in vars(kind):
                _replace(kind, method, _texted)


def _psycopg_prepares(module):
    # A text with a trace never comes again: kept out of the counts, it is never prepared under a
    # name here. The gateway takes the comment off and has the text prepared.
    def is_traced(query):
        return _trace.get() is not None and b"traceparent=" in (query.query or b"")

    def get(original):
        @functools.wraps(original)
        def traced(self, query, prepare=None):
            return original(self, query, False if is_traced(query) else prepare)

        return traced

    def add(original):
        @functools.wraps(original)
        def traced(self, query, *args, **kwargs):
            return None if is_traced(query) else original(self, query, *args, **kwargs)

        return traced

    if hasattr(module.PrepareManager, "maybe_add_to_cache"):
        _replace(module.PrepareManager, "get", get)
        _replace(module.PrepareManager, "maybe_add_to_cache", add)


# ---- finding them ----


def _replace(kind, name, wrap):
    original = kind.__dict__.get(name) or getattr(kind, name)
    if not getattr(original, "freshet", False):
        made = wrap(original)
        made.freshet = True
        setattr(kind, name, made)


_WATCHED = {
    "django.core.handlers.wsgi": _django_wsgi,
    "django.core.handlers.asgi": _django_asgi,
    "flask.app": _flask,
    "starlette.applications": _starlette,
    "wsgiref.handlers": _wsgiref,
    "gunicorn.app.base": _gunicorn,
    "psycopg2": _psycopg2,
    "psycopg": _psycopg,
    "psycopg._preparing": _psycopg_prepares,
}


class _Loader(importlib.abc.Loader):
    """The module's own loader; once the module is there, it is changed."""

    def __init__(self, real, change):
        self._real = real
        self._change = change

    def __getattr__(self, name):
        return getattr(self._real, name)

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module):
        # As it would be found without us: some look at it.
        module.__loader__ = module.__spec__.loader = self._real
        self._real.exec_module(module)
        try:
            self._change(module)
        except Exception as e:
            print(f"Freshet can't carry traces through {module.__name__}: {e}", file=sys.stderr)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        change = _WATCHED.get(name)
        if change is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, change)
                return spec
        return None


def _run_shadowed():
    """Python runs one sitecustomize: the one that would have been found without this."""
    here = os.path.dirname(os.path.abspath(__file__))
    rest = [p for p in sys.path if os.path.abspath(p or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


sys.meta_path.insert(0, _Finder())
_run_shadowed()
