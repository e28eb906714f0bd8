"""An asynchronous app on psycopg's own asynchronous connections."""

import psycopg
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

import queries


async def async_route(request):
    n = request.query_params["n"]
    async with await psycopg.AsyncConnection.connect("") as c:
        first = await (await c.execute(queries.ITEM, (n,))).fetchall()
        async with c.cursor("named_cursor") as cursor:
            await cursor.execute("select id, %s::text from item order by id", (n,))
            named = len(await cursor.fetchmany(5))
        async with c.cursor() as cursor:
            async with cursor.copy("copy (select %s::text) to stdout", (n,)) as copy:
                copied = b"".join([bytes(part) async for part in copy]).decode()
        return JSONResponse([[list(r) for r in first], named, copied])


async def threaded(request):
    return JSONResponse(await run_in_threadpool(queries.psycopg2_plain, request.query_params["n"]))


async def stream(request):
    return StreamingResponse(queries.stream(request.query_params["n"]))


app = Starlette(
    routes=[Route("/async", async_route), Route("/threaded", threaded), Route("/stream", stream)]
)
