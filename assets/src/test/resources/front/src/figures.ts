import { draw } from "drawing";

export function chart(values: number[]): string {
  return draw(values);
}
