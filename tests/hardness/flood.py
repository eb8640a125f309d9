"""A server's port in, what very many clients at once get out: ``python -m tests.hardness.flood PORT CLIENTS SECONDS``.

A process of its own, so that who looks at the server meanwhile is not held up. Says when it begins, then how it went.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import time
from collections import Counter

import msgspec

from tests.hardness import load
from tests.hardness.load import Client, Failed, Times
from tests.hardness.made import REGIONS

PAUSE = 1.0  # seconds, about, before who was refused asks again: a fifth of what they are told to wait


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    answered: Times
    refused: Times
    statuses: dict[int, int]
    wrong: list[str]

    def told(self) -> list[str]:
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return [f"{counts}; good ones {self.answered.told()}; refusals {self.refused.told()}"]


def questions() -> list[str]:
    """Questions that a thread has to work on, a few milliseconds each."""
    found = [f"/v1/assessments?region={region}&limit={limit}" for region in REGIONS for limit in range(20, 100, 3)]
    found += [f"/v1/discrepancies?region={region}&limit={limit}" for region in REGIONS for limit in range(20, 100, 3)]
    found += [
        f"/v1/observations?region={region}&fields=id,value,quote&limit={limit}"
        for region in REGIONS
        for limit in range(20, 100, 3)
    ]
    return found


async def flood(port: int, clients: int, seconds: float) -> Flood:
    """Very many clients, none of which waits as long as it is told to."""
    right = {}
    with Client(port) as first:
        for target in questions():
            right[target] = hashlib.sha256((await first.ask(target)).body).digest()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    answered, refused, statuses, wrong = Times([]), Times([]), Counter[int](), list[str]()
    end = time.monotonic() + seconds

    async def one(number: int) -> None:
        chance, client = random.Random(number), Client(port)  # noqa: S311
        await asyncio.sleep(2 * chance.random())  # they do not come all at one moment
        while time.monotonic() < end:
            target = chance.choice(list(right))
            try:
                answer = await client.ask(target)
            except Failed as error:
                wrong.append(str(error))
                continue
            statuses[answer.status] += 1
            if answer.status == 503 and "retry-after" in answer.headers:
                refused.taken.append(answer.seconds)
                await asyncio.sleep(PAUSE * (0.5 + chance.random()))
            elif answer.status == 200 and hashlib.sha256(answer.body).digest() == right[target]:
                answered.taken.append(answer.seconds)
            else:
                wrong.append(f"{target}: {answer.status}, {len(answer.body)} bytes")
        client.close()

    await load.at_once(clients, one)
    return Flood(answered=answered, refused=refused, statuses=dict(statuses), wrong=wrong[:10])


if __name__ == "__main__":
    asked, many, long = sys.argv[1:]
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(flood(int(asked), int(many), float(long)))))
