"""Whose a host is, as far as that is known: one that answers for models, or one that programs ask besides."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final, Literal

Kind = Literal["model", "background", "unknown"]

_MODELS: Final[dict[str, str]] = {
    "*.vsegpt.ru": "vsegpt",
    "api.openai.com": "openai",
    "chatgpt.com": "openai,chatgpt,codex",
    "*.openai.azure.com": "azure,azure-openai",
    "*.services.ai.azure.com": "azure,azure-ai",
    "*.cognitiveservices.azure.com": "azure,azure-openai",
    "models.inference.ai.azure.com": "azure,github",
    "models.github.ai": "github,github-models",
    "*githubcopilot.com": "copilot,github,github-copilot",
    "api.anthropic.com": "anthropic,claude",
    "openrouter.ai": "openrouter",
    "generativelanguage.googleapis.com": "google,gemini,google-genai",
    "cloudcode-pa.googleapis.com": "google,gemini",
    "*aiplatform.googleapis.com": "vertex,vertexai,vertex_ai,google-vertex",
    "bedrock*.amazonaws.com": "bedrock,amazon-bedrock,aws",
    "api.mistral.ai": "mistral,mistralai",
    "codestral.mistral.ai": "mistral,codestral",
    "api.x.ai": "xai,x-ai,grok",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.together.xyz": "together,together_ai,togetherai",
    "api.together.ai": "together,together_ai,togetherai",
    "dashscope*.aliyuncs.com": "dashscope,qwen,alibaba",
    "portal.qwen.ai": "qwen,qwen-oauth",
    "api.moonshot.ai": "moonshot,moonshotai,kimi",
    "api.moonshot.cn": "moonshot,moonshotai,kimi",
    "api.kimi.com": "kimi,moonshot",
    "api.z.ai": "zai,z-ai,zhipu",
    "open.bigmodel.cn": "zhipu,zhipuai,bigmodel",
    "api.minimax.io": "minimax",
    "api.minimaxi.com": "minimax",
    "ark*.volces.com": "volcengine,doubao,ark",
    "api.siliconflow.*": "siliconflow",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.perplexity.ai": "perplexity",
    "api.fireworks.ai": "fireworks,fireworks_ai",
    "api.cerebras.ai": "cerebras",
    "api.sambanova.ai": "sambanova",
    "api.novita.ai": "novita",
    "api.deepinfra.com": "deepinfra",
    "api.replicate.com": "replicate",
    "api.ai21.com": "ai21",
    "api.hyperbolic.xyz": "hyperbolic",
    "api.venice.ai": "venice",
    "integrate.api.nvidia.com": "nvidia,nvidia_nim",
    "router.huggingface.co": "huggingface",
    "api-inference.huggingface.co": "huggingface",
    "*.gigachat.ru": "gigachat",
    "gigachat.devices.sberbank.ru": "gigachat",
    "llm.api.cloud.yandex.net": "yandex,yandexgpt",
}
"""By the host of a service that answers for models the names by which tools call it, with commas between."""

_BACKGROUND: Final = (
    # Updates, packages and lists of models or prices.
    *"registry.npmjs.org registry.yarnpkg.com registry.npmmirror.com pypi.org files.pythonhosted.org".split(),
    *"github.com api.github.com codeload.github.com *.githubusercontent.com ghcr.io crates.io".split(),
    *"*.crates.io proxy.golang.org models.dev huggingface.co cdn-lfs*.huggingface.co".split(),
    *"openaipublic.blob.core.windows.net storage.googleapis.com update.* updates.* releases.*".split(),
    *"marketplace.visualstudio.com open-vsx.org *.vscode-cdn.net *.exp-tas.com".split(),
    # What programs tell of their use.
    *"telemetry.* *.telemetry.* analytics.* stats.* sentry.* *.sentry.io *.posthog.com posthog.*".split(),
    *"*.segment.io *.segment.com *.mixpanel.com *.amplitude.com *.datadoghq.com *.datadoghq.eu".split(),
    *"*.statsig.com *.statsigapi.net statsigapi.net featureassets.org prodregistryv2.org".split(),
    *"*.launchdarkly.com *.growthbook.io *.honeycomb.io *.newrelic.com *.nr-data.net *.bugsnag.com".split(),
    *"www.google-analytics.com *.google-analytics.com play.googleapis.com *.clearcut.google.com".split(),
    *"*.applicationinsights.azure.com dc.services.visualstudio.com *.events.data.microsoft.com".split(),
)


def kind_of(host: str) -> Kind:
    """What a program wants of a host: that it answers as a model, or something else; or it is not known."""
    if providers(host):
        return "model"
    return "background" if any(fnmatchcase(host.lower(), each) for each in _BACKGROUND) else "unknown"


def providers(host: str) -> frozenset[str]:
    """The names by which tools call the service at a model's host."""
    return frozenset(
        name
        for pattern, names in _MODELS.items()
        if fnmatchcase(host.lower(), pattern)
        for name in names.split(",")
    )
