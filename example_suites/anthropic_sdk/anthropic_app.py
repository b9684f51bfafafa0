"""A small async application on the Anthropic SDK: replies to mail, and an agent that files it."""

MODEL = "claude-haiku-4-5"
ROUTER = "claude-sonnet-4-6"

FILE_TICKET = {
    "name": "file_ticket",
    "description": "Hand a letter to the team that deals with it.",
    "input_schema": {
        "type": "object",
        "properties": {"team": {"type": "string", "enum": ["billing", "shipping", "other"]}},
        "required": ["team"],
    },
}


async def reply(client, letter, team="support"):
    """Reply in a few words, as a stream of pieces."""
    async with client.messages.stream(
        model=MODEL,
        max_tokens=60,
        system=f"Reply in one short sentence, in the name of the {team} team.",
        messages=[{"role": "user", "content": letter}],
    ) as stream:
        async for piece in stream.text_stream:
            yield piece


async def handle(client, letter):
    """Let one model choose the team, and another one write in its name."""
    routed = await client.messages.create(
        model=ROUTER,
        max_tokens=60,
        tools=[FILE_TICKET],
        tool_choice={"type": "any"},
        messages=[{"role": "user", "content": letter}],
    )
    calls = [block.input for block in routed.content if block.type == "tool_use"]
    team = calls[0].get("team", "other") if calls else "other"
    return team, "".join([piece async for piece in reply(client, letter, team)])
