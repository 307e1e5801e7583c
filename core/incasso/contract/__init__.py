"""What crosses the plugin border: values, records, errors, capabilities, hooks.

This package imports only the standard library and msgspec. Plugins import it through `incasso.api`.
"""
