import { PlatformMark, type Platform } from './platforms';

/** A colour derived from the name, so it is the same everywhere. */
const hueOf = (name: string) => [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7);

/** First letters of the first and last word: `Nguyễn Thị Ánh 🌸` is `NÁ`. */
const initialsOf = (name: string) => {
  const words = name.match(/\p{L}\S*/gu) ?? [];
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? '')][0] ?? '').join('').toLocaleUpperCase('vi') || '?';
};

/** Initials instead of pictures: the platforms' picture URLs expire, and loading them would reveal who is viewing. */
export function Avatar({ name, platform }: { name: string; platform?: Platform }) {
  return (
    <span className="avatar" style={{ '--hue': hueOf(name) } as React.CSSProperties}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      {platform && <PlatformMark platform={platform} />}
    </span>
  );
}
