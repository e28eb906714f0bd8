// A script of old: its name is everybody's.
var shopSettings = { currency: "EUR", isOpen: true };
