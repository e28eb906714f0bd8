import { format } from "money";
import { add } from "basket";
import { shown } from "./shown";
import { chart } from "./figures";
import "./main.css";

const button = document.createElement("button");
button.textContent = format(add(3, 4)) + shown("shop");
button.onclick = async () => {
  const { pay } = await import("./checkout");
  pay(chart([1, 2, 3]));
};
document.body.append(button);
