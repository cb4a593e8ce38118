"""The page that shows what arrived at a receiver, or what left this machine: all escaped, nothing fetched elsewhere.

`routes` answers; `access` checks who asks and sets the headers; `list_page` and `detail_page` make what the templates
show; `source` and `ledger_source` are what a page is about.
"""
