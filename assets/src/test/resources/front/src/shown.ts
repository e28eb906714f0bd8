export function shown(name: string): string {
  return " in the " + name;
}
export function neverAskedFor(): string {
  return "this text is shaken off";
}
