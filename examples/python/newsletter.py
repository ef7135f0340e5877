"""A small integration with Emma: what your software might have. Nothing in it knows of the emulator."""

import time

import requests


class Newsletter:
    """People who want mail. `base_url` is https://api.e2ma.net/ACCOUNT, or the emulator's."""

    def __init__(self, base_url: str, public_key: str, private_key: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.auth = (public_key, private_key)

    def subscribe(self, email: str, first_name: str) -> int:
        """The id of the member. A failure of the vendor's is tried again, twice."""
        body = {"email": email, "fields": {"first_name": first_name}}
        for pause in (0.1, 0.2, None):
            answer = self._session.post(f"{self._base_url}/members/add", json=body, timeout=10)
            if answer.status_code < 500 or pause is None:
                break
            time.sleep(pause)
        answer.raise_for_status()
        return int(answer.json()["member_id"])

    def is_subscribed(self, email: str) -> bool:
        """Whether this address is known and has not opted out."""
        answer = self._session.get(f"{self._base_url}/members/email/{email}", timeout=10)
        if answer.status_code == 404:
            return False
        answer.raise_for_status()
        return answer.json()["member_status_id"] == "a"
