"""A disk for QEMU that can be made to answer late: a server of the NBD protocol (its doc/proto.md) for one
machine. QEMU waits for what is under way when the guest resets a disk: so it does answer in the end."""

import os
import socket
import struct
import threading
import time

NEW_STYLE, OPTION, OPTION_REPLY = b"NBDMAGICIHAVEOPT", b"IHAVEOPT", 0x3E889045565A9
REQUEST, REPLY = 0x25609513, 0x67446698
EXPORT_NAME, GO = 1, 7
ACK, INFO, UNSUPPORTED = 1, 3, 1 << 31 | 1
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
EINVAL = 22
HAS_FLAGS_AND_FLUSH = 1 | 4


class SlowDisk:
    """Serves `data` at the socket `path`; each answer `delay` seconds late, which may be changed."""

    def __init__(self, folder, data):
        self.path, self.data, self.delay = os.path.join(str(folder), "nbd"), bytearray(data), 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def node(self):
        """For -blockdev."""
        return {"driver": "nbd", "server": {"type": "unix", "path": self.path}}

    def _serve(self):
        connection = self._listener.accept()[0]
        with connection, connection.makefile("rb") as incoming:
            try:
                connection.sendall(NEW_STYLE + struct.pack(">H", 3))  # fixed; no 124 zeros
                incoming.read(4)
                while self._negotiate(connection, incoming):
                    pass
                while self._answer(connection, incoming):
                    pass
            except OSError:  # QEMU has ended
                pass

    def _negotiate(self, connection, incoming):
        """One option; False: requests come next."""
        magic, option, length = struct.unpack(">8sII", incoming.read(16))
        assert magic == OPTION
        incoming.read(length)

        def reply(kind, data=b""):
            connection.sendall(struct.pack(">QIII", OPTION_REPLY, option, kind, len(data)) + data)

        export = struct.pack(">QH", len(self.data), HAS_FLAGS_AND_FLUSH)
        if option == EXPORT_NAME:
            connection.sendall(export)
            return False
        if option != GO:
            reply(UNSUPPORTED)
            return True
        reply(INFO, struct.pack(">H", 0) + export)
        reply(ACK)
        return False

    def _answer(self, connection, incoming):
        header = incoming.read(28)
        if len(header) < 28:
            return False
        magic, _, kind, handle, offset, length = struct.unpack(">IHHQQI", header)
        assert magic == REQUEST
        if kind == DISCONNECT:
            return False
        written = incoming.read(length) if kind == WRITE else b""
        time.sleep(self.delay)
        if kind == WRITE:
            self.data[offset:offset + length] = written
        error = 0 if kind in (READ, WRITE, FLUSH) else EINVAL
        data = self.data[offset:offset + length] if kind == READ else b""
        connection.sendall(struct.pack(">IIQ", REPLY, error, handle) + data)
        return True
