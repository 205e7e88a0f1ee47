"""A wire with a tap: passes connections on to another port, and keeps the bytes of both directions."""

import socket
import threading


class Tap:
    """Listens on a port of the kernel's choice, and connects each connection to `target`."""

    def __init__(self, target):
        self.target = target
        self.lock = threading.Lock()
        self.wires = []
        self.sockets = []
        self.threads = []
        self.running = True
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self._run(self._accept)

    def _run(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with self.lock:
                if not self.running:
                    near.close()
                    far.close()
                    return
                wire = (bytearray(), bytearray())
                self.wires.append(wire)
                self.sockets += [near, far]
            self._run(self._pass, near, far, wire[0])
            self._run(self._pass, far, near, wire[1])

    def _pass(self, source, destination, kept):
        try:
            while data := source.recv(262144):
                kept += data
                destination.sendall(data)
            destination.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, destination):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    @property
    def sent(self):
        """What clients sent, one text for each connection."""
        return [bytes(wire[0]).decode("latin-1") for wire in self.wires]

    @property
    def received(self):
        """What clients were sent, one text for each connection."""
        return [bytes(wire[1]).decode("latin-1") for wire in self.wires]

    def stop(self):
        with self.lock:
            self.running = False
        for end in [self.listener, *self.sockets]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(5)
        for end in [self.listener, *self.sockets]:
            end.close()
        assert not any(thread.is_alive() for thread in self.threads), "a thread of the tap hangs"
