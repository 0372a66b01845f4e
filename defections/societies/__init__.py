"""The pages on which societies say what they ask and whether they can decide, and hand cases on (D11, D18)."""
