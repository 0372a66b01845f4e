"""What the defections add to Django admin; each part registers its own."""

from defections.office import admin as office

__all__ = ["office"]
