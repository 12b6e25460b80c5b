import { PlatformMark, type Platform } from './platforms';

/** The same name has the same colour everywhere. */
const hueOf = (name: string) => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7);

/** First letters of the first and last word: `Nguyễn Thị Ánh 🌸` is `NÁ`. */
const initialsOf = (name: string) => {
  const words = name.match(/\p{L}\S*/gu) ?? [];
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? '')][0] ?? '').join('').toLocaleUpperCase('vi') || '?';
};

/** Initials instead of pictures: those of platforms are behind addresses that expire, and tell who looks at them. */
export function Avatar({ name, platform }: { name: string; platform?: Platform }) {
  return (
    <span className="avatar" style={{ '--hue': hueOf(name) } as React.CSSProperties}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      {platform && <PlatformMark platform={platform} />}
    </span>
  );
}
