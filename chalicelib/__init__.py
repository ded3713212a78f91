"""The back end of TavernAI Plus; docs/architecture.md draws its floors."""
