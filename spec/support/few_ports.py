"""Answers on port 8088 of two addresses; a request for /more gets an answer too many.

Port 8089 answers when one of these has been sent."""

import socket
import threading


def answer(text):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)


def converse(connection):
    pending = b""
    while data := connection.recv(65536):
        pending += data
        while b"\r\n\r\n" in pending:
            request, pending = pending.split(b"\r\n\r\n", 1)
            connection.sendall(answer(b"own"))
            if request.startswith(b"GET /more "):
                threading.Event().wait(0.05)
                connection.sendall(answer(b"foreign"))
                left.release()


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=converse, args=(connection,), daemon=True).start()


def report(listener):
    connection, _ = listener.accept()
    while connection.recv(65536):
        left.acquire()
        connection.sendall(answer(b"left"))


left = threading.Semaphore(0)
threading.Thread(target=report, args=(socket.create_server(("127.0.0.1", 8089)),), daemon=True).start()
listeners = [socket.create_server((host, 8088), backlog=100) for host in ("127.0.0.2", "127.0.0.1")]
threading.Thread(target=serve, args=(listeners[1],), daemon=True).start()
serve(listeners[0])
