"""Keys of services in SillyTavern's `secrets.json`, and which connection each is for.

The addresses are those of the services themselves, as we know them: none comes from the file.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.models.connections import ProviderKind

_OPENAI = ProviderKind.openai_chat
SERVICES: dict[str, tuple[str, ProviderKind, str]] = {
    "api_key_openai": ("OpenAI", _OPENAI, ""),
    "api_key_claude": ("Anthropic", ProviderKind.anthropic, ""),
    "api_key_makersuite": ("Google Gemini", ProviderKind.gemini, ""),
    "api_key_openrouter": ("OpenRouter", _OPENAI, "https://openrouter.ai/api/v1"),
    "api_key_mistralai": ("Mistral", _OPENAI, "https://api.mistral.ai/v1"),
    "api_key_deepseek": ("DeepSeek", _OPENAI, "https://api.deepseek.com/v1"),
    "api_key_groq": ("Groq", _OPENAI, "https://api.groq.com/openai/v1"),
    "api_key_xai": ("xAI", _OPENAI, "https://api.x.ai/v1"),
    "api_key_perplexity": ("Perplexity", _OPENAI, "https://api.perplexity.ai"),
    "api_key_nanogpt": ("NanoGPT", _OPENAI, "https://nano-gpt.com/api/v1"),
    "api_key_moonshot": ("Moonshot", _OPENAI, "https://api.moonshot.ai/v1"),
    "api_key_fireworks": ("Fireworks", _OPENAI, "https://api.fireworks.ai/inference/v1"),
    "api_key_togetherai": ("Together", _OPENAI, "https://api.together.xyz/v1"),
    "api_key_infermaticai": ("Infermatic", _OPENAI, "https://api.totalgpt.ai/v1"),
    "api_key_featherless": ("Featherless", _OPENAI, "https://api.featherless.ai/v1"),
    "api_key_siliconflow": ("SiliconFlow", _OPENAI, "https://api.siliconflow.com/v1"),
    "api_key_electronhub": ("Electron Hub", _OPENAI, "https://api.electronhub.ai/v1"),
}


class SecretPiece(NamedTuple):
    service: str
    """The name in the file."""
    name: str
    """What the connection is called."""
    kind: ProviderKind | None
    """None for a service there is no connection for."""
    address: str
    value: str


def read_secrets(given: Mapping[str, Any]) -> list[SecretPiece]:
    """Every key that is not empty: newer files have a list of them for each service, older ones a text."""
    found = []
    for service, value in given.items():
        if not service.startswith("api_key_"):
            continue
        title, kind, address = SERVICES.get(service, (service.removeprefix("api_key_"), None, ""))
        for label, key in _keys(value):
            name = f"{title} ({label})" if label else title
            found.append(SecretPiece(service, name[:120], kind, address, key))
    return found


def _keys(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [("", value.strip())] if value.strip() else []
    entries = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    held = [(one.get("label"), one.get("value")) for one in entries]
    keys = [(label if isinstance(label, str) else "", key.strip()) for label, key in held if isinstance(key, str)]
    several = len(keys) > 1
    return [(label if several else "", key) for label, key in keys if key]
