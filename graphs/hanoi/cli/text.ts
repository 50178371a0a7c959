/** Numbers as the lines show them. */

export const countText = (count: number): string => count.toLocaleString("en-US");

export const percentText = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const bytesText = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${(whole / 3600).toFixed(1)} h`;
}
