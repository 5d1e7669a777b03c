"""GLib's key file reader, by ctypes: sections of keys and values, in the calls that programs make."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any


class _Error(ctypes.Structure):
    _fields_ = (("domain", ctypes.c_uint32), ("code", ctypes.c_int), ("message", ctypes.c_char_p))


@cache
def _library() -> Any:
    """Raises `OSError` where there is none."""
    glib = ctypes.CDLL(ctypes.util.find_library("glib-2.0") or "libglib-2.0.so.0")
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    error = ctypes.POINTER(ctypes.POINTER(_Error))
    glib.g_key_file_new.restype = pointer
    glib.g_key_file_load_from_data.argtypes = [pointer, text, ctypes.c_size_t, ctypes.c_int, error]
    glib.g_key_file_get_groups.argtypes = [pointer, pointer]
    glib.g_key_file_get_groups.restype = ctypes.POINTER(text)
    glib.g_key_file_get_keys.argtypes = [pointer, text, pointer, error]
    glib.g_key_file_get_keys.restype = ctypes.POINTER(text)
    for name in ("g_key_file_get_string", "g_key_file_get_value"):
        getattr(glib, name).argtypes = [pointer, text, text, error]
        getattr(glib, name).restype = pointer
    glib.g_key_file_free.argtypes = [pointer]
    glib.g_free.argtypes = [pointer]
    glib.g_strfreev.argtypes = [ctypes.POINTER(text)]
    glib.g_error_free.argtypes = [ctypes.POINTER(_Error)]
    return glib


class Unread(Exception):
    """GLib's own words why it reads no such file."""


def available() -> bool:
    """Whether this machine has GLib."""
    try:
        _library()
    except OSError:
        return False
    return True


def read(text: str) -> dict[str, dict[str, object]]:
    """A value that is no string to GLib is its text in a tuple. Raises `Unread`."""
    glib = _library()
    data = text.encode()
    file = glib.g_key_file_new()
    try:
        _told(glib, lambda error: glib.g_key_file_load_from_data(file, data, len(data), 0, error))
        found: dict[str, dict[str, object]] = {}
        for group in _words(glib, glib.g_key_file_get_groups(file, None)):
            keys = _told(glib, partial(glib.g_key_file_get_keys, file, group, None))
            found[group.decode()] = {
                key.decode(): _value(glib, file, group, key) for key in _words(glib, keys)
            }
        return found
    finally:
        glib.g_key_file_free(file)


def _value(glib: Any, file: Any, group: bytes, key: bytes) -> object:
    try:
        return _taken(glib, _told(glib, lambda error: glib.g_key_file_get_string(file, group, key, error)))
    except Unread:
        raw = _told(glib, lambda error: glib.g_key_file_get_value(file, group, key, error))
        return (_taken(glib, raw),)


def _told(glib: Any, call: Callable[[Any], Any]) -> Any:
    """What a call gives. Raises `Unread` where it tells an error."""
    error = ctypes.POINTER(_Error)()
    answer = call(ctypes.byref(error))
    if error:
        message = error.contents.message.decode(errors="replace")
        glib.g_error_free(error)
        raise Unread(message)
    return answer


def _words(glib: Any, strings: Any) -> Iterator[bytes]:
    """The strings of a list that ends in NULL, which goes away."""
    try:
        at = 0
        while strings[at] is not None:
            yield strings[at]
            at += 1
    finally:
        glib.g_strfreev(strings)


def _taken(glib: Any, pointer: int) -> str:
    try:
        return ctypes.string_at(pointer).decode()
    finally:
        glib.g_free(pointer)
