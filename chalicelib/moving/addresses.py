"""What would lead a connection elsewhere or give away a key, taken out of presets and settings of strangers.

A preset that sets a proxy would have the next reply carry the person's own key to it.
"""

import re
from typing import Any

CONNECTION_FIELDS = frozenset(
    {
        "reverse_proxy",
        "proxy_password",
        "custom_url",
        "custom_include_body",
        "custom_exclude_body",
        "custom_include_headers",
        "vertexai_region",
        "vertexai_express_project_id",
        "vertexai_auth_mode",
        "azure_base_url",
        "azure_deployment_name",
        "azure_api_version",
        "workers_ai_account_id",
        "siliconflow_endpoint",
        "minimax_endpoint",
        "zai_endpoint",
        "proxies",
        "selected_proxy",
        "server_urls",
        "api_server",
        "api_server_textgenerationwebui",
        "api_use_mancer_webui",
        "secrets",
    }
)
_SECRET_ENDINGS = (
    *("api_key", "apikey", "access_key", "secret_key", "private_key", "_token", "_secret", "password", "authorization"),
    *("_url", "_server", "_endpoint", "_proxy", "_headers"),
)
_SECRET_NAMES = frozenset({"authorization", "proxy", "headers", "bearer", "access_token", "client_secret"})
"""Extensions call theirs what they like."""
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HARMLESS = {"max_token", "bos_token", "eos_token"}


def without_addresses(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The same without such fields, at any depth, and the names of those that held something, each once."""
    gone: dict[str, None] = {}
    return _cleaned(given, gone), list(gone)


def _cleaned(value: Any, gone: dict[str, None]) -> Any:
    if isinstance(value, list):
        return [_cleaned(one, gone) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, one in value.items():
        if _leads_away(key, one):
            if one:
                gone[key] = None
            continue
        kept[key] = _cleaned(one, gone)
    return kept


def _leads_away(key: str, value: Any) -> bool:
    # `apiKey`, `api-key` and `API_KEY` are the same to those who read them.
    name = _SEAM.sub("_", key).replace("-", "_").lower()
    if name in CONNECTION_FIELDS or name in _SECRET_NAMES:
        return True
    is_setting = isinstance(value, str | list | dict)
    return is_setting and name.endswith(_SECRET_ENDINGS) and name not in _HARMLESS
