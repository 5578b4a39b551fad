"""The profiles: which parts of a Scene a file is made of. They satisfy `contracts.Profile`.

A file does not say its profile: it has a picture (tokens, a base) or it has none.
"""

from __future__ import annotations

from dataclasses import replace

from semcodec.types import Scene


class AnchorProfile:
    """Words, regions, and a picture: tokens (anchors, which the painter never alters) or a base."""

    name = "anchor"
    sends_tokens = True

    def keep(self, scene: Scene) -> Scene:
        return replace(scene, edges=None)


class TextProfile:
    """Only what is said in words. What is painted of it is an impression."""

    name = "text"
    sends_tokens = False

    def keep(self, scene: Scene) -> Scene:
        return replace(scene, tokens=None, base=None, edges=None, pixels=None)


PROFILES = (AnchorProfile(), TextProfile())


def find_profile(name: str) -> AnchorProfile | TextProfile:
    """Raises ValueError for a name that is none."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    raise ValueError(f"profile {name!r} is none of {', '.join(profile.name for profile in PROFILES)}")


def profile_of(scene: Scene) -> AnchorProfile | TextProfile:
    """The profile that a Scene read from a file has."""
    pictures = (scene.tokens, scene.base, scene.pixels)
    return find_profile("text" if all(picture is None for picture in pictures) else "anchor")
