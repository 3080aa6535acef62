"""Answers on port 8088 of two addresses; on the second, each connection gets one answer more than asked for."""

import socket
import threading


def answer(text):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)


def converse(connection, foreign):
    first, pending = True, b""
    while data := connection.recv(65536):
        pending += data
        while b"\r\n\r\n" in pending:
            pending = pending.split(b"\r\n\r\n", 1)[1]
            connection.sendall(answer(b"own"))
            if foreign and first:
                threading.Event().wait(0.05)
                connection.sendall(answer(b"foreign"))
            first = False


def serve(listener, foreign):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=converse, args=(connection, foreign), daemon=True).start()


listeners = [socket.create_server((host, 8088), backlog=100) for host in ("127.0.0.2", "127.0.0.1")]
threading.Thread(target=serve, args=(listeners[1], False), daemon=True).start()
serve(listeners[0], True)
