/* A tenant's accent, made readable. Contrast after WCAG 2.2 (relative luminance of sRGB). */

const ENOUGH = 4.5;
const SURFACE = { light: [255, 255, 255], dark: [21, 28, 38] };

/** @returns {[number, number, number] | null} */
export function parseHex(text) {
  const short = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text ?? "");
  const long = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text ?? "");
  if (long) return long.slice(1).map((part) => parseInt(part, 16));
  return short ? short.slice(1).map((part) => parseInt(part + part, 16)) : null;
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const toward = (rgb, goal, share) => rgb.map((value, i) => Math.round(value + (goal[i] - value) * share));
const css = (rgb) => `rgb(${rgb.join(" ")})`;

/**
 * The accent nearest to `hex` with 4.5:1 on the theme's surface, and the text colour for it.
 * @param {string} hex "#0b6b5d" or "#0b6"
 * @param {"light" | "dark"} theme
 * @returns {Record<string, string> | null} custom properties; null when `hex` is no colour
 */
export function accentTokens(hex, theme) {
  const wish = parseHex(hex);
  if (!wish) return null;
  const surface = SURFACE[theme];
  const goal = theme === "dark" ? [255, 255, 255] : [0, 0, 0];
  let accent = wish;
  for (let share = 0; contrast(accent, surface) < ENOUGH && share < 1; share += 0.04) accent = toward(wish, goal, share);
  return {
    "--accent": css(accent),
    "--accent-hover": css(toward(accent, goal, 0.12)),
    "--on-accent": css(surface),
    "--accent-soft": css(toward(accent, surface, 0.86)),
  };
}
