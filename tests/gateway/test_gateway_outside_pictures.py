"""The policy opens to pictures of other hosts only for a visit that asks for it."""

import pytest

from devcloud.pages import security_headers


def pictures(*, outside_pictures: bool) -> str:
    policy = dict(security_headers("http://media.test", "here.test", outside_pictures=outside_pictures))
    rules = policy["content-security-policy"].split("; ")
    return next(rule for rule in rules if rule.startswith("img-src"))


@pytest.mark.parametrize(("asked", "loads"), [(False, False), (True, True)])
def test_pictures_of_other_hosts_load_only_when_asked_for(asked: bool, loads: bool) -> None:
    assert ("https:" in pictures(outside_pictures=asked)) is loads
