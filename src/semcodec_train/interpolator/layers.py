"""Moving, layered photographs: what no clip shows often, large and known motion. Made on the device, a batch at a time.

Shapes: N = scenes; P = photographs; S = pixels of a side. A layer is a photograph that pans, turns and zooms; all but
the last one are cut out along wavy outlines, some out of the very photograph behind them (parts of it that move).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

NUM_LAYERS = 4
THERE = 0.6  # how often each of those in front is
WAVES = 5  # of an outline


class Scene(NamedTuple):
    """Frames at 0, `time` (N, 1) and 1, (N, 3, S, S) in -1..1; motion in px, (N, 2, S, S), of what is seen: from the
    first to the last and back, and from the middle to the first and to the last.
    """

    first: Tensor
    middle: Tensor
    last: Tensor
    time: Tensor
    flows: tuple[Tensor, ...]


class _Layer:
    """A photograph's place at all times: turned by `angle`, zoomed by e^`zoom`, its point `centre` at `place`; the
    three are linear in time.
    """

    def __init__(self, angle: Tensor, zoom: Tensor, place: Tensor, centre: Tensor) -> None:
        self.angle, self.zoom, self.place, self.centre = angle, zoom, place, centre  # (N, 2 times[, 2])

    def _at(self, time: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        angle, zoom = (x[:, :1] + (x[:, 1:] - x[:, :1]) * time for x in (self.angle, self.zoom))
        place = self.place[:, 0] + (self.place[:, 1] - self.place[:, 0]) * time
        return angle[..., None], zoom[..., None], place[:, None, None]

    def inside(self, screen: Tensor, time: Tensor) -> Tensor:
        """Where in the photograph, from its centre, each point of the screen (N, S, S, 2) lies; px of it."""
        angle, zoom, place = self._at(time)
        return _turned(screen - place, angle) * torch.exp(-zoom[..., None])

    def outside(self, inside: Tensor, time: Tensor) -> Tensor:
        """The reverse of `inside`."""
        angle, zoom, place = self._at(time)
        return _turned(inside * torch.exp(zoom[..., None]), -angle) + place


def _turned(points: Tensor, angle: Tensor) -> Tensor:
    cos, sin = torch.cos(angle), torch.sin(angle)
    x, y = points[..., 0], points[..., 1]
    return torch.stack([cos * x - sin * y, sin * x + cos * y], -1)


class LayeredPhotos:
    """Scenes without end from square photographs, (P, 3, S, S) uint8 on their device."""

    def __init__(self, photos: Tensor, *, seed: int) -> None:
        self._photos = photos
        self._rng = torch.Generator(device=photos.device).manual_seed(seed)

    def get(self, num: int, side_px: int, *, reach: float, middle: bool = True) -> Scene:
        """`reach`: how far a layer moves at most, in sides. Without `middle` the first frame stands in its place, and
        no motion from it is told.
        """
        device = self._photos.device
        line = torch.arange(side_px, device=device, dtype=torch.float32) - (side_px - 1) / 2
        screen = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)[None].expand(num, -1, -1, -1)
        time = self._uniform(0.06, 0.94, num, 1)
        behind = self._layer(num, side_px, reach, camera=None)
        camera = behind.place[:, 1] - behind.place[:, 0]
        number = torch.randint(len(self._photos), (num,), generator=self._rng, device=device)
        layers = [(self._photos[number].float() / 127.5 - 1, behind, None)]
        for _ in range(NUM_LAYERS - 1):
            mine, layer, outline = self._in_front(num, side_px, reach, camera, number, behind)
            layers.append((self._photos[mine].float() / 127.5 - 1, layer, outline))
        times = [torch.zeros_like(time), time, torch.ones_like(time)]
        frames: dict[int, Tensor] = {}
        flows: dict[tuple[int, int], Tensor] = {}
        for now, others in ((0, (2,)), (1, (0, 2)), (2, (0,))):
            if now == 1 and not middle:
                continue
            frame = torch.zeros(num, 3, side_px, side_px, device=device)
            seen = {other: torch.zeros(num, side_px, side_px, 2, device=device) for other in others}
            for photo, layer, outline in layers:
                inside = layer.inside(screen, times[now])
                cover = torch.ones_like(inside[..., 0]) if outline is None else outline.cover(inside)
                shown = self._read(photo, inside + layer.centre[:, None, None])
                frame = frame + cover[:, None] * (shown - frame)
                for other in others:
                    there = layer.outside(inside, times[other]) - screen
                    seen[other] = torch.where(cover[..., None] > 0.5, there, seen[other])
            frames[now] = frame
            flows |= {(now, other): flow.permute(0, 3, 1, 2) for other, flow in seen.items()}
        lit = self._lit(frames, times)
        known = tuple(flows[way] for way in ((0, 2), (2, 0), (1, 0), (1, 2)) if way in flows)
        return Scene(lit[0], lit[1] if middle else lit[0], lit[2], time, known)

    def _in_front(
        self, num: int, side_px: int, reach: float, camera: Tensor, behind_photo: Tensor, behind: _Layer
    ) -> tuple[Tensor, _Layer, _Outline]:
        layer = self._layer(num, side_px, reach, camera=camera)
        photo = torch.randint(len(self._photos), (num,), generator=self._rng, device=behind_photo.device)
        part = self._uniform(0, 1, num) < 0.3  # a part of what is behind moves
        photo = torch.where(part, behind_photo, photo)
        for mine, theirs in ((layer.angle, behind.angle), (layer.zoom, behind.zoom)):
            mine += torch.where(part[:, None], theirs[:, :1] - mine[:, :1], 0.0)
        there = behind.inside(layer.place[:, 0][:, None, None], torch.zeros_like(behind.angle[:, :1]))[:, 0, 0]
        layer.centre = torch.where(part[:, None], there + behind.centre, layer.centre)
        is_there = self._uniform(0, 1, num) < THERE
        return photo, layer, _Outline(self, num, side_px, is_there)

    def _layer(self, num: int, side_px: int, reach: float, *, camera: Tensor | None) -> _Layer:
        spread = self._uniform(0, 1, num, 1) ** 2  # most move little
        way, turn = self._uniform(-math.pi, math.pi, num), self._normal(num) * 0.2 * spread[:, 0]
        far = spread * reach * side_px * self._uniform(0.3, 1.0, num, 1)
        moved = torch.stack([torch.cos(way), 0.7 * torch.sin(way)], 1) * far
        begin = self._uniform(-0.45, 0.45, num, 2) * side_px
        angle = self._normal(num) * 0.15
        zoom = self._uniform(-0.35, 0.45, num)
        zoomed = (self._normal(num) * 0.16 * spread[:, 0]).clamp(-0.4, 0.4)
        size = self._photos.shape[-1]
        if camera is None:
            begin = begin * 0.1
        else:
            moved = moved + camera * (self._uniform(0, 1, num, 1) < 0.7)
            angle = angle * 4
        begin = begin - moved / 2
        return _Layer(
            torch.stack([angle, angle + turn], 1),
            torch.stack([zoom, zoom + zoomed], 1),
            torch.stack([begin, begin + moved], 1),
            self._uniform(0.3, 0.7, num, 2) * size,
        )

    def _read(self, photo: Tensor, at: Tensor) -> Tensor:
        place = at * (2 / (photo.shape[-1] - 1)) - 1
        return F.grid_sample(photo, place, mode="bilinear", padding_mode="reflection", align_corners=True)

    def _lit(self, frames: dict[int, Tensor], times: list[Tensor]) -> dict[int, Tensor]:
        """A third of the scenes grow brighter or darker, and change their colours a little."""
        num = len(frames[0])
        changes = (self._uniform(0, 1, num, 1) < 0.33).float()
        gain = changes * (self._normal(num, 1) * 0.12 + self._normal(num, 3) * 0.03).clamp(-0.35, 0.35)
        factors = {now: (1 + gain * (times[now] - 0.5))[:, :, None, None] for now in frames}
        return {now: ((frame + 1) * factors[now] - 1).clamp(-1, 1) for now, frame in frames.items()}

    def _uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self._rng, device=self._photos.device) * (high - low) + low

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self._rng, device=self._photos.device)


class _Outline:
    """A wavy closed line around a layer's centre, some flat as a bar."""

    def __init__(self, photos: LayeredPhotos, num: int, side_px: int, is_there: Tensor) -> None:
        self._radius = side_px * (0.06 + 0.3 * photos._uniform(0, 1, num) ** 1.5) * is_there
        self._flat = photos._uniform(0.0, 1.0, num) ** 0.7 * 0.9 + 0.12
        self._angle = photos._uniform(0, math.pi, num)
        self._phase = photos._uniform(0, 2 * math.pi, num, WAVES)
        self._wave = photos._normal(num, WAVES) * 0.22 / torch.arange(1, WAVES + 1, device=is_there.device) ** 0.7
        self._soft = photos._uniform(0.5, 1.5, num)

    def cover(self, inside: Tensor) -> Tensor:
        """(N, S, S), 0..1: how much of each point is covered."""
        points = _turned(inside, self._angle[:, None, None])
        x, y = points[..., 0], points[..., 1] / self._flat[:, None, None]
        around, far = torch.atan2(y, x), torch.sqrt(x * x + y * y + 1e-6)
        edge = torch.ones_like(far)
        for k in range(WAVES):
            edge = edge + self._wave[:, k, None, None] * torch.cos((k + 1) * around + self._phase[:, k, None, None])
        scale = self._flat.clamp(max=1.0)[:, None, None] / self._soft[:, None, None]
        cover = torch.sigmoid(2 * (self._radius[:, None, None] * edge.clamp(min=0.25) - far) * scale)
        return cover * (self._radius > 0)[:, None, None]
