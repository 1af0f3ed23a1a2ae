"""Wrong use is told in one line: which command, which option, what was given, what is allowed."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from ..formatters.escaping import escape

PROGRAM = "asynclog"

# Only newer versions of click tell these apart from others.
_NO_ARGUMENTS = getattr(click.exceptions, "NoArgsIsHelpError", ())
_NO_SUCH_COMMAND = getattr(click.exceptions, "NoSuchCommand", ())


class NotFound(click.UsageError):
    """The command was called rightly, but there is nothing of what was asked for."""

    exit_code = 1


def run(command: click.Command) -> NoReturn:
    """Run *command* with the arguments of the process, and exit with its status."""
    try:
        status = command(prog_name=PROGRAM, standalone_mode=False)
    except click.Abort:
        click.echo(f"{PROGRAM}: interrupted", err=True)
        sys.exit(1)
    except click.ClickException as error:
        if isinstance(error, _NO_ARGUMENTS):
            error.show()  # the help
        else:
            click.echo(escape(describe(error, command)), err=True)
        sys.exit(error.exit_code)
    except OSError as error:  # such as standard output on a disk that is full
        where = "" if error.filename is None else f"{error.filename}: "
        click.echo(escape(f"{PROGRAM}: {where}{error.strerror or error}"), err=True)
        sys.exit(1)
    sys.exit(status)


def describe(error: click.ClickException, command: click.Command) -> str:
    """Return one line that says where in *command* the *error* is, and what it is."""
    context = getattr(error, "ctx", None)
    if context is not None:
        where = context.command_path
    else:
        where = _called(command) if isinstance(error, click.UsageError) else PROGRAM
    return f"{where}: {_name(error)}{_reason(error, context)}"


def _called(command: click.Command) -> str:
    """Return the command that was called: click does not say where an option lacks its value."""
    words = [PROGRAM]
    for word in sys.argv[1:]:
        if not isinstance(command, click.Group) or word not in command.commands:
            break
        words.append(word)
        command = command.commands[word]
    return " ".join(words)


def _name(error: click.ClickException) -> str:
    """Return the name of the option or argument that *error* is about."""
    hint = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if isinstance(parameter, click.Option):
        hint = max(parameter.opts, key=len)
    elif parameter is not None:
        hint = parameter.human_readable_name
    return f"{hint}: " if hint else ""


def _reason(error: click.ClickException, context: click.Context | None) -> str:
    """Return what is wrong; where names are to choose from, with all of them."""
    if context is not None and isinstance(error, click.NoSuchOption):
        options = [max(one.opts, key=len) for one in context.command.get_params(context)]
        return _choice([one for one in options if one.startswith("-")], error.option_name)
    if context is not None and isinstance(error, _NO_SUCH_COMMAND):
        assert isinstance(context.command, click.Group)  # noqa: S101 - who else has commands
        return _choice(context.command.list_commands(context), error.command_name)
    if isinstance(error, click.MissingParameter) and not error.message:
        return "expected a value, got none"
    text = error.message.removesuffix(".")
    return text[:1].lower() + text[1:]


def _choice(allowed: list[str], given: str) -> str:
    return f"expected one of {', '.join(allowed)}, got {given!r}"
