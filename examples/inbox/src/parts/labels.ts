/** A custom field's key as a label: `cf_last_order` is `Last order`. */
export function labelOf(key: string): string {
  const words = key.replace(/^cf_/, '').replaceAll('_', ' ');
  return words.charAt(0).toLocaleUpperCase('vi') + words.slice(1);
}
