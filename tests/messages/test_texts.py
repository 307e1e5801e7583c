"""Texts in the database: installed once, drafts, publishing, the office's own are safe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incasso.messages import builtin_templates
from incasso.services.sending.texts import parts_of
from incasso.store.engine import Store
from incasso.store.sending import templates

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
BUILT_IN = [(each.key, each.language, parts_of(each)) for each in builtin_templates()]


def test_installing_twice_installs_once(store: Store) -> None:
    for expected in (len(BUILT_IN), 0):
        with store.write() as connection:
            assert templates.install(connection, BUILT_IN, at=AT) == expected
    with store.read() as connection:
        found = templates.published(connection, "promemoria", "it")
        assert len(templates.all_published(connection)) == len(BUILT_IN)
        assert templates.languages_of(connection)["promemoria"] == {"it", "en", "de", "fr"}
    assert found is not None
    assert found.parts["subject"].startswith("Promemoria")


def test_a_better_text_arrives_but_never_over_the_offices_own(store: Store) -> None:
    ours, theirs = ("uno", "it", {"text": "1"}), ("due", "it", {"text": "1"})
    with store.write() as connection:
        templates.install(connection, [ours, theirs], at=AT)
        templates.save_draft(connection, "due", "it", {"text": "nostro"}, by="anna", at=AT)
    better = [("uno", "it", {"text": "2"}), ("due", "it", {"text": "2"})]
    with store.write() as connection:
        assert templates.install(connection, better, at=AT) == 1
        new = templates.published(connection, "uno", "it")
        kept = templates.published(connection, "due", "it")
        draft = templates.versions(connection, "due", "it")[0]
    assert new is not None
    assert kept is not None
    assert (new.version, new.parts) == (2, {"text": "2"})
    assert kept.parts == {"text": "1"}
    assert (draft.status, draft.parts) == ("draft", {"text": "nostro"})


def test_publishing_retires_the_one_before(store: Store) -> None:
    with store.write() as connection:
        for words in ("prima", "seconda"):
            templates.save_draft(connection, "x", "it", {"text": "bozza"}, by="anna", at=AT)
            templates.save_draft(connection, "x", "it", {"text": words}, by="anna", at=AT)
            templates.publish_draft(connection, "x", "it")
        found = templates.versions(connection, "x", "it")
    assert [(each.version, each.status, each.parts["text"]) for each in found] == [
        (2, "published", "seconda"),
        (1, "retired", "prima"),
    ]


def test_there_must_be_a_draft_to_publish(store: Store) -> None:
    with store.write() as connection, pytest.raises(LookupError, match="no draft of x"):
        templates.publish_draft(connection, "x", "it")
