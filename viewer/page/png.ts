/** A PNG file with what is said of its picture. */

const CHUNKS_BEGIN = 33; // behind the signature and IHDR

/** Text by keyword, as PNG has it; `Software` is the sign by which `semcodec` knows its own. */
export function withText(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  const parts = [png.subarray(0, CHUNKS_BEGIN), ...chunks, png.subarray(CHUNKS_BEGIN)];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function textChunk(keyword: string, text: string): Uint8Array {
  const encode = (part: string) => new TextEncoder().encode(part);
  // (tEXt is Latin-1: what is more than ASCII goes into iTXt, uncompressed, of no language)
  const isPlain = /^[\x20-\x7e]*$/.test(text);
  const content = encode(isPlain ? `${keyword}\0${text}` : `${keyword}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(content.length + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  chunk.set(encode(isPlain ? "tEXt" : "iTXt"), 4);
  chunk.set(content, 8);
  view.setUint32(content.length + 8, crc32(chunk.subarray(4, content.length + 8)));
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
