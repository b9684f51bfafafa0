"""``llm-latency-lens batch``: the requests of a file."""

import json


def test_each_request_has_its_line(lens, asking, tmp_path):
    """By its name, beside the numbers of all."""
    (tmp_path / "requests.jsonl").write_text(
        '"a"\n{"prompt": "b", "metadata": {"name": "second"}}\n'
    )
    done = lens("batch", "requests.jsonl", *asking("m", ttft=5), "--iterations", 3)

    assert (0, "") == (done.code, done.err)
    assert "6 calls" in done.out
    assert "  request: 3 calls  p50" in done.out
    assert "  second: 3 calls  p50" in done.out


def test_json_tells_requests_apart(lens, asking, tmp_path):
    """With their own words."""
    (tmp_path / "requests.json").write_text('["a", {"prompt": "b", "metadata": {"team": "x"}}]')
    done = lens("batch", "requests.json", *asking("m", ttft=5), "--iterations", 2, "--json")
    requests = json.loads(done.out)["requests"]

    assert [({}, 2), ({"team": "x"}, 2)] == [
        (one["metadata"], one["metrics"]["latency_ms"]["n"]) for one in requests
    ]


def test_a_wrong_file_exits_with_2(lens, asking, tmp_path):
    """Before anything is sent."""
    (tmp_path / "requests.jsonl").write_text('"a"\n{}\n')
    done = lens("batch", "requests.jsonl", *asking("m"))

    assert 2 == done.code
    assert "requests.jsonl:2: prompt: Field required" in done.err
