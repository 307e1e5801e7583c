"""The read side: complete lists for people and outside programs, streamed and sorted.

Each list is declared once (`listing.py` says how); `reading.read_list` reads any of them, within
the scope of whoever asks. Declaring a list costs no import of SQLAlchemy.
"""
