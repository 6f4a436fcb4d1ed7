"""The official Python worker, unmodified, as the program that test/conformance/official-workers.test.ts starts: it takes
the address, the environment's id and the seconds that a session may be idle, and the key from the environment."""

import asyncio
import json
import os
import signal
import sys

from anthropic import AsyncAnthropic, beta_async_tool


@beta_async_tool
async def echo(text: str) -> str:
    """Says it again."""
    return json.dumps({"text": text})


async def main() -> None:
    url, environment_id, idle_seconds = sys.argv[1:4]
    key = os.environ["ANTHROPIC_ENVIRONMENT_KEY"]
    client = AsyncAnthropic(base_url=url, auth_token=key, max_retries=0)
    worker = client.beta.environments.work.worker(
        environment_id=environment_id, environment_key=key, tools=[echo], max_idle=float(idle_seconds)
    )
    running = asyncio.create_task(worker.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        pass


asyncio.run(main())
