"""What a person can do about a refusal, where several refusals have that in common: `cure=_(BY_HAND)`."""

from __future__ import annotations

from typing import Final

from patcher.i18n import N_

CORRECT: Final = N_("correct it in an editor and run again")
"""Of what is wrong in a file to everybody."""
BY_HAND: Final = N_("set it by hand: vsegpt-patch show says what goes where")
"""Of what may be right, but cannot be edited for sure."""
UNALIAS: Final = N_("write the value out where the alias stands, and run again")
COLON: Final = N_("write the key with a colon behind it, without a question mark, and run again")
NO_TABS: Final = N_("indent with blanks instead of tabs and run again")
MOVE_COMMENT: Final = N_("move the comment elsewhere and run again")
PERMISSIONS: Final = N_("see the file's and its directory's permissions")
MOVE_AWAY: Final = N_("move it away")
LEAVE_ONE: Final = N_("leave one of them")
ANOTHER_VALUE: Final = N_("use another value")
PROFILE: Final = N_("mend the profile")
"""Of what a profile asks for."""
REPORT: Final = N_("nothing was written; please report this file's shape as a bug")
"""Of a mistake of our own."""
IN_PROGRAM: Final = N_("set the values in the program itself")
"""Of a database that is not understood."""
ASK_IT: Final = N_("start the program yourself and ask it something")
