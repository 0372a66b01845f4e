"""From the public defection form to the letter."""
