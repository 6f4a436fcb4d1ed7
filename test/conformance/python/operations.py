"""Makes the calls of test/conformance/sdk-operations.test.ts with the official Python SDK: reads one a line, and writes
what the SDK made of the answer on a line."""

import json
import sys
from typing import Any, Iterator

from anthropic import Anthropic, APIStatusError
from anthropic.resources.beta.environments import Work
from pydantic import BaseModel


def client_of(call: dict[str, Any]) -> Anthropic:
    key = {"auth_token": call["environment_key"]} if call.get("environment_key") else {"api_key": call["api_key"]}
    return Anthropic(base_url=call["url"], max_retries=call.get("retries", 0), **key)


def methods_of(work: Work) -> list[str]:
    return [name for name in dir(work) if not name.startswith("_")]


def send(work: Work, call: dict[str, Any]) -> Any:
    """The object of the answer, or all of a list."""
    environment = call["environment"]
    match call["operation"]:
        case "list":
            return list(work.list(environment))
        case "retrieve":
            return work.retrieve(call["work"], environment_id=environment)
        case "update":
            return work.update(call["work"], environment_id=environment, metadata=call["metadata"])
        case "ack":
            return work.ack(call["work"], environment_id=environment)
        case "heartbeat":
            expected = call["expected_last_heartbeat"]
            return work.heartbeat(call["work"], environment_id=environment, expected_last_heartbeat=expected)
        case "stop":
            return work.stop(call["work"], environment_id=environment, force=call["force"])
        case "poll":
            return work.poll(environment, anthropic_worker_id=call["worker_id"])
        case "stats":
            return work.stats(environment)
    raise ValueError(f"no operation {call['operation']}")


def undeclared(model: BaseModel, path: str = "") -> Iterator[str]:
    """Fields of the answer that its type does not declare."""
    yield from (path + name for name in model.model_extra or {})
    for name, value in model:
        if isinstance(value, BaseModel):
            yield from undeclared(value, f"{path}{name}.")


def missing(model: BaseModel, path: str = "") -> Iterator[str]:
    """Fields that the type declares and the answer lacks."""
    yield from (path + name for name in type(model).model_fields if name not in model.model_fields_set)
    for name, value in model:
        if isinstance(value, BaseModel):
            yield from missing(value, f"{path}{name}.")


def outcome_of(call: dict[str, Any]) -> dict[str, Any]:
    with client_of(call) as client:
        work = client.beta.environments.work
        if call["operation"] == "methods":
            return {"answer": methods_of(work), "undeclared": [], "missing": []}
        try:
            answer = send(work, call)
        except APIStatusError as error:
            return {"error": failure_of(error)}
    models = answer if isinstance(answer, list) else [answer] if answer is not None else []
    shown = [json.loads(model.to_json()) for model in models]
    return {
        "answer": shown if isinstance(answer, list) else next(iter(shown), None),
        "undeclared": [name for model in models for name in undeclared(model)],
        "missing": [name for model in models for name in missing(model)],
    }


def failure_of(error: APIStatusError) -> dict[str, Any]:
    return {
        "class": type(error).__name__,
        "status": error.status_code,
        "type": error.type,
        "code": error.error_code or "",
        "message": error.api_message,
        "retry_after": error.response.headers.get("retry-after", ""),
        "request_id": error.request_id,
    }


for line in sys.stdin:
    print(json.dumps(outcome_of(json.loads(line))), flush=True)
