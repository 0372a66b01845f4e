"""Ground floor: what was done (Event), what is to be told (Message), the keyring."""
