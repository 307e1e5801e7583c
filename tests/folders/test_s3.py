"""Exchange in a bucket: claims by marks that can be made only once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest

from incasso.api import (
    Arrived,
    AuthenticationError,
    ConfigurationError,
    ExchangeFolder,
    RejectedError,
    Secret,
    TemporaryError,
)
from incasso.plugins.folders.door import FolderDoor
from incasso.plugins.folders.s3_objects import Objects
from incasso.testing.network import closed_port
from tests.folders.buckets import bucket_at, bucket_service, client_at, in_bucket
from tests.folders.office import LATER, Clock, door_with, opened, read, stream

LOT = b"lot 7\n" * 1000


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with bucket_service() as url:
        yield url


@pytest.fixture
def theirs(url: str) -> Any:
    client = client_at(url)
    for each in client.list_objects_v2(Bucket="exchange").get("Contents", ()):
        client.delete_object(Bucket="exchange", Key=each["Key"])
    return client


@pytest.fixture
def folder(door: FolderDoor, url: str, theirs: Any) -> ExchangeFolder:
    return opened(door, in_bucket(url))


def keys(client: Any) -> list[str]:
    return [each["Key"] for each in client.list_objects_v2(Bucket="exchange").get("Contents", ())]


def came(client: Any, name: str, content: bytes) -> None:
    client.put_object(Bucket="exchange", Key=f"in/{name}", Body=content)


def test_a_file_is_laid_down_found_and_never_replaced(folder: ExchangeFolder, theirs: Any) -> None:
    stored = folder.put("LOT-7.xlsx", stream(LOT))
    assert folder.put("LOT-7.xlsx", stream(LOT)) == stored == folder.find("LOT-7.xlsx")
    assert keys(theirs) == ["out/LOT-7.xlsx"]
    with pytest.raises(RejectedError, match="other content"):
        folder.put("LOT-7.xlsx", stream(b"other"))
    assert theirs.get_object(Bucket="exchange", Key="out/LOT-7.xlsx")["Body"].read() == LOT


def test_what_came_is_claimed_once_read_and_done(folder: ExchangeFolder, theirs: Any) -> None:
    came(theirs, "B.xml", b"<b/>")
    came(theirs, "A.xml", b"<a/>")
    came(theirs, "C.xml.part", b"half")
    first, second = folder.arrived()
    assert [first.name, second.name] == ["A.xml", "B.xml"]
    claim = folder.claim(first)
    assert folder.claim(first) is None
    assert [each.name for each in folder.arrived()] == ["B.xml"]
    assert read(claim) == b"<a/>"
    assert claim is not None
    again = folder.claimed(claim.token)
    assert again is not None and again.file.identity == first.identity
    assert read(again) == b"<a/>"
    again.done()
    assert folder.claimed(claim.token) is None
    left = keys(theirs)
    assert "in/A.xml" not in left and not any("working" in each for each in left)
    [done] = [each for each in left if each.startswith("in/done/")]
    assert done.endswith("-A.xml")


def test_a_dead_readers_file_is_taken_over_once(
    folder: ExchangeFolder, theirs: Any, clock: Clock
) -> None:
    came(theirs, "A.xml", b"<a/>")
    [file] = folder.arrived()
    dead = folder.claim(file)
    clock.ahead = LATER
    [again] = folder.arrived()
    assert again.identity == file.identity
    living = folder.claim(again)
    assert living is not None and folder.claim(again) is None
    assert dead is not None
    with pytest.raises(TemporaryError, match="taken over"):
        dead.done()
    living.done()
    assert [each for each in keys(theirs) if "working" in each] == []


def test_refused_and_given_back(folder: ExchangeFolder, theirs: Any) -> None:
    came(theirs, "A.xml", b"<a")
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None
    claim.give_back()
    assert list(folder.arrived()) == [file]
    claim = folder.claim(file)
    assert claim is not None
    claim.refused("it ends too early")
    refused = [each for each in keys(theirs) if each.startswith("in/refused/")]
    assert [each.partition("-A")[2] for each in sorted(refused)] == [".xml", ".xml.txt"]
    assert list(folder.arrived()) == []


def test_an_object_replaced_meanwhile_is_not_what_was_claimed(
    folder: ExchangeFolder, theirs: Any
) -> None:
    came(theirs, "A.xml", b"<one/>")
    [file] = folder.arrived()
    claim = folder.claim(file)
    came(theirs, "A.xml", b"<two/>")
    assert claim is not None
    with pytest.raises(TemporaryError, match="taken over"):
        claim.open()
    [new] = folder.arrived()
    assert read(folder.claim(new)) == b"<two/>"


def test_check_leaves_nothing(folder: ExchangeFolder, theirs: Any) -> None:
    came(theirs, "A.xml", b"<a/>")
    facts = folder.check()
    assert facts.waiting == 1 and facts.identity == "s3://exchange/in"
    assert keys(theirs) == ["in/A.xml"]


def test_a_service_that_writes_a_name_twice_is_refused(
    folder: ExchangeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Objects, key: str, content: Any, *, effect: str = "") -> None:
        self._client.put_object(Bucket=self.given.bucket, Key=key, Body=content)

    monkeypatch.setattr(Objects, "create", create)
    with pytest.raises(ConfigurationError, match="two readers could take one file"):
        folder.check()


def test_what_a_service_refuses(door: FolderDoor, url: str) -> None:
    login = in_bucket(url, s3=bucket_at(url, bucket="nobodys"))
    with pytest.raises(ConfigurationError, match="NoSuchBucket"):
        opened(door, login).check()
    silent = in_bucket(url, s3=bucket_at(f"http://127.0.0.1:{closed_port()}"))
    with pytest.raises(TemporaryError, match="exchange: Could not connect"):
        opened(door, silent).put("A.xml", stream(LOT))


def test_access_denied_pauses(
    folder: ExchangeFolder, monkeypatch: pytest.MonkeyPatch, door: FolderDoor, url: str
) -> None:
    from botocore.exceptions import ClientError

    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    def refuse(**_: Any) -> None:
        raise denied

    monkeypatch.setattr(door.client(bucket_at(url)), "put_object", refuse)
    with pytest.raises(AuthenticationError, match="exchange refuses out/A"):
        folder.put("A.xml", stream(LOT))


def test_half_of_an_access_key_and_a_private_endpoint(url: str) -> None:
    with pytest.raises(ConfigurationError, match="secret_key: missing"):
        bucket_at(url, secret_key=Secret(""))
    with pytest.raises(ConfigurationError, match="endpoint: is no web address"):
        bucket_at("s3.example.it")
    door = door_with()
    door.office = replace(door.office, allow_private=False)
    with pytest.raises(ConfigurationError, match="private address"):
        opened(door, in_bucket(url)).check()


def test_two_readers_get_each_object_once(url: str, theirs: Any) -> None:
    """Both see all of them before either begins."""
    names = [f"back-{number:02}.xml" for number in range(16)]
    for name in names:
        came(theirs, name, name.encode())
    doors = door_with(), door_with()
    folders = [opened(door, in_bucket(url)) for door in doors]
    seen = [list(folder.arrived()) for folder in folders]
    taken: list[str] = []

    def take(folder: ExchangeFolder, files: list[Arrived]) -> None:
        for file in files:
            if (claim := folder.claim(file)) is not None:
                assert read(claim) == file.name.encode()
                claim.done()
                taken.append(file.name)

    readers = [Thread(target=take, args=each) for each in zip(folders, seen, strict=True)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(taken) == names
    assert len([each for each in keys(theirs) if each.startswith("in/done/")]) == len(names)
    for door in doors:
        door.close()
