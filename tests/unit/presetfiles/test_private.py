"""No file says where a connection leads."""

import pytest

from chalicelib.presetfiles.private import is_private, without_private


@pytest.mark.parametrize(
    "field",
    [
        "reverse_proxy",
        "proxy_password",
        "custom_url",
        "custom_include_body",
        "custom_exclude_body",
        "custom_include_headers",
        "vertexai_region",
        "vertexai_express_project_id",
        "azure_base_url",
        "azure_deployment_name",
        "workers_ai_account_id",
        "server_urls",
        "api_key",
        "api_key_openai",
        "apiKey",
        "CUSTOM_URL",
        "proxies",
        "access_token",
        "someServerAddress",
    ],
)
def test_what_would_lead_a_connection_elsewhere_is_private(field: str) -> None:
    assert is_private(field)


@pytest.mark.parametrize(
    "field",
    [
        "openai_max_tokens",
        "ban_eos_token",
        "add_bos_token",
        "skip_special_tokens",
        "banned_tokens",
        "assistant_prefill",
        "chat_completion_source",
        "openai_model",
        "names_behavior",
        "prompts",
        "extensions",
        "custom_prompt_post_processing",
        "bypass_status_check",
        "show_external_models",
        "negative_prompt",
    ],
)
def test_what_shapes_a_prompt_is_not(field: str) -> None:
    assert not is_private(field)


def test_what_said_something_is_told() -> None:
    given = {"temperature": 1, "reverse_proxy": "https://evil.example", "proxy_password": "", "custom_url": "x"}
    assert without_private(given) == ({"temperature": 1}, ["reverse_proxy", "custom_url"])
