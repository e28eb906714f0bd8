import { shown } from "./shown";
import { steps } from "./steps";
import "./checkout.css";
export function pay(amount: string): void {
  document.body.append("paid " + amount + shown("till") + steps.join());
}
