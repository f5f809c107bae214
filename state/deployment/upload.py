"""Uploads a small blob by Artifortress's protocol, and fetches it again."""

import hashlib
import os
from urllib.parse import quote

from yarl import URL

from state.deployment.action import SLOW, ActionFailed, Do, json_of, refuse, within
from state.deployment.api import Api
from state.deployment.bodies import BodyError, UploadSession, parse
from state.readings import ReadingClass

#: Bytes of the blob: random, so that no store has it already.
_BLOB = 256


class Upload:
    """One upload of a blob that nobody else has, step by step, and its download from another replica.

    The content goes where `uploadUrl` says, which may be the object store: it never gets the token.
    """

    def __init__(self, api: Api, repository: str) -> None:
        self._api = api
        self._content = os.urandom(_BLOB)
        self._digest = hashlib.sha256(self._content).hexdigest()
        self._repository = f"/v1/repos/{quote(repository, safe='')}"
        self._session = ""
        self._target = ""
        self._etag = ""
        self._downloaded = b""

    def actions(self) -> list[tuple[str, Do]]:
        """The steps in their order, each with its name."""
        return [
            ("begin upload", self._begin),
            ("ask where to send", self._part),
            ("send content", self._send),
            ("complete upload", self._complete),
            ("commit", self._commit),
            ("download", self._download),
            ("compare digest", self._compare),
        ]

    async def _begin(self) -> str:
        wanted = {"ExpectedDigest": self._digest, "ExpectedLength": len(self._content)}
        session = await self._post("", wanted, "initiated")
        if session.id is None:
            raise BodyError("no uploadId in the answer")
        self._session = f"/{session.id}"
        return f"{len(self._content)} random bytes announced"

    async def _part(self) -> str:
        session = await self._post("/parts", {"PartNumber": 1}, "parts_uploading")
        try:
            # Relative addresses are those of the replica that gave them.
            target = URL(self._api.replicas[0]).join(URL(session.url or "", encoded=True))
        except ValueError:
            raise BodyError("uploadUrl is no usable address") from None
        if not session.url or target.scheme not in ("http", "https") or not target.host:
            raise BodyError("uploadUrl is no usable address")
        self._target = str(target)
        return f"to {target.host}"

    async def _send(self) -> str:
        answer = await within(
            self._api.wire.send("PUT", self._target, with_token=False, limits=SLOW, content=self._content)
        )
        if answer.code not in (200, 201, 204):
            # Neither its body nor its address: the address is a permission in itself.
            taken = ReadingClass.SERVER_ERROR if answer.code >= 500 else ReadingClass.BAD_BODY
            raise ActionFailed(taken, f"{answer.code}: the content was not taken")
        self._etag = answer.etag
        return "taken"

    async def _complete(self) -> str:
        parts = [{"PartNumber": 1, "ETag": self._etag}]
        return (await self._post("/complete", {"Parts": parts}, "pending_commit")).state

    async def _commit(self) -> str:
        session = await self._post("/commit", None, "committed")
        if session.digest is not None and session.digest.lower() != self._digest:
            raise ActionFailed(ReadingClass.BAD_BODY, "committed under another digest")
        return f"committed as sha256:{self._digest[:12]}…"

    async def _download(self) -> str:
        # From another replica where there is one: what one of them keeps to itself is not stored.
        replica = self._api.replicas[-1]
        url = f"{replica}{self._repository}/blobs/{self._digest}"
        answer = await within(self._api.wire.get(url, with_token=True, limits=SLOW))
        refuse(self._api, answer)
        self._downloaded = answer.body
        return f"{len(answer.body)} bytes from {replica}"

    async def _compare(self) -> str:
        found = hashlib.sha256(self._downloaded).hexdigest()
        if found != self._digest:
            raise ActionFailed(
                ReadingClass.BAD_BODY, f"sha256:{found[:12]}… came back, not sha256:{self._digest[:12]}…"
            )
        return "what came back is what was sent"

    async def _post(self, step: str, body: object, state: str) -> UploadSession:
        url = f"{self._api.replicas[0]}{self._repository}/uploads{self._session}{step}"
        sending = self._api.wire.send("POST", url, with_token=True, limits=SLOW, json=body)
        session = parse(UploadSession, json_of(self._api, await within(sending), (200, 201)))
        if session.state != state:
            raise ActionFailed(ReadingClass.BAD_BODY, f"the upload is {session.state}, not {state}")
        return session
