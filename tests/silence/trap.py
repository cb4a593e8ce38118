"""Runs a command in a network of its own, in which every packet is seen: `unshare [-r] -n python trap.py CMD ...`.

Every address is this machine: a name server of ours answers every question, whoever it is addressed to, and a raw
socket on the loopback sees whatever any process of the tree sends, in any language, to any port. Prints one JSON
object: the command's exit code and output, the names asked for, the packets. Exits with 3 if the machine does not
allow such a network.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading

MARK = b"the command has ended"
ETH_P_ALL, IPV4, IPV6 = 3, 0x0800, 0x86DD
UDP = 17


def every_address_is_here():
    """Bring the loopback up and route all there; False if that is not allowed."""
    commands = ("link set lo up", "route add local 0.0.0.0/0 dev lo")
    try:
        done = [subprocess.run(["ip", *command.split()], capture_output=True, check=False) for command in commands]
        subprocess.run(["ip", "-6", "route", "add", "local", "::/0", "dev", "lo"], capture_output=True, check=False)
    except OSError:
        return False
    return all(command.returncode == 0 for command in done)


def destination(frame):
    """Return (protocol, address, port, payload) of an Ethernet frame; None for what is not IP."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    packet = frame[14:]
    if kind == IPV4:
        protocol, head, address = packet[9], (packet[0] & 15) * 4, socket.inet_ntoa(packet[16:20])
    elif kind == IPV6:
        protocol, head, address = packet[6], 40, socket.inet_ntop(socket.AF_INET6, packet[24:40])
    else:
        return None
    port = struct.unpack_from("!H", packet, head + 2)[0] if len(packet) >= head + 4 else 0
    return protocol, address, port, packet[head + 8 :]


def sniff(raw, seen, ended):
    """Note every packet on its way in (the loopback shows each twice) until the mark comes."""
    while True:
        frame, (_, _, direction, *_) = raw.recvfrom(65536)
        found = destination(frame)
        if found is None or direction == socket.PACKET_OUTGOING:
            continue
        protocol, address, port, payload = found
        if protocol == UDP and payload == MARK:
            ended.set()
            return
        seen.append((protocol, address, port))


def name_server(asked):
    """Answer every question for an address with one of a documentation network (RFC 5737)."""
    try:
        server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.bind(("::", 53))
    except OSError:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("0.0.0.0", 53))

    def serve():
        while True:
            question, client = server.recvfrom(2048)
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1 : at + 1 + question[at]].decode("latin-1"))
                at += question[at] + 1
            asked.append(".".join(labels))
            (kind,) = struct.unpack_from("!H", question, at + 1)
            answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\xc6\x33\x64\x01" if kind == 1 else b""
            counts = struct.pack("!HHHH", 1, 1 if answer else 0, 0, 0)
            server.sendto(question[:2] + b"\x81\x80" + counts + question[12 : at + 5] + answer, client)

    threading.Thread(target=serve, daemon=True).start()


def main():
    seen, asked, ended = [], [], threading.Event()
    try:
        allowed = every_address_is_here()
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    except OSError:
        allowed = False
    if not allowed:
        sys.exit(3)
    raw.bind(("lo", 0))
    name_server(asked)
    threading.Thread(target=sniff, args=(raw, seen, ended), daemon=True).start()
    done = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marker:
        marker.sendto(MARK, ("127.0.0.1", 9))
    if not ended.wait(10):
        sys.exit("the trap is blind")
    found = {"code": done.returncode, "out": done.stdout, "err": done.stderr}
    print(json.dumps({**found, "names": sorted(set(asked)), "packets": sorted(set(seen))}))


if __name__ == "__main__":
    main()
