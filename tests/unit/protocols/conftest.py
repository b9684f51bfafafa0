"""What is asked of protocols in the order in which capture asks it."""

import pytest


@pytest.fixture
def recognises():
    """Return how to ask whether a POST to a host that nobody named is a call."""

    def ask(protocol, path, body):
        return protocol.is_call("POST", path) and protocol.recognises(protocol.read_body(body))

    return ask


@pytest.fixture
def read_request():
    """Return how to read what a request asks for."""

    def read(protocol, body, path=""):
        return protocol.read_request(protocol.read_body(body), path)

    return read
