"""How an assembly decides: from an idea to an outcome and the work that follows."""
