"""Assemblies in Django admin: site staff form and change them; secretaries see theirs and admit people.

Whatever changes a state goes through the domain's own functions, so that it is checked and recorded. Importing
this registers all of it.
"""

from assemblies.admin import (
    assemblies,
    clearances,
    duties,
    join_requests,
    nesting,
    offices,
    participation,
)

__all__ = ["assemblies", "clearances", "duties", "join_requests", "nesting", "offices", "participation"]
