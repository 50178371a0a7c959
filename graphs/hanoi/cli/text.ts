/** Numbers as the lines show them. */

export const countText = (count: number): string => count.toLocaleString("en-US");

export const percentText = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const bytesText = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${(seconds % 60).toFixed(0)} s` : `${(minutes / 60).toFixed(1)} h`;
}
