"""A WebSocket app on Python's `websockets`: echoes what it is sent, and serves a page that opens one."""

import asyncio
import http
import threading

import websockets

PAGE = """<!DOCTYPE html><title>waiting</title><script>
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
socket.onopen = () => socket.send('from the page');
socket.onmessage = (message) => { document.title = message.data; };
socket.onclose = () => { document.title = 'closed'; };
</script>"""


class WebSocketApp:
    def __init__(self):
        self.heads = []
        self.closed = []
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._start())
        self.ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(self._stop())
        self.loop.close()

    async def _start(self):
        self.server = await websockets.serve(self._serve, "127.0.0.1", 0, process_request=self._request, max_size=None, ping_interval=None)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _stop(self):
        self.server.close()
        await self.server.wait_closed()

    async def _request(self, path, headers):
        self.heads.append((path, headers))
        if "Upgrade" not in headers:
            return http.HTTPStatus.OK, [("Content-Type", "text/html")], PAGE.encode()

    async def _serve(self, socket):
        try:
            async for message in socket:
                await socket.send(message)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.closed.append(socket.close_code)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        assert not self.thread.is_alive()
