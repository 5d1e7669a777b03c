"""What libraries say to people through us: our catalogue translates these, too.

A message that is not listed is shown in English where English is spoken, and left out in Russian.
"""

from __future__ import annotations

CLICK = (
    "Aborted!",
    "Choose from:\n\t{choices}",
    "Error: The value you entered was invalid.",
    "Error: invalid input",
    "Error: {e.message}",
    "Error: {message}",
    "Invalid value for {param_hint}: {message}",
    "Invalid value: {message}",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "Missing parameter: {param_name}",
    "Missing {param_type}",
    "No such option {name!r}.",
    "No such option: {name}",
    "Option {name!r} does not take a value.",
    "Options",
    "Positional arguments",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Usage:",
    "default: {default}",
    "required",
)
CLICK_COUNTED = (
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
_LONG = (
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
    " Did you mean to pass '--{name}'?"
)
CLICK_UNSEEN = frozenset(
    """
    %(prog)s, version %(version)s
    (Deprecated) {text}
    (dynamic)
    Argument {name!r} takes {nargs} values.
    Arguments take exactly one parameter declaration, got {length}: {decls}.
    Boolean option {decl!r} cannot use the same flag for true/false.
    Choice({choices})
    Commands
    Confirm the action without prompting.
    Could not determine name for option with declarations {decls!r}
    Could not open file {filename!r}: {message}
    Couldn't detect Bash version, shell completion is not supported.
    DeprecationWarning: The command {name!r} is deprecated.
    DeprecationWarning: The command {name!r} is deprecated.{extra_message}
    DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}
    Do you want to continue?
    Error: The two entered values do not match.
    Invalid start character for option ({option})
    Missing command.
    Name '{name}' defined twice
    No such command {name!r}.
    Press any key to continue...
    Repeat for confirmation
    Shell completion is not supported for Bash versions older than 4.4.
    Show the version and exit.
    Takes {nargs} values but 1 was given.
    Unknown color {colour!r}
    Unknown standard stream '{name}'
    Value must be an iterable.
    Windows error: {error}
    d
    deprecated
    directory
    env var: {var}
    file
    path
    unknown error
    {editor}: Editing failed
    {editor}: Editing failed: {e}
    {len_type} values are required, but {len_value} was given.
    {name} '{filename}' is a directory.
    {name} {filename!r} does not exist.
    {name} {filename!r} is a directory.
    {name} {filename!r} is a file.
    {name} {filename!r} is not executable.
    {name} {filename!r} is not readable.
    {name} {filename!r} is not writable.
    {text} {deprecated_message}
    {value!r} does not match the format {format}.
    {value!r} is not a valid UUID.
    {value!r} is not a valid boolean.
    {value!r} is not a valid boolean. Recognized values: {states}
    {value!r} is not a valid {number_type}.
    {value} is not in the range {range}.
    """.strip().split("\n    ")
) | {_LONG}
"""Of kinds of options that we have none of, or ours already; to mistakes of whoever writes commands."""

JSON = (
    "Expecting ',' delimiter",
    "Expecting ':' delimiter",
    "Expecting property name enclosed in double quotes",
    "Expecting value",
    "Extra data",
    "Invalid \\escape",
    "Invalid \\uXXXX escape",
    "Invalid control character at",
    "Unterminated string starting at",
)
TOML = (
    "Cannot overwrite a value",
    "Escaped character is not a Unicode scalar value",
    "Expected '=' after a key in a key/value pair",
    "Expected ']' at the end of a table declaration",
    "Expected ']]' at the end of an array declaration",
    "Expected newline or end of document after a statement",
    "Invalid date or datetime",
    "Invalid hex value",
    "Invalid initial character for a key part",
    "Invalid statement",
    "Invalid value",
    "Unclosed array",
    "Unclosed inline table",
    "Unescaped '\\' in a string",
    "Unterminated string",
)
YAML = (
    "block sequence entries are not allowed in this context",
    "control characters are not allowed",
    "did not find expected <document start>",
    "did not find expected alphabetic or numeric character",
    "did not find expected comment or line break",
    "did not find expected digit or '.' character",
    "did not find expected hexdecimal number",
    "did not find expected key",
    "did not find expected node content",
    "did not find expected tag URI",
    "did not find expected whitespace or line break",
    "found a tab character that violates indentation",
    "found a tab character where an indentation space is expected",
    "found an indentation indicator equal to 0",
    "found character that cannot start any token",
    "found duplicate %YAML directive",
    "found duplicate YAML directive",
    "found incompatible YAML document",
    "found incompatible YAML document (version 1.* is required)",
    "found invalid Unicode character escape code",
    "found undefined alias",
    "found undefined tag handle",
    "found unexpected document indicator",
    "found unexpected document separator",
    "found unexpected end of stream",
    "found unknown directive name",
    "found unknown escape character",
    "mapping keys are not allowed here",
    "mapping keys are not allowed in this context",
    "mapping values are not allowed here",
    "mapping values are not allowed in this context",
    "sequence entries are not allowed here",
    "special characters are not allowed",
)
XML = (
    "XML declaration not well-formed",
    "XML or text declaration not at start of entity",
    "duplicate attribute",
    "junk after document element",
    "mismatched tag",
    "no element found",
    "not well-formed (invalid token)",
    "partial character",
    "reference to invalid character number",
    "syntax error",
    "unbound prefix",
    "unclosed CDATA section",
    "unclosed token",
    "undefined entity",
    "unknown encoding",
)
SQLITE = (
    "database disk image is malformed",
    "disk I/O error",
    "file is not a database",
    "unsupported file format",
)

SAID = ("CLICK", "CLICK_COUNTED", "JSON", "TOML", "YAML", "XML", "SQLITE")
"""The names of what is in the catalogue."""
