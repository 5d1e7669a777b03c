"""What agents that write code do with their settings, by their own rules: whatever goes elsewhere is named.

Each rule reads a home as the tool would at its next request; that of a second model counts as well.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.planning.realfiles.ruling import Rule, entry, headers, slot, wrong
from tests.planning.realfiles.syntax import MODEL, get, is_ours, item, read


def aider(home: Path) -> Rule:
    config = read(home / ".aider.conf.yml")
    sets = config.get("set-env") or []
    env = dict(str(line).split("=", 1) for line in (sets if isinstance(sets, list) else [sets]))
    base = env.get("OPENAI_BASE_URL") or config.get("openai-api-base")
    yield from entry("it", base, config.get("openai-api-key"))
    for name in ("model", "weak-model", "editor-model"):
        yield from slot(name, config.get(name), "openai/")
    for name in ("env-file", "model-settings-file"):
        yield from slot(name, config.get(name), "-")
    settings = read(home / ".aider.model.settings.yml") or []
    extra = item(settings, name="aider/extra_params").get("extra_params", {})
    yield from slot("extra_params", extra.get("api_base") or extra.get("base_url"), "https://api.vsegpt.ru")


def claude_code(home: Path) -> Rule:
    config = read(home / ".claude/settings.json")
    env = config.get("env", {})
    yield from entry("it", env.get("ANTHROPIC_BASE_URL"), env.get("ANTHROPIC_AUTH_TOKEN"))
    yield from wrong("model", env.get("ANTHROPIC_MODEL") or config.get("model"), MODEL)
    yield from headers("ANTHROPIC_CUSTOM_HEADERS", env.get("ANTHROPIC_CUSTOM_HEADERS"))
    for name in env:
        if name.startswith("CLAUDE_CODE_USE_") and str(env[name]) not in ("", "0", "false"):
            yield f"{name} is on"
    allowed, denied = config.get("availableModels"), config.get("deniedModels", [])
    if (allowed is not None and MODEL not in allowed) or MODEL in denied:
        yield "the model is not allowed"
    for name in ("ANTHROPIC_SMALL_FAST_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"):
        yield from slot(name, env.get(name), MODEL)
    for kind in ("HAIKU", "SONNET", "OPUS"):
        yield from wrong(kind, env.get(f"ANTHROPIC_DEFAULT_{kind}_MODEL"), MODEL)
    yield from slot("advisorModel", config.get("advisorModel"), MODEL)


def claude_code_router(home: Path) -> Rule:
    config = read(home / ".claude-code-router/config.json")
    provider, _, model = str(get(config, "Router", "default")).partition(",")
    found = item(config.get("Providers"), name=provider)
    yield from entry(provider, found.get("api_base_url"), found.get("api_key"))
    if model not in found.get("models", []):
        yield f"{model} is none of its models"
    for name in ("background", "think", "longContext", "webSearch", "image"):
        yield from slot(name, get(config, "Router", name), "vsegpt,")
    for name, models in (config.get("fallback") or {}).items():
        for each in models:
            yield from slot(f"fallback.{name}", each, "vsegpt,")
    yield from slot("CUSTOM_ROUTER_PATH", config.get("CUSTOM_ROUTER_PATH"), "-")


def continue_(home: Path) -> Rule:
    folder = home / ".continue"
    old = not (folder / "config.yaml").exists()
    config = read(folder / ("config.json" if old else "config.yaml"))
    chosen = read(folder / "index/globalContext.json")
    models, title = config.get("models", []), "title" if old else "name"
    found = item(models, **{title: chosen.get("cliSelectedModel")})
    yield from entry("the model", found.get("apiBase"), found.get("apiKey"))
    yield from headers("requestOptions", get(found, "requestOptions", "headers"))
    for name, chat in chosen.get("selectedModelsByProfileId", {}).items():
        for role, model in chat.items():
            yield from slot(f"{name}.{role}", model, "VseGPT")
    for role in ("autocomplete", "embed", "rerank"):
        having = [each for each in models if role in each.get("roles", [])]
        if having and not is_ours(having[0].get("apiBase")):
            yield f"{role} is done by {having[0].get(title)}"
    for name in ("tabAutocompleteModel", "embeddingsProvider", "reranker"):
        for each in config[name] if isinstance(config.get(name), list) else [config.get(name)]:
            if each and not is_ours(each.get("apiBase")):
                yield f"{name} is elsewhere"


def crush(home: Path) -> Rule:
    config = read(home / ".config/crush/crush.json")
    chosen = read(home / ".local/share/crush/crush.json")
    for size in ("large", "small"):
        model = get(chosen, "models", size) or get(config, "models", size, default={})
        name = model.get("provider")
        found = {**get(config, "providers", name, default={}), **get(chosen, "providers", name, default={})}
        yield from entry(f"{size}: {name}", found.get("base_url"), found.get("api_key"))
        yield from headers(f"{size}: extra_headers", found.get("extra_headers"))
        yield from wrong(f"{name}.disable", found.get("disable", False), False)
        if not item(found.get("models"), id=model.get("model")):
            yield f"{size}: {model.get('model')} is none of its models"


def hermes_agent(home: Path) -> Rule:
    config = read(home / ".hermes/config.yaml")
    model = config.get("model")
    model = model if isinstance(model, dict) else {"provider": model}
    yield from wrong("provider", model.get("provider"), "custom")
    yield from entry("model", model.get("base_url"), model.get("api_key"))
    for name, each in (config.get("auxiliary") or {}).items():
        yield from slot(f"{name}.provider", each.get("provider"), "-", "auto", "main", "custom")
        yield from slot(f"{name}.base_url", each.get("base_url"), "https://api.vsegpt.ru")
    for name in ("provider", "base_url"):
        yield from slot(f"delegation.{name}", get(config, "delegation", name), "https://api.vsegpt.ru")
    fallbacks = config.get("fallback_providers") or config.get("fallback_model") or []
    for each in fallbacks if isinstance(fallbacks, list) else [fallbacks]:
        yield from slot("fallback", each.get("provider"), "-")
    if get(config, "smart_model_routing", "enabled"):
        yield from slot("cheap_model", get(config, "smart_model_routing", "cheap_model", "provider"), "-")


def kilo(home: Path) -> Rule:
    yield from _opencode(
        home / ".config/kilo", ("kilo.jsonc", "kilo.json", "opencode.jsonc", "opencode.json")
    )


def opencode(home: Path) -> Rule:
    yield from _opencode(home / ".config/opencode", ("opencode.jsonc", "opencode.json", "config.json"))


def _opencode(folder: Path, names: tuple[str, ...]) -> Rule:
    config: dict[str, Any] = {}
    for name in reversed(names):
        config |= read(folder / name)
    yield from slot("model", config.get("model"), "vsegpt/")
    name, _, model = str(config.get("model")).partition("/")
    provider = get(config, "provider", name, default={})
    options = provider.get("options", {})
    yield from wrong("npm", provider.get("npm"), "@ai-sdk/openai-compatible")
    yield from entry(name, options.get("baseURL"), options.get("apiKey"))
    yield from headers("headers", options.get("headers"))
    allowed, banned = config.get("enabled_providers"), config.get("disabled_providers", [])
    if (allowed is not None and name not in allowed) or name in banned:
        yield f"{name} is not enabled"
    white, black = provider.get("whitelist"), provider.get("blacklist", [])
    own = get(provider, "models", model)
    if own is None or (white is not None and model not in white) or model in black:
        yield f"{model} is not there"
    own = own or {}
    yield from wrong("id", own.get("id", model), model)
    yield from wrong("its npm", get(own, "provider", "npm"), None, "@ai-sdk/openai-compatible")
    yield from headers("its headers", own.get("headers"))
    yield from slot("small_model", config.get("small_model"), "vsegpt/")
    for kind in ("agent", "mode", "command"):
        for each, said in (config.get(kind) or {}).items():
            yield from slot(f"{kind}.{each}", said.get("model"), "vsegpt/")
        for path in [*folder.glob(f"{kind}/**/*.md"), *folder.glob(f"{kind}s/**/*.md")]:
            yield from slot(path.name, read(path).get("model"), "vsegpt/")
    for plugin in config.get("plugin", []):
        if "oh-my-open" in plugin:  # makes an agent of its own the default one, with a model of its own
            yield f"{plugin} chooses the models of its agents"


def mistral_vibe(home: Path) -> Rule:
    config, env = read(home / ".vibe/config.toml"), read(home / ".vibe/.env")
    models = config.get("models", [])

    def led(alias: Any) -> Rule:
        model = item(models, alias=alias)
        provider = item(config.get("providers"), name=model.get("provider"))
        yield from wrong(f"{alias}: backend", provider.get("backend"), "generic")
        yield from entry(f"{alias}", provider.get("api_base"), env.get(provider.get("api_key_env_var", "")))
        yield from headers(f"{alias}: extra_headers", provider.get("extra_headers"))
        patterns = config.get("allowed_models") or []
        if patterns and not any(fnmatchcase(str(model.get("name")), each) for each in patterns):
            yield f"{alias} is not allowed"

    yield from led(config.get("active_model"))
    for use in ("title", "smart_approve"):
        yield from led(get(config, "utility_models", use))
    yield from slot("vision_model", get(config, "vision_model", "provider"), "vsegpt")
    agents = ("ask", "plan", "accept-edits", "smart-approve", "auto-approve", "explore")
    yield from slot("default_agent", config.get("default_agent"), "-", *agents)


def oh_my_pi(home: Path) -> Rule:
    folder = home / ".omp/agent"
    config, models = read(folder / "config.yml"), read(folder / "models.yml")
    roles = config.get("modelRoles", {})
    for role, model in roles.items():
        yield from slot(role, model, "vsegpt/")
    name, _, model = str(roles.get("default")).partition("/")
    yield from _pi_provider(get(models, "providers", name, default={}), model)
    enabled, allowed = config.get("enabledModels"), config.get("enabledProviders")
    if enabled and f"{name}/{model}" not in enabled:
        yield "the model is not enabled"
    if (allowed and name not in allowed) or name in config.get("disabledProviders", []):
        yield "the provider is not enabled"
    if get(config, "retry", "fallbackChains"):
        yield "there are fallbacks"
    for agent, other in get(config, "task", "agentModelOverrides", default={}).items():
        yield from slot(agent, other, "vsegpt/")
    for path in (folder / "agents").glob("*.md"):
        yield from slot(path.name, read(path).get("model"), "vsegpt/", "pi/default")


def pi(home: Path) -> Rule:
    folder = home / ".pi/agent"
    settings, models = read(folder / "settings.json"), read(folder / "models.json")
    name, model = settings.get("defaultProvider"), settings.get("defaultModel")
    yield from _pi_provider(get(models, "providers", name, default={}), model)
    if settings.get("enabledModels") and f"{name}/{model}" not in settings["enabledModels"]:
        yield "the model is not enabled"
    if read(folder / "auth.json").get(name):
        yield "auth.json has another key"


def _pi_provider(provider: dict[str, Any], model: Any) -> Rule:
    own = item(provider.get("models"), id=model)
    yield from wrong("api", own.get("api") or provider.get("api"), "openai-completions")
    yield from entry("it", own.get("baseUrl") or provider.get("baseUrl"), provider.get("apiKey"))
    yield from headers("headers", provider.get("headers"))
    yield from headers("its headers", own.get("headers"))
    yield from headers("override", get(provider, "modelOverrides", str(model), "headers"))
    if not own:
        yield f"{model} is none of its models"


def openclaw(home: Path) -> Rule:
    config = read(home / ".openclaw/openclaw.json")
    agents = get(config, "agents", "defaults", default={})

    def led(name: str, model: Any) -> Rule:
        named = model if isinstance(model, dict) else {"primary": model}
        for each in [named.get("primary"), *named.get("fallbacks", [])]:
            yield from slot(name, each, "vsegpt/")

    if "agent" in config:
        yield "agent is from an older version"
    yield from led("model", agents.get("model") or "none")
    for name in ("imageModel", "pdfModel", "voiceModel", "utilityModel", "imageGenerationModel"):
        yield from led(name, agents.get(name))
    for name in ("heartbeat", "compaction", "subagents"):
        yield from led(name, get(agents, name, "model"))
    for each in get(config, "agents", "list", default=[]):
        yield from led(f"agent {each.get('id')}", each.get("model"))
    for channel in get(config, "channels", "modelByChannel", default={}).values():
        for each in channel.values():
            yield from led("channel", each)
    provider = get(config, "models", "providers", "vsegpt", default={})
    yield from _pi_provider(provider, MODEL)
    allow = get(agents, "modelPolicy", "allow")
    if allow and not any(fnmatchcase(f"vsegpt/{MODEL}", each) for each in allow):
        yield "the model is not allowed"


def qwen_code(home: Path) -> Rule:
    config = read(home / ".qwen/settings.json")
    auth, model = get(config, "security", "auth", default={}), config.get("model", {})
    yield from wrong("selectedType", auth.get("selectedType"), "openai")
    yield from wrong("enforcedType", auth.get("enforcedType", "openai"), "openai")
    entries = get(config, "modelProviders", "openai", default=[])
    found = item(entries, id=model.get("name"), baseUrl=model.get("baseUrl"))
    yield from entry("it", found.get("baseUrl"), get(config, "env", found.get("envKey", "")))
    yield from headers("customHeaders", get(found, "generationConfig", "customHeaders"))
    for name in ("fastModel", "advisorModel", "compactionModel", "visionModel", "modelFallbacks"):
        yield from slot(name, config.get(name), f"openai:{MODEL}")
    for path in (home / ".qwen/agents").glob("*.md"):
        yield from slot(path.name, read(path).get("model"), f"openai:{MODEL}", "inherit", MODEL)
