"""Why an item was changed or left out, as a word and as an English sentence. The page has both languages."""

SENTENCES: dict[str, str] = {
    # what may be wrong with a file
    "unsafe_path": "Its path leads out of the folder.",
    "unsafe_name": "Its name cannot be read.",
    "link": "It is a link to another file, and links are not followed.",
    "locked": "It is protected by a password.",
    "packed_oddly": "It is packed in a way that cannot be read.",
    "overlapping": "It shares its place in the archive with another file, as in a zip bomb.",
    "bomb": "It would unpack to far more than its size, as a zip bomb.",
    "too_large": "It is too large.",
    "too_many": "There are too many files; what comes after them was not read.",
    "too_much": "All files together are too large; what comes after that was not read.",
    "twice": "The archive has two files of this name; the first one counts.",
    "broken": "It cannot be read: the archive is damaged here.",
    "renamed": "Its name was not written in Unicode and was read as well as could be.",
    "same_but_case": "Another file has the same name but for capital letters.",
    "broken_json": "It is no valid JSON.",
    "too_deep": "It is nested too deeply.",
    "not_an_object": "Its data is not an object.",
    "unreadable": "It cannot be read.",
    # what becomes of items
    "here_already": "It is here already.",
    "differs": "It is here already in another state, which stays as it is.",
    "kept_both": "Something of this name is here already; this one is called “{name}” now.",
    "kept_for_export": "It is kept as it is for the way back; nothing here uses it yet.",
    "no_addresses": "Addresses, proxies and headers of connections were left out: {fields}.",
    "sprites": "With {count} pictures of expressions.",
    "no_character": "There is no character for it.",
    "made_character": "A character named “{name}” was made for it.",
    "no_members": "None of its members is here.",
    "some_members": "Members that are not here were left out: {names}.",
    "chat_cut": "Its last line was cut off and was left out.",
    "no_picture": "Its picture is missing.",
    "bad_picture": "Its picture cannot be read and was left out.",
    "on_characters": "On {count} characters.",
    "no_tagged": "No character has it.",
    "unknown_service": "There is no connection for this service here.",
    "nothing_set": "Nothing was set there that means something here.",
    "set_already": "You have set this yourself already.",
    "not_yet": "Nothing here takes this.",
    "pictures_only": "{count} pictures of expressions belong to no character here.",
    "no_persona": "No persona uses this picture.",
    # what is never taken
    "made_anew": "{count} files: they are made anew here.",
    "other_program": "{count} files of the program itself or of its extensions.",
    "older_copies": "{count} older copies.",
    "not_taken": "{count} files that nothing here shows.",
    "other_person": "{count} files of another person of the same place.",
    "outside": "{count} files outside of the data folder.",
    "unknown_file": "Nothing here knows what this file is.",
    "risu_packed": "RisuAI packs this file in a form of its own. Export it there as a PNG, a CHARX or a JSON file.",
}


def sentence(reason: str, values: dict[str, str]) -> str:
    return SENTENCES[reason].format(**values)
