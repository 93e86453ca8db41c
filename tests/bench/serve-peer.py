"""serve-peer.py TABLE POLICY_SOCKET TCP_PORT - what people write today: a policy service and a
tcp_table(5) in one asyncio loop, from a dictionary of domains."""
import asyncio
import sys

relays = {}


class Policy(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.left = b""

    def data_received(self, data):
        *requests, self.left = (self.left + data).split(b"\n\n")
        for request in requests:
            values = dict(line.partition(b"=")[::2] for line in request.split(b"\n"))
            relay = relays.get(values[b"recipient"].rpartition(b"@")[2].lower())
            action = b"DUNNO" if relay is None else b"FILTER smtp:[" + relay + b"]:25"
            self.transport.write(b"action=" + action + b"\n\n")


class Table(Policy):
    def data_received(self, data):
        *requests, self.left = (self.left + data).split(b"\n")
        for request in requests:
            relay = relays.get(request.removeprefix(b"get ").lower())
            answer = b"500 none" if relay is None else b"200 smtp:[" + relay + b"]:25"
            self.transport.write(answer + b"\n")


async def main(table, policy, port):
    with open(table, "rb") as lines:
        for line in lines:
            name, relay = line.split()
            relays[name] = relay
    loop = asyncio.get_running_loop()
    await loop.create_unix_server(Policy, policy)
    await loop.create_server(Table, "127.0.0.1", int(port))
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
