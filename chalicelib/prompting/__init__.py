"""Pure: chat, card, worlds and preset in; prompt out."""
