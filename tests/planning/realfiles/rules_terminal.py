"""The same for the other tools of the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.planning.realfiles.ruling import Rule, entry, headers, slot, wrong
from tests.planning.realfiles.syntax import MODEL, get, item, read


def aichat(home: Path) -> Rule:
    folder = home / ".config/aichat"
    config, env = read(folder / "config.yaml"), read(folder / ".env")
    provider, _, model = str(env.get("AICHAT_MODEL") or config.get("model")).partition(":")
    clients = [each for each in config.get("clients", []) if provider in (each.get("name"), each.get("type"))]
    client = clients[0] if clients else {}
    yield from entry(provider, client.get("api_base"), env.get("VSEGPT_API_KEY") or client.get("api_key"))
    if not item(client.get("models"), name=model):
        yield f"{model} is none of its models"
    for asked in get(client, "patch", "chat_completions", default={}).values():
        yield from slot("patch.url", asked.get("url"), "https://api.vsegpt.ru")
        yield from headers("patch.headers", asked.get("headers"))
    for name in ("rag_embedding_model", "rag_reranker_model"):
        yield from slot(name, config.get(name), "vsegpt:")
    for name in ("cmd_prelude", "repl_prelude"):
        yield from slot(name, config.get(name), "-")


def aicommits(home: Path) -> Rule:
    config = read(home / ".aicommits")
    yield from entry("it", config.get("OPENAI_BASE_URL"), config.get("OPENAI_API_KEY"))
    yield from wrong("OPENAI_MODEL", config.get("OPENAI_MODEL"), MODEL)


def elia(home: Path) -> Rule:
    config = read(home / ".config/elia/config.toml")
    model = item(config.get("models"), id=config.get("default_model"))
    yield from entry(str(config.get("default_model")), model.get("api_base"), model.get("api_key"))


def fabric(home: Path) -> Rule:
    config = read(home / ".config/fabric/.env")
    yield from wrong("DEFAULT_VENDOR", config.get("DEFAULT_VENDOR"), "LiteLLM")
    yield from wrong("DEFAULT_MODEL", config.get("DEFAULT_MODEL"), MODEL)
    yield from entry("LiteLLM", config.get("LITELLM_API_BASE_URL"), config.get("LITELLM_API_KEY"))
    for name, value in config.items():
        if name.startswith("FABRIC_MODEL_"):
            yield from slot(name, value, "LiteLLM|")


def gpt_cli(home: Path) -> Rule:
    config = read(home / ".config/gpt-cli/gpt.yml")
    found = get(config, "assistants", config.get("default_assistant", ""), default={})
    yield from entry("it", found.get("openai_base_url_override"), found.get("openai_api_key_override"))
    yield from wrong("model", found.get("model"), f"oai-compat:{MODEL}")


def gptcommit(home: Path) -> Rule:
    config = read(home / ".config/gptcommit/config.toml")
    yield from wrong("model_provider", config.get("model_provider"), "openai")
    yield from entry("openai", get(config, "openai", "api_base"), get(config, "openai", "api_key"))
    model = str(get(config, "openai", "model"))
    if not model.startswith(("gpt-4", "gpt-3.5-turbo")):
        yield f"{model} is asked for by another API"


def mods(home: Path) -> Rule:
    config = read(home / ".config/mods/mods.yml")
    api = get(config, "apis", config.get("default-api", ""), default={})
    yield from entry(str(config.get("default-api")), api.get("base-url"), api.get("api-key"))
    if config.get("default-model") not in api.get("models", {}):
        yield "the model is none of its models"


def opencommit(home: Path) -> Rule:
    config = read(home / ".opencommit")
    yield from wrong("OCO_AI_PROVIDER", config.get("OCO_AI_PROVIDER"), "openai")
    yield from wrong("OCO_MODEL", config.get("OCO_MODEL"), MODEL)
    yield from entry("it", config.get("OCO_API_URL"), config.get("OCO_API_KEY"))
    yield from headers("OCO_API_CUSTOM_HEADERS", config.get("OCO_API_CUSTOM_HEADERS"))


def shell_gpt(home: Path) -> Rule:
    config = read(home / ".config/shell_gpt/.sgptrc")
    yield from wrong("USE_LITELLM", config.get("USE_LITELLM"), "false")
    yield from wrong("DEFAULT_MODEL", config.get("DEFAULT_MODEL"), MODEL)
    yield from entry("it", config.get("API_BASE_URL"), config.get("OPENAI_API_KEY"))
    for name in ("OPENAI_BASE_URL", "OPENAI_API_HOST"):  # an older version's
        yield from slot(name, config.get(name), "https://api.vsegpt.ru")


def smartcat(home: Path) -> Rule:
    folder = home / ".config/smartcat"
    apis, prompts = read(folder / ".api_configs.toml"), read(folder / "prompts.toml")
    for name, prompt in prompts.items():
        api = apis.get(prompt.get("api"), {})
        yield from entry(f"{name}: {prompt.get('api')}", api.get("url"), api.get("api_key"))
        yield from wrong(f"{name}: model", prompt.get("model") or api.get("default_model"), MODEL)
