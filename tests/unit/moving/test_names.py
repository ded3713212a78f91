"""Names of files that leave: each once in its folder, on every system."""

from chalicelib.leaving.names import FreeNames


def test_names_that_are_one_on_some_systems_get_numbers():
    names = FreeNames()
    wanted = ["Café", "Cafe\u0301", "CAFÉ", "con", "Café"]
    assert [names.give("worlds", one, other="") for one in wanted] == [
        "Café",
        "Cafe\u0301 2",
        "CAFÉ 3",
        "con_",
        "Café 4",
    ]


def test_a_name_is_given_again_in_another_folder():
    names = FreeNames()
    assert [names.give(folder, "Maren", other="") for folder in ("worlds", "themes")] == ["Maren", "Maren"]
