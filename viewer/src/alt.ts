import type { Regions, Words } from "./types.js";

/** How a guess begins, by the first part of a language tag, as `semcodec info --alt` says it. */
const MAY_SHOW: Readonly<Record<string, string>> = {
  en: "May show",
  ar: "قد تُظهر الصورة",
  cs: "Možná zobrazuje",
  da: "Viser måske",
  de: "Zeigt vielleicht",
  es: "Puede mostrar",
  fi: "Saattaa esittää",
  fr: "Montre peut-être",
  hi: "शायद दिखाया गया है",
  id: "Mungkin menampilkan",
  it: "Potrebbe mostrare",
  ja: "写っている可能性があるもの",
  ko: "다음이 보일 수 있음",
  nb: "Viser kanskje",
  nl: "Toont mogelijk",
  pl: "Może przedstawiać",
  pt: "Pode mostrar",
  ru: "Возможно, изображено",
  sv: "Visar kanske",
  tr: "Şunu gösteriyor olabilir",
  uk: "Можливо, зображено",
  vi: "Có thể hiển thị",
  zh: "可能显示",
};

/** Alternative text of words: a machine's are a guess, and say so; a human's are given as they are. */
export function altOf({ text, origin, language }: Words): string {
  const line = text.trim().split(/\s+/u).join(" ");
  if (origin === "human" || line === "") return line;
  return `${MAY_SHOW[language.split("-")[0].toLowerCase()] ?? MAY_SHOW.en}: ${line}`;
}

/** What can be said where there are no words: the phrases of regions, each once, the largest first. */
export function wordsOfRegions({ items, language, origin }: Regions): Words {
  return { text: [...new Set(items.map(({ phrase }) => phrase))].join(", "), language, origin };
}
