"""The official Python worker, unmodified, against a running simulator: claim, run, stop, and the wedge.

    pip install anthropic==2.13.0
    npx anthropic-work-exporter simulate --scenario idle --json    # in another terminal
    python test/conformance/python/worker.py URL API_KEY ENVIRONMENT_ID ENVIRONMENT_KEY
"""

import asyncio
import json
import sys
import urllib.request

from anthropic import AsyncAnthropic

url, api_key, environment_id, environment_key = sys.argv[1:5]


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_sim/{path}", data, {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def truth():
    return control("truth?sessions_after=0")["environments"][environment_id]


async def until(condition):
    for _ in range(300):
        if condition(truth()):
            return
        await asyncio.sleep(0.1)
    sys.exit(f"not reached: {truth()}")


async def main():
    client = AsyncAnthropic(base_url=url, api_key=api_key, max_retries=0)
    worker = client.beta.environments.work.worker(
        environment_id=environment_id, environment_key=environment_key, tools=[], max_idle=1.0
    )
    running = asyncio.create_task(worker.run())
    stopped = truth()["totals"]["stopped"]
    control("items", {"environment_id": environment_id})
    await until(lambda seen: seen["totals"]["stopped"] == stopped + 1)
    print("claimed, ran and stopped an item")
    control("items", {"environment_id": environment_id, "conduct": "awaits-approval"})
    await until(lambda seen: seen["sessions"]["waiting"].get("requires_action") == 1 and seen["items"]["active"] == 1)
    print("holds the item of a session that waits for an approval, and sends heartbeats")
    running.cancel()


asyncio.run(main())
