"""An ordinary app on one of several frameworks: it knows nothing of traces."""

import json
import queue
import socketserver
import sys
import wsgiref.simple_server

import queries


def plain(environ, start_response):
    n = environ["QUERY_STRING"].split("n=")[1]
    start_response("200 OK", [("Content-Type", "application/json")])
    if environ["PATH_INFO"] == "/stream":
        return queries.stream(n)
    return [json.dumps(queries.ROUTES[environ["PATH_INFO"]](n)).encode()]


def flask_app():
    import flask

    app = flask.Flask(__name__)

    @app.get("/stream")
    def stream():
        return flask.Response(queries.stream(flask.request.args["n"]))

    @app.get("/<name>")
    def any_route(name):
        return flask.jsonify(queries.ROUTES["/" + name](flask.request.args["n"]))

    return app


class Threaded(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 100


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass


def serve(app):
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, app, Threaded, Quiet)
    print("listening", server.server_port, flush=True)
    server.serve_forever()


def serve_flask():
    import werkzeug.serving

    server = werkzeug.serving.make_server("127.0.0.1", 0, flask_app(), threaded=True)
    print("listening", server.server_port, flush=True)
    server.serve_forever()


def serve_asgi(app):
    import asyncio
    import socket
    import uvicorn

    bound = socket.create_server(("127.0.0.1", 0), backlog=100)
    print("listening", bound.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="error", lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[bound]))


def serve_gunicorn():
    import gunicorn.app.base

    class Server(gunicorn.app.base.BaseApplication):
        def load_config(self):
            self.cfg.set("bind", "127.0.0.1:0")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 4)
            self.cfg.set("loglevel", "error")
            self.cfg.set("when_ready", self.say)

        def say(self, arbiter):
            print("listening", arbiter.LISTENERS[0].sock.getsockname()[1], flush=True)

        def load(self):
            return plain

    Server().run()


if __name__ == "__main__":
    kind = sys.argv[1]
    if kind == "plain":
        serve(plain)
    elif kind == "flask":
        serve_flask()
    elif kind == "gunicorn":
        serve_gunicorn()
    elif kind == "django":
        import django_site

        serve(django_site.wsgi())
    elif kind == "django-asgi":
        import django_site

        serve_asgi(django_site.asgi())
    elif kind == "starlette":
        import starlette_site

        serve_asgi(starlette_site.app)
