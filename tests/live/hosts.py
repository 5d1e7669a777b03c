"""The hosts where model vendors answer: a tool that goes there has not gone to VseGPT."""

from __future__ import annotations

from fnmatch import fnmatchcase

VENDORS = (
    "api.openai.com",
    "chatgpt.com",
    "*.openai.azure.com",
    "*.services.ai.azure.com",
    "*.cognitiveservices.azure.com",
    "models.inference.ai.azure.com",
    "models.github.ai",
    "*githubcopilot.com",
    "api.anthropic.com",
    "openrouter.ai",
    "generativelanguage.googleapis.com",
    "cloudcode-pa.googleapis.com",
    "*aiplatform.googleapis.com",
    "bedrock*.amazonaws.com",
    "api.mistral.ai",
    "codestral.mistral.ai",
    "api.x.ai",
    "api.deepseek.com",
    "api.groq.com",
    "api.together.xyz",
    "api.together.ai",
    "dashscope*.aliyuncs.com",
    "portal.qwen.ai",
    "api.moonshot.ai",
    "api.moonshot.cn",
    "api.kimi.com",
    "api.z.ai",
    "open.bigmodel.cn",
    "api.minimax.io",
    "api.minimaxi.com",
    "ark*.volces.com",
    "api.siliconflow.*",
    "api.cohere.com",
    "api.cohere.ai",
    "api.perplexity.ai",
    "api.fireworks.ai",
    "api.cerebras.ai",
    "api.novita.ai",
    "api.deepinfra.com",
    "integrate.api.nvidia.com",
    "router.huggingface.co",
    "api-inference.huggingface.co",
    "gigachat.devices.sberbank.ru",
    "llm.api.cloud.yandex.net",
    "*.vsegpt.ru",  # the real one: these runs are to see all of it here
)


def is_vendor(host: str) -> bool:
    """Whether models are asked at a host."""
    return any(fnmatchcase(host.lower(), pattern) for pattern in VENDORS)
