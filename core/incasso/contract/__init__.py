"""What crosses the plugin border: values, records, errors, capabilities, hooks.

This floor imports the standard library and msgspec, nothing else. Plugins reach it
through `incasso.api`.
"""
