import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { withText } from "../page/png.js";

test("a PNG file with text is the same picture, and says what it was given", async () => {
  const plain = await sharp({ create: { width: 3, height: 2, channels: 3, background: "#123456" } })
    .png()
    .toBuffer();
  const said = Buffer.from(withText(plain, { Software: "semcodec", Title: "Zwei Äras" }));
  assert.deepEqual(await sharp(said).raw().toBuffer(), await sharp(plain).raw().toBuffer());
  // The sign by which `semcodec decode` knows what it may replace, with the CRC that its writer gives it.
  assert.ok(said.includes(Buffer.from("\0\0\0\x11tEXtSoftware\0semcodec", "latin1")));
  const { comments } = await sharp(said).metadata();
  assert.deepEqual(comments, [
    { keyword: "Software", text: "semcodec" },
    { keyword: "Title", text: "Zwei Äras" },
  ]);
});
