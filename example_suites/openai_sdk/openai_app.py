"""A small application on the OpenAI SDK: answers, and an agent that looks something up."""

import json

PLANNER = "gpt-4.1-mini"
ANSWERER = "gpt-4o-mini"

OPENING_HOURS = {
    "type": "function",
    "function": {
        "name": "opening_hours",
        "description": "Opening hours of the shop on one day of the week.",
        "parameters": {
            "type": "object",
            "properties": {"day": {"type": "string"}},
            "required": ["day"],
        },
    },
}


def answer(client, question, notes=""):
    """Answer in a few words, as a stream of pieces."""
    stream = client.chat.completions.create(
        model=ANSWERER,
        messages=[
            {"role": "system", "content": f"Answer in one short sentence. {notes}"},
            {"role": "user", "content": question},
        ],
        max_completion_tokens=60,
        stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in stream:
        if chunk.choices and (piece := chunk.choices[0].delta.content):
            yield piece


def ask_shop(client, question):
    """Let one model choose what to look up, look it up, and let another one answer."""
    plan = client.chat.completions.create(
        model=PLANNER,
        messages=[{"role": "user", "content": question}],
        tools=[OPENING_HOURS],
        tool_choice="required",
        max_completion_tokens=60,
    )
    notes = [look_up(call.function) for call in plan.choices[0].message.tool_calls or ()]
    return "".join(answer(client, question, notes=" ".join(notes)))


def look_up(function):
    """Do what the model asked for."""
    day = json.loads(function.arguments or "{}").get("day", "")
    return f"On {day} the shop is open from 10 to 16." if day else "The shop is open every day."
