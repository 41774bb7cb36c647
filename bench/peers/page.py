"""One page by requests. A module of its own, so that worker processes can import it by name."""
import functools
import time

import requests

from peer import CHARACTERS


@functools.lru_cache(maxsize=None)
def session():
    """One for each process, because a session keeps its connections."""
    return requests.Session()


def first_characters(url, by=None):
    answer = (by or session()).get(url, timeout=60)
    answer.raise_for_status()
    return answer.text[:CHARACTERS]


def wait(_):
    """Keeps a worker busy for a moment, so that the others are started too."""
    time.sleep(0.05)
