"""A Django site of one file."""

import os

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for a test",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ["PGPASSWORD"],
            "DISABLE_SERVER_SIDE_CURSORS": False,
        }
    },
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402
from django.http import JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Item(models.Model):
    name = models.TextField()

    class Meta:
        app_label = "site"
        db_table = "item"


class Visit(models.Model):
    n = models.TextField(primary_key=True)

    class Meta:
        app_label = "site"
        db_table = "visit"


def marked(n):
    return Item.objects.extra(select={"n": "%s"}, select_params=[n])


def orm(request):
    n = request.GET["n"]
    with transaction.atomic():
        Visit.objects.create(n=n)
        found = list(Visit.objects.filter(n=n).values_list("n", flat=True))
        Visit.objects.filter(n=n).delete()
    rows = list(marked(n).filter(id__lte=3).order_by("id").values("id", "n"))
    chunks = [item.id for item in marked(n).order_by("id").iterator(chunk_size=7)]
    with connection.cursor() as cursor:
        cursor.execute("select %s::text as raw", [n])
        raw = cursor.fetchone()
    return JsonResponse([found, rows, chunks, raw], safe=False)


def stream(request):
    n = request.GET["n"]

    def parts():
        yield "["
        yield str(marked(n).get(id=4).name)
        yield "]"

    return StreamingHttpResponse(parts())


urlpatterns = [path("orm", orm), path("stream", stream)]


def wsgi():
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def asgi():
    from django.core.asgi import get_asgi_application

    return get_asgi_application()
