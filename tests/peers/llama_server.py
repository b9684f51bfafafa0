"""
A server with real inference: llama.cpp's own, or that of llama-cpp-python.

It runs in an environment of its own, as ``python llama_server.py NAME PORT``. The model has two
layers of random numbers and a token for each byte: it says nothing, token by token.
"""

import sys
import time
from pathlib import Path

import gguf
import numpy as np

_WIDTH, _INNER, _HEADS, _LAYERS, _CONTEXT = 64, 128, 4, 2, 2048
_HOUR_S = 3600


def write_model(path):
    """Write the model to *path*, in the layout of a Llama."""
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581"]
    kinds = gguf.TokenType
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * len(words))
    writer.add_token_types(
        [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256, kinds.NORMAL]
    )
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for each in messages %}{{ each.content }}{% endfor %}")
    _add_layers(writer, len(words))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_layers(writer, words):
    random = np.random.default_rng(1)

    def add(name, *shape):
        values = random.standard_normal(shape) * 0.1 if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(f"{name}.weight", values.astype(np.float32))

    add("token_embd", words, _WIDTH)
    add("output_norm", _WIDTH)
    add("output", words, _WIDTH)
    for number in range(_LAYERS):
        layer = f"blk.{number}"
        add(f"{layer}.attn_norm", _WIDTH)
        add(f"{layer}.ffn_norm", _WIDTH)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{layer}.{part}", _WIDTH, _WIDTH)
        add(f"{layer}.ffn_gate", _INNER, _WIDTH)
        add(f"{layer}.ffn_up", _INNER, _WIDTH)
        add(f"{layer}.ffn_down", _WIDTH, _INNER)


def _serve_llama_cpp(model, port):
    import xllamacpp  # noqa: PLC0415 - one of the two is installed

    settings = xllamacpp.CommonParams()
    settings.model.path = str(model)
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.n_ctx = _CONTEXT
    settings.n_parallel = 1
    settings.cpuparams.n_threads = 1
    settings.embedding = True
    settings.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    # Held, since it stops when it is dropped.
    server = xllamacpp.Server(settings)
    while server:
        time.sleep(_HOUR_S)


def _serve_llama_cpp_python(model, port):
    import uvicorn  # noqa: PLC0415 - one of the two is installed
    from llama_cpp.server import app, settings  # noqa: PLC0415 - as above

    served = settings.ModelSettings(
        model=str(model), n_ctx=_CONTEXT, n_threads=1, chat_format="chatml", embedding=False
    )
    made = app.create_app(
        server_settings=settings.ServerSettings(host="127.0.0.1", port=port),
        model_settings=[served],
    )
    made.add_api_route("/health", lambda: {"status": "ok"})
    uvicorn.run(made, host="127.0.0.1", port=port)


if __name__ == "__main__":
    where = Path.cwd() / "tiny.gguf"
    write_model(where)
    serve = {"llama.cpp": _serve_llama_cpp, "llama-cpp-python": _serve_llama_cpp_python}
    serve[sys.argv[1]](where, int(sys.argv[2]))
