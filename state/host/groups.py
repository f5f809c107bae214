"""The logins and groups of this host by name, and whether this login may share with a group."""

import grp
import os
import pwd


def login_name(user: int) -> str:
    """The name of a login, or its number where this host does not know it."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def group_name(group: int) -> str:
    """The name of a group, or its number where this host does not know it."""
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


def group_named(name: str) -> int | None:
    """The id of a group; None where this host has none of that name."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def is_member(user: int, group: int) -> bool:
    """Whether a login is in the group, as far as this host knows."""
    try:
        person = pwd.getpwuid(user)
    except KeyError:
        return False
    return group in os.getgrouplist(person.pw_name, person.pw_gid)


def unshared(name: str) -> tuple[str, str]:
    """Why this login can share nothing with a group, and the mend; both empty where it can."""
    group = group_named(name)
    if group is None:
        return f"there is no group {name} on this host", f"groupadd {name}, or mend [people] group"
    # Of this process: who was made a member since the log-in does not have its rights yet.
    if group not in (os.getegid(), *os.getgroups()):
        login = login_name(os.geteuid())
        return (
            f"{login} is not a member of the group {name}",
            f"usermod -aG {name} {login}, then log in again",
        )
    return "", ""
