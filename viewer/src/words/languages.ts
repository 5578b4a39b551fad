/** By their numbers (appendix A); only ever appended. */
export const LANGUAGES: readonly string[] = (
  "und en zh es ar hi pt bn ru ja de fr id ko vi te mr tr ta ur it th gu fa pl uk ml kn my or pa nl ro sw el hu " +
  "cs sv he da fi nb sk bg hr sr lt lv et sl ca eu gl ga cy is mt sq mk bs hy ka az kk uz ky tg tk mn ne si km " +
  "lo am ti so ha yo ig zu xh af mg ms fil jv su ceb la eo zh-Hans zh-Hant en-US en-GB pt-BR pt-PT es-419 fr-CA " +
  "yue ps ku sd as sa nn no be lb yi mi haw qu gn ht"
).split(" ");

export const SPELLED_OUT = 255;
export const MAX_TAG_CHARS = 35;
export const TAG_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/** 2 to 8 letters, then parts of 1 to 8 letters or digits. */
export function isLanguageTag(tag: string): boolean {
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag);
}
