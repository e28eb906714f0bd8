"""An HTTP server that answers after a delay drawn anew for each request: LEAST to MOST milliseconds, the same sequence each time.

python3 stub.py PORT LEAST MOST
"""
import asyncio
import random
import sys

PORT, LEAST, MOST = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + b'{"hello": "a world"}'
delays = random.Random(7)


class Stub(asyncio.Protocol):
    def __init__(self):
        self.seen = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.seen += data
        while b"\r\n\r\n" in self.seen:
            _, self.seen = self.seen.split(b"\r\n\r\n", 1)
            delay = delays.uniform(LEAST, MOST) / 1e3
            if delay:
                asyncio.get_running_loop().call_later(delay, self.transport.write, ANSWER)
            else:
                self.transport.write(ANSWER)


async def main():
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", PORT, backlog=1000)
    await server.serve_forever()


asyncio.run(main())
