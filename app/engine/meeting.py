"""Where branches that run at the same time meet and go on one by one, so that what follows is done more than once."""

from app.engine.model import Model
from app.engine.net import Join, Net, Station, net_of, order_of, without_blocks

# Which flows can hold tokens at once is worked out in pairs, of what is left when the blocks are taken out.
MAX_FLOWS = 1_500


def met_unjoined(model: Model, scope: str | None) -> tuple[list[str], bool]:
    """Return the nodes of a scope that concurrent branches enter one by one, and whether that was worked out at all.

    Loops are played once, and ends are left out: several tokens may come to one end.
    """
    hosts = {node.attached_to for node in model.within(scope) if node.attached_to is not None and not node.interrupting}
    net = without_blocks(net_of(model, scope), keep=hosts)
    if len(net.target) > MAX_FLOWS:
        return [], False
    return _Flows(model, net).meeting(), True


class _Flows:
    """The flows of a net by number; `beside` has for each one the others that may hold a token at the same time."""

    def __init__(self, model: Model, net: Net) -> None:
        self.model = model
        self.net = net
        self.order = order_of(net)
        self.bit = {flow: 1 << number for number, flow in enumerate(net.target)}
        self.names = list(net.target)
        self.beside = dict.fromkeys(net.target, 0)

    def meeting(self) -> list[str]:
        found = []
        for station in sorted(self.net.stations.values(), key=self._turn):
            ins = self._entering(station)
            several = sum(self.bit[flow] for flow in ins)
            leads_on = station.ways != [()]
            if station.join is Join.ANY and leads_on and any(self.beside[flow] & several for flow in ins):
                found.append(station.id)
            self._spread(station, ins)
        return found

    def _turn(self, station: Station) -> tuple[int, bool]:
        """Come to an event no later than right behind its activity, so that what follows that runs beside it."""
        own, host = (self.order[station.id], False), self.model.nodes[station.id].attached_to
        return own if host is None else min(own, (self.order[host], True))

    def _entering(self, station: Station) -> list[str]:
        """The flows into a station that do not come back to it in a loop."""
        return [flow for flow in station.ins if self.order[self.net.source[flow]] < self.order[station.id]]

    def _spread(self, station: Station, ins: list[str]) -> None:
        around = self._around(station, ins)
        for way in station.ways:
            together = sum(self.bit[flow] for flow in set(way))
            for flow in way:
                self._note(flow, (around | together) & ~self.bit[flow])

    def _around(self, station: Station, ins: list[str]) -> int:
        """The flows that may hold a token while one leaves a station."""
        node = self.model.nodes[station.id]
        holder = self.net.stations.get(node.attached_to or "")
        if holder is not None:
            beside = sum(self.bit[flow] for flow in self.net.outs(holder))
            return beside | self._around(holder, self._entering(holder))
        masks = [self.beside[flow] for flow in ins]
        around = 0
        for number, mask in enumerate(masks):
            around = mask if number == 0 else around | mask if station.join is Join.ANY else around & mask
        return around

    def _note(self, flow: str, others: int) -> None:
        self.beside[flow] |= others
        while others:
            lowest = others & -others
            self.beside[self.names[lowest.bit_length() - 1]] |= self.bit[flow]
            others ^= lowest
