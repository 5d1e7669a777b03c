#!/usr/bin/python
"""Documentation alone: the work is done by the action plugin of the same name."""

# Copyright: the authors of vsegpt-patch
# MIT license (see LICENSE)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vsegpt_patch
short_description: Point programs at VseGPT, or take it back
version_added: "0.1.0"
description:
  - Sets handler, key, URL and model in the settings files of programs such as Continue or aider, for one user
    or for many. Every other byte of these files stays as it is.
  - Ships the program C(vsegpt-patch) to the host as one file, for the time of the task. Nothing is installed there.
  - The key goes to the program by its standard input. It is written to no file but the patched ones, and is in no
    argument, variable of the environment or result.
options:
  tools:
    description:
      - The programs, by their names in C(vsegpt-patch list).
      - Exactly one of O(tools) and O(all) is needed.
    type: list
    elements: str
  all:
    description: Every supported program that is found in the home; with O(state=absent) all that was written there.
    type: bool
  users:
    description:
      - The users whose programs they are. Their homes are those of the host's passwd database.
      - For other users than the one that the task runs as, it has to run as root (C(become)). The program gives up
        root's rights before it touches a home.
      - Without it, the user that the task runs as.
    type: list
    elements: str
  state:
    description:
      - V(present) points the programs at VseGPT.
      - V(absent) takes back what was written for them, and spares what was changed since.
    type: str
    choices: [present, absent]
    default: present
  key:
    description: The VseGPT key, from a vault or a lookup. Needed with O(state=present), but for a program that is set by hand.
    type: str
  endpoint:
    description: The gateway's address, if it is not VseGPT's main one.
    type: str
  model:
    description: The model to use, if not the program's choice.
    type: str
  beta:
    description: Also patch programs whose address at VseGPT is a beta.
    type: bool
    default: false
  force:
    description: Also patch a program that runs and may write over the change.
    type: bool
    default: false
  lang:
    description: The language of messages.
    type: str
    choices: [en, ru]
    default: en
  purge:
    description: With O(state=absent), also remove the backups, which hold former keys. Then nothing can be taken back any more.
    type: bool
    default: false
  repoint:
    description: Also re-point other entries that use OpenAI's own address.
    type: bool
    default: false
  strict:
    description: If one program of a user is refused, write nothing for that user.
    type: bool
    default: false
  tighten:
    description: Let nobody else read the files that hold the key.
    type: bool
    default: false
attributes:
  check_mode:
    description: Shows what would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows unified diffs with every key masked.
    support: full
  platform:
    description: Homes and users as on POSIX systems.
    platforms: posix
    support: full
requirements:
  - Python 3.11 or newer on the host, nothing else
  - A connection that can pass standard input, as V(ssh) and V(local) do
notes:
  - A program that cannot be patched fails the task, with the reason; what else was asked for is done all the same.
  - Backups stay in each home, readable by its user alone, so that everything can be taken back.
author:
  - The authors of vsegpt-patch (@vsegpt-patch)
"""

EXAMPLES = r"""
- name: Three programs of two users use VseGPT
  vsegpt.patch.vsegpt_patch:
    tools: [aider, continue, crush]
    users: [alice, bob]
    key: "{{ vsegpt_key }}"
  become: true

- name: All that the connecting user has, where a firewall blocks port 6070
  vsegpt.patch.vsegpt_patch:
    all: true
    endpoint: https://api.vsegpt.ru
    key: "{{ vsegpt_key }}"

- name: Take it back, and leave no old key behind
  vsegpt.patch.vsegpt_patch:
    all: true
    users: [alice, bob]
    state: absent
    purge: true
  become: true
"""

RETURN = r"""
users:
  description: What was done, user by user.
  returned: always, once the program ran
  type: list
  elements: dict
  contains:
    user:
      description: The user's name.
      type: str
      sample: alice
    error:
      description: Why nothing could be done for this user.
      type: str
      sample: null
    tools:
      description: What was done for each program.
      type: list
      elements: dict
      contains:
        tool:
          description: The program.
          type: str
          sample: continue
        status:
          description:
            - V(patched), V(would-patch), V(unchanged), V(refused), or V(guide) for one that is set by hand.
            - With O(state=absent) V(taken-back), V(would-take-back), V(unchanged) or V(refused).
          type: str
          sample: patched
        files:
          description: Its settings files, and whether each was left (V(none)), changed, created or removed.
          type: list
          elements: dict
          sample: [{"path": "~/.continue/config.yaml", "action": "change"}]
        problems:
          description: Why it was refused, and what to do.
          type: list
          elements: str
          sample: []
        guide:
          description: What to do by hand, where no file can be patched.
          type: str
          sample: null
"""
