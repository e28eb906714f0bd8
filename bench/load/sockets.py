"""A WebSocket server (RFC 6455) that says each text again after a delay drawn anew for each: LEAST to MOST milliseconds, the same sequence each time.

python3 sockets.py PORT LEAST MOST
"""
import asyncio
import base64
import hashlib
import random
import sys

PORT, LEAST, MOST = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
delays = random.Random(7)


class Socket(asyncio.Protocol):
    def __init__(self):
        self.seen = b""
        self.is_open = False

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.seen += data
        if not self.is_open:
            if b"\r\n\r\n" not in self.seen:
                return
            head, self.seen = self.seen.split(b"\r\n\r\n", 1)
            keys = [line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")]
            if not keys:
                self.transport.write(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                self.transport.close()
                return
            accept = base64.b64encode(hashlib.sha1(keys[0] + SUFFIX).digest())
            self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
            self.is_open = True
        # Texts of less than 126 octets only: two octets, the mask, the text.
        while len(self.seen) >= 6 and len(self.seen) >= 6 + (self.seen[1] & 127):
            length = self.seen[1] & 127
            kind, mask, text = self.seen[0] & 15, self.seen[2:6], self.seen[6:6 + length]
            self.seen = self.seen[6 + length:]
            plain = bytes(octet ^ mask[i % 4] for i, octet in enumerate(text))
            frame = bytes([128 | kind, length]) + plain
            if kind == 8:
                self.transport.write(frame)
                self.transport.close()
            else:
                asyncio.get_running_loop().call_later(delays.uniform(LEAST, MOST) / 1e3, self.transport.write, frame)


async def main():
    server = await asyncio.get_running_loop().create_server(Socket, "127.0.0.1", PORT, backlog=8192)
    await server.serve_forever()


asyncio.run(main())
