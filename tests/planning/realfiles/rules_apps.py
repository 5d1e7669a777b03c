"""The same for editors, servers and their web pages: what goes elsewhere at the next request.

Where a person chooses among several services in a menu, the rule is about the entry that is VseGPT's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.planning.realfiles.ruling import Rule, entry, headers, slot, wrong
from tests.planning.realfiles.syntax import MODEL, get, is_ours, item, read

PLUGINS = "vault/.obsidian/plugins"


def anse(home: Path) -> Rule:
    env = read(home / "project/.env") | read(home / "project/.env.local")
    yield from entry("it", env.get("OPENAI_API_BASE_URL"), env.get("OPENAI_API_KEY"))
    yield from wrong("model", env.get("OPENAI_API_MODEL"), MODEL)


def chat_ui(home: Path) -> Rule:
    env = read(home / "project/.env.local")
    yield from entry("it", env.get("OPENAI_BASE_URL"), env.get("OPENAI_API_KEY"))
    yield from slot("MODELS", env.get("MODELS"), "-")  # older ones take the address from there
    yield from slot("TRANSCRIPTION_BASE_URL", env.get("TRANSCRIPTION_BASE_URL"), "https://api.vsegpt.ru")


def docsgpt(home: Path) -> Rule:
    env = read(home / "project/.env")
    yield from wrong("LLM_PROVIDER", env.get("LLM_PROVIDER"), "openai")
    yield from wrong("LLM_NAME", env.get("LLM_NAME"), MODEL)
    yield from entry("it", env.get("OPENAI_BASE_URL"), env.get("OPENAI_API_KEY") or env.get("API_KEY"))
    yield from slot("fallback", env.get("FALLBACK_LLM_PROVIDER"), "-")
    yield from slot("embeddings", env.get("EMBEDDINGS_BASE_URL"), "https://api.vsegpt.ru")


def gpt_researcher(home: Path) -> Rule:
    env = read(home / "project/.env")
    yield from entry("it", env.get("OPENAI_BASE_URL"), env.get("OPENAI_API_KEY"))
    for name in ("FAST_LLM", "SMART_LLM", "STRATEGIC_LLM"):
        yield from wrong(name, env.get(name), f"openai:{MODEL}")
    yield from slot("LLM_PROVIDER", env.get("LLM_PROVIDER"), "openai")
    yield from slot("EMBEDDING", env.get("EMBEDDING"), "custom:", *_starting(env, "EMBEDDING", "openai:"))
    kwargs = json.loads(env.get("LLM_KWARGS") or "{}")
    for name in ("base_url", "openai_api_base"):
        yield from slot(name, kwargs.get(name), "https://api.vsegpt.ru")


def _starting(env: dict[str, str], name: str, start: str) -> Iterator[str]:
    yield from [env[name]] if env.get(name, "").startswith(start) else []


def librechat(home: Path) -> Rule:
    config, env = read(home / "project/librechat.yaml"), read(home / "project/.env")
    endpoints = config.get("endpoints", {})
    found = item(endpoints.get("custom"), name="VseGPT")
    yield from entry("it", found.get("baseURL"), found.get("apiKey"))
    yield from headers("headers", found.get("headers"))
    yield from slot("titleEndpoint", found.get("titleEndpoint"), "VseGPT")
    yield from slot("titleEndpoint of all", get(endpoints, "all", "titleEndpoint"), "VseGPT")
    yield from slot("summarization", get(config, "summarization", "provider"), "VseGPT")
    yield from slot("memory", get(config, "memory", "agent", "provider"), "VseGPT")
    yield from slot("a list of models", get(config, "modelSpecs", "list"), "-")
    providers = get(endpoints, "agents", "allowedProviders")
    if providers and "VseGPT" not in providers:
        yield "agents may not use it"
    if get(config, "interface", "modelSelect") is False:
        yield "the menu is hidden"
    if env.get("ENDPOINTS") and "custom" not in env["ENDPOINTS"]:
        yield "ENDPOINTS leaves it out"


def litellm(home: Path) -> Rule:
    config = read(home / "project/litellm_config.yaml")
    found = [each for each in config.get("model_list", []) if each.get("model_name") == MODEL]
    for each in found or [{}]:  # requests are spread over all of one name
        params = each.get("litellm_params", {})
        yield from entry("it", params.get("base_url") or params.get("api_base"), params.get("api_key"))
        yield from wrong("model", params.get("model"), f"openai/{MODEL}")
        yield from headers("extra_headers", params.get("extra_headers"))
    for part in ("router_settings", "litellm_settings"):
        for name in ("fallbacks", "default_fallbacks", "context_window_fallbacks", "model_group_alias"):
            yield from slot(f"{part}.{name}", get(config, part, name), "-")


def marimo(home: Path) -> Rule:
    config = read(home / ".config/marimo/marimo.toml")
    models = get(config, "ai", "models", default={})
    for name in ("chat_model", "edit_model", "autocomplete_model"):
        yield from slot(name, models.get(name), "vsegpt/")
    yield from wrong("chat_model", models.get("chat_model"), f"vsegpt/{MODEL}")
    provider = get(config, "ai", "custom_providers", "vsegpt", default={})
    yield from entry("it", provider.get("base_url"), provider.get("api_key"))
    yield from headers("extra_headers", provider.get("extra_headers"))
    yield from wrong("enabled", get(config, "ai", "enabled", default=True), True)
    copilot = get(config, "completion", "copilot", default=False)
    yield from wrong("completion.copilot", copilot, False, "custom")
    if models.get("displayed_models") and f"vsegpt/{MODEL}" not in models["displayed_models"]:
        yield "the model is not shown"


def obsidian_ai_providers(home: Path) -> Rule:
    config = read(home / PLUGINS / "ai-providers/data.json")
    found = item(config.get("providers"), id="vsegpt")
    yield from wrong("type", found.get("type"), "openai")
    yield from entry("it", found.get("url"), found.get("apiKey"))


def obsidian_local_gpt(home: Path) -> Rule:
    chosen = read(home / PLUGINS / "local-gpt/data.json").get("aiProviders", {})
    providers = read(home / PLUGINS / "ai-providers/data.json").get("providers")
    yield from wrong("main", chosen.get("main"), "vsegpt")
    for use in ("main", "vision", "embedding"):
        found = item(providers, id=chosen.get(use))
        if chosen.get(use) and not is_ours(found.get("url")):
            yield f"{use} is {chosen[use]}"


def obsidian_copilot(home: Path) -> Rule:
    config = read(home / PLUGINS / "copilot/data.json")
    if config.get("settingsVersion", 0) >= 4:
        chosen = item(config.get("configuredModels"), configuredModelId=config.get("defaultModelKey"))
        provider = get(config, "providers", chosen.get("providerId", ""), default={})
        yield from slot("provider", provider.get("baseUrl") or "none", "https://api.vsegpt.ru")
        yield "its key is in a keychain"
        return

    def led(name: str, key: Any, *, needed: bool = False) -> Rule:
        model, _, provider = str(key or "").partition("|")
        lists = [*config.get("activeModels", []), *config.get("activeEmbeddingModels", [])]
        found = item(lists, name=model, provider=provider)
        if key or needed:
            yield from entry(f"{name}: {key}", found.get("baseUrl"), found.get("apiKey"))
            yield from wrong(f"{key}: enabled", found.get("enabled"), True)

    yield from led("chat", config.get("defaultModelKey"), needed=True)
    yield from led("quick command", config.get("quickCommandModelKey"))
    yield from led("embedding", config.get("embeddingModelKey"))
    for each in config.get("projectList") or []:
        yield from led("project", each.get("projectModelKey"))
    for each in config.get("inlineEditCommands") or []:
        yield from led("command", each.get("modelKey"))


def obsidian_smart_composer(home: Path) -> Rule:
    config = read(home / PLUGINS / "smart-composer/data.json")
    for name, models in (
        ("chatModelId", "chatModels"),
        ("applyModelId", "chatModels"),
        ("embeddingModelId", "embeddingModels"),
    ):
        model = item(config.get(models), id=config.get(name))
        provider = item(config.get("providers"), id=model.get("providerId"))
        yield from entry(f"{name}: {config.get(name)}", provider.get("baseUrl"), provider.get("apiKey"))


def raycast(home: Path) -> Rule:
    config = read(home / ".config/raycast/ai/providers.yaml")
    found = item(config.get("providers"), id="vsegpt")
    model = item(found.get("models"), id=MODEL)
    yield from entry("it", found.get("base_url"), get(found, "api_keys", model.get("provider", "")))


def sillytavern(home: Path) -> Rule:
    folder = home / "project/data/default-user"
    config, secrets = read(folder / "settings.json"), read(folder / "secrets.json")
    chat = config.get("oai_settings", {})
    yield from wrong("main_api", config.get("main_api"), "openai")
    yield from wrong("source", chat.get("chat_completion_source"), "custom")
    active = item(secrets.get("api_key_custom"), active=True)
    yield from entry("it", chat.get("custom_url"), active.get("value"))
    yield from wrong("model", chat.get("custom_model"), MODEL)
    yield from headers("custom_include_headers", chat.get("custom_include_headers"))
    yield from slot("body", "model" in (chat.get("custom_include_body") or ""), "-", False)


def superagi(home: Path) -> Rule:
    config = read(home / "project/config.yaml")
    yield from entry("it", config.get("OPENAI_API_BASE"), config.get("OPENAI_API_KEY"))


def wave(home: Path) -> Rule:
    folder = home / ".config/waveterm"
    mode = str(read(folder / "settings.json").get("waveai:defaultmode"))
    found = read(folder / "waveai.json").get(mode, {})
    yield from wrong("provider", found.get("ai:provider"), "custom")
    yield from wrong("type", found.get("ai:apitype"), "openai-chat")
    yield from entry(mode, found.get("ai:endpoint"), found.get("ai:apitoken"))


def zed(home: Path) -> Rule:
    config = read(home / ".config/zed/settings.json")
    agent = config.get("agent", {})
    if config.get("disable_ai") or agent.get("enabled") is False or (config.get("assistant") and not agent):
        yield "the agent is off, or of an older version"
    yield from wrong("model", get(agent, "default_model", "provider"), "vsegpt")
    found = get(config, "language_models", "openai_compatible", "vsegpt", default={})
    if not is_ours(found.get("api_url")):  # the key itself is in a keychain
        yield f"it is at {found.get('api_url')!r}"
    own = item(found.get("available_models"), name=get(agent, "default_model", "model"))
    yield from wrong("chat completions", get(own, "capabilities", "chat_completions", default=True), True)
    for name in ("inline_assistant_model", "commit_message_model", "thread_summary_model", "subagent_model"):
        yield from slot(name, get(agent, name, "provider"), "vsegpt")
    for name, profile in agent.get("profiles", {}).items():
        yield from slot(f"profile {name}", get(profile, "default_model", "provider"), "vsegpt")
    for each in agent.get("inline_alternatives", []):
        yield from slot("inline_alternatives", each.get("provider"), "vsegpt")
    for provider in (
        get(config, "edit_predictions", "provider"),
        get(config, "features", "edit_prediction_provider"),
    ):
        yield from slot("edit predictions", provider, "-", "none")


def _vscode(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = read(home / ".config/Code/User/settings.json")
    return found


def ai_commit(home: Path) -> Rule:
    config = _vscode(home)
    yield from wrong("provider", config.get("ai-commit.AI_PROVIDER"), "openai")
    yield from entry("it", config.get("ai-commit.OPENAI_BASE_URL"), config.get("ai-commit.OPENAI_API_KEY"))
    yield from slot("Azure", config.get("ai-commit.AZURE_API_VERSION"), "-")


def chatgpt_copilot(home: Path) -> Rule:
    config = _vscode(home)
    yield from wrong("provider", config.get("chatgpt.gpt3.provider"), "Together")
    yield from entry("it", config.get("chatgpt.gpt3.apiBaseUrl"), config.get("chatgpt.gpt3.apiKey"))
    yield from slot("reasoning", config.get("chatgpt.gpt3.reasoning.model"), "-")


def llama_vscode(home: Path) -> Rule:
    config = _vscode(home)
    for use in ("chat", "tools"):
        url, key = (config.get(f"llama-vscode.{name}_{use}") for name in ("endpoint", "api_key"))
        yield from entry(use, url, key)
    yield from slot("env", config.get("llama-vscode.env_start_last_used"), "-", False)


def roo_code(home: Path) -> Rule:
    path = str(_vscode(home).get("roo-cline.autoImportSettingsPath", ""))
    imported = read(home / path.removeprefix("~/")).get("providerProfiles", {})
    name = imported.get("currentApiConfigName", "")
    found = get(imported, "apiConfigs", name, default={})
    yield from wrong("provider", found.get("apiProvider"), "openai")
    yield from entry(name, found.get("openAiBaseUrl"), found.get("openAiApiKey"))
