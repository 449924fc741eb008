"""Pure parts of phone: numbers and slots."""
